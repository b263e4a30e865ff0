/**
 * The input of the chaos run, and what an index must answer at every watermark. Each partition rewrites all pulse documents with its own
 * number, so that a read that mixed two generations would show two numbers; it also brings new documents, rewrites old ones and
 * deletes some.
 */
import { parquetWriteBuffer } from 'hyparquet-writer';
import { createRandom, type Random } from '#src/gen/random.js';

/** Documents that every partition rewrites. */
export const PULSES = 8;
const NEW_DOCS = 12;
const REWRITTEN = 4;
const DELETED = 2;

const FIRST_MS = Date.UTC(2026, 0, 1);
const STEP_MS = 60_000;

export interface Row {
  readonly id: string;
  readonly kind: 'pulse' | 'doc';
  /** The partition that wrote it. */
  readonly stamp: number;
  readonly deleted: boolean;
}

/** Time of the partition with this number, the first being 1. */
export const timeOf = (number: number): number => FIRST_MS + (number - 1) * STEP_MS;

/** The other way round; 0 before the first partition. */
export const numberOf = (time: number): number => (time - FIRST_MS) / STEP_MS + 1;

/** What must be live once partitions 1 to n are in, for every n by now. */
export class World {
  readonly #random: Random;
  readonly #live = new Map<string, number>();
  readonly #counts: number[] = [0];
  #partitions = 0;

  constructor(seed: number) {
    this.#random = createRandom(seed, 1);
  }

  get partitions(): number {
    return this.#partitions;
  }

  /** Live documents of kind `doc`, by id, with the partition that wrote them, after all partitions. */
  get live(): ReadonlyMap<string, number> {
    return this.#live;
  }

  /** How many documents of kind `doc` are live at the watermark of a partition. */
  docsAt(number: number): number | undefined {
    return this.#counts[number];
  }

  /** The rows of the next partition. */
  next(): readonly Row[] {
    const stamp = ++this.#partitions;
    const pulses = Array.from({ length: PULSES }, (_, i) => ({
      id: `pulse-${i}`,
      kind: 'pulse' as const,
      deleted: false,
    }));
    const touched = new Set<string>();
    const old = [...this.#live.keys()];
    while (old.length > 100 && touched.size < REWRITTEN + DELETED) touched.add(old[this.#random.below(old.length)]!);
    const changed = [...touched].map((id, i) => ({ id, kind: 'doc' as const, deleted: i < DELETED }));
    const fresh = Array.from({ length: NEW_DOCS }, (_, i) => ({
      id: `doc-${stamp}-${i}`,
      kind: 'doc' as const,
      deleted: false,
    }));
    for (const { id, deleted } of [...changed, ...fresh]) {
      if (deleted) this.#live.delete(id);
      else this.#live.set(id, stamp);
    }
    this.#counts.push(this.#live.size);
    return [...pulses, ...changed, ...fresh].map((row) => ({ ...row, stamp }));
  }
}

/** Rows as a Parquet file. */
export function encodeRows(rows: readonly Row[]): Uint8Array {
  return new Uint8Array(
    parquetWriteBuffer({
      columnData: [
        { name: 'id', data: rows.map(({ id }) => id), type: 'STRING' },
        { name: 'kind', data: rows.map(({ kind }) => kind), type: 'STRING' },
        { name: 'text', data: rows.map(({ id, stamp }) => `written by partition ${stamp} for ${id}`), type: 'STRING' },
        { name: 'stamp', data: rows.map(({ stamp }) => BigInt(stamp)), type: 'INT64' },
        { name: 'deleted', data: rows.map(({ deleted }) => deleted), type: 'BOOLEAN' },
      ],
    }),
  );
}
