/** Joins the numeric columns of all inputs and writes their sections. */

import type { Kernel } from '../kernel/kernel.js';
import { countBits } from '../segment/kill-bitmap.js';
import type { FieldEntry } from '../segment/layout.js';
import type { SegmentWriter } from '../segment/writer.js';
import type { PlannedField } from '../shard/task.js';
import type { NumericInput, SegmentInput } from './input.js';

/** Columns of fewer bytes than this, all together, are encoded ahead and held until it is their turn. */
const AHEAD_BYTES = 64 * 1024 * 1024;

export interface EncodedColumn {
  readonly bytes: Uint8Array;
  readonly entry: FieldEntry;
}

/** Columns that are encoded when they are asked for, or before. */
export interface PlannedColumns {
  /** Begins with them, unless they are too large to hold: for a moment when this thread would wait for others. */
  ahead(): void;
  encoded(): AsyncIterable<EncodedColumn>;
  /** Resolves when nothing is at work on them. */
  settled(): Promise<unknown>;
}

export function planColumns(
  kernel: Kernel,
  fields: readonly PlannedField[],
  inputs: readonly SegmentInput[],
): PlannedColumns {
  const docs = inputs.reduce((sum, input) => sum + input.docs, 0);
  const started: Promise<EncodedColumn>[] = [];
  const start = (i: number) => (started[i] ??= columnOf(kernel, fields[i]!, inputs, docs));
  return {
    ahead: () => {
      if (docs * fields.length * 8 >= AHEAD_BYTES) return;
      // A failure is told where the column is written.
      for (let i = 0; i < fields.length; i++) start(i).catch(() => undefined);
    },
    encoded: async function* () {
      for (let i = 0; i < fields.length; i++) yield await start(i);
    },
    settled: () => Promise.allSettled(started),
  };
}

/** Writes the columns in order; returns the footer's entries. */
export async function writeColumns(writer: SegmentWriter, columns: PlannedColumns): Promise<FieldEntry[]> {
  const entries: FieldEntry[] = [];
  for await (const { bytes, entry } of columns.encoded()) {
    await writer.section('column', entry.name, bytes);
    entries.push(entry);
  }
  return entries;
}

async function columnOf(
  kernel: Kernel,
  { name, type }: PlannedField,
  inputs: readonly SegmentInput[],
  docs: number,
): Promise<EncodedColumn> {
  const parts = await Promise.all(inputs.map((input) => input.column(name)));
  const presence = joinPresence(parts, docs);
  const bytes = encodeColumn(kernel, parts, presence, docs);
  return { bytes, entry: { name, type, docCount: presence === undefined ? docs : countBits(presence) } };
}

function encodeColumn(
  kernel: Kernel,
  parts: readonly NumericInput[],
  presence: Uint8Array | undefined,
  docs: number,
): Uint8Array {
  const { call } = kernel;
  call.reset();
  const values = call.alloc(docs * 8) >>> 0;
  let at = values;
  for (const part of parts) {
    const bytes = new Uint8Array(part.values.buffer, part.values.byteOffset, part.values.byteLength);
    kernel.view(at, bytes.length).set(bytes);
    at += bytes.length;
  }
  call.encodeColumn(values, presence === undefined ? 0 : kernel.copyIn(presence), docs);
  const { out } = kernel;
  return kernel.copyOut(out.at, out.length);
}

/** undefined where every document has a value. */
function joinPresence(parts: readonly NumericInput[], docs: number): Uint8Array | undefined {
  if (parts.every(({ presence }) => presence === undefined)) return undefined;
  const joined = new Uint8Array((docs + 7) >> 3);
  let base = 0;
  for (const { values, presence } of parts) {
    for (let doc = 0; doc < values.length; doc++) {
      if (presence !== undefined && ((presence[doc >> 3]! >> (doc & 7)) & 1) === 0) continue;
      joined[(base + doc) >> 3]! |= 1 << ((base + doc) & 7);
    }
    base += values.length;
  }
  return joined;
}
