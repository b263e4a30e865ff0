/**
 * Paging by cursor: where a page ended, as text that a caller hands back. It names the generation it was read from, so that
 * pages fit together however many commits come in between, and the last hit's sort key and id, so that going on costs the same
 * for any page.
 *
 * Bytes, then base64url: 6 generation, 8 high, 8 low (both float64), 8 of the request's SHA-256, then the id.
 */
import { createHash } from 'node:crypto';
import { compareBytes } from '../base/bytes.js';
import { TidemarkError } from '../base/errors.js';
import { ID_FIELD } from '../segment/layout.js';
import { FEW_TIES, idRanks, type NamedHit, nameHits } from './ids.js';
import type { LiveSegment, Snapshot } from './snapshot.js';
import { type DocAddress, docIdOf, type Hit, segmentOf, type TopHits } from './top-hits.js';

/** Takes hits one by one. */
export interface HitSink {
  add(address: DocAddress, high: number, low: number): void;
  /** Hits with a smaller key are dropped, whatever else they are. */
  readonly leastHigh: number;
}

/** The last hit of a page. */
export interface PageEnd {
  readonly generation: number;
  readonly high: number;
  readonly low: number;
  readonly id: Uint8Array;
}

const HEAD_BYTES = 30;
const REQUEST_AT = 22;
const REQUEST_BYTES = 8;

/** What a page belongs to: another query or order with its cursor would give a mixture. */
export function requestHash(...parts: readonly unknown[]): Uint8Array {
  return createHash('sha256').update(JSON.stringify(parts)).digest().subarray(0, REQUEST_BYTES);
}

export function encodeCursor({ generation, high, low, id }: PageEnd, request: Uint8Array): string {
  const bytes = Buffer.alloc(HEAD_BYTES + id.length);
  bytes.writeUIntBE(generation, 0, 6);
  bytes.writeDoubleBE(high, 6);
  bytes.writeDoubleBE(low, 14);
  bytes.set(request, REQUEST_AT);
  bytes.set(id, HEAD_BYTES);
  return bytes.toString('base64url');
}

/** Fails with code `usage` where the text is no cursor, or one of another request. */
export function decodeCursor(text: string, request: Uint8Array): PageEnd {
  const bytes = decodeText(text);
  if (compareBytes(bytes.subarray(REQUEST_AT, HEAD_BYTES), request) !== 0) {
    throw new TidemarkError('usage', 'the cursor belongs to another query, filter, sort or grouping', {
      fix: 'hand a cursor back with the very request that it came from',
    });
  }
  return {
    generation: bytes.readUIntBE(0, 6),
    high: bytes.readDoubleBE(6),
    low: bytes.readDoubleBE(14),
    id: bytes.subarray(HEAD_BYTES),
  };
}

/** The generation that a cursor was read from. */
export function generationOfCursor(text: string): number {
  return decodeText(text).readUIntBE(0, 6);
}

function decodeText(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.length >= HEAD_BYTES && bytes.toString('base64url') === text) return bytes;
  throw new TidemarkError('usage', 'this is no cursor of a search', {
    fix: 'leave it out for the first page, and hand back what a page gave',
  });
}

/** Lets through what comes after a page's end. Hits that tie with its last one wait until their ids are known. */
export class AfterPage implements HitSink {
  readonly #ties: DocAddress[] = [];

  constructor(
    private readonly end: PageEnd,
    private readonly top: TopHits,
  ) {}

  get leastHigh(): number {
    return this.top.leastHigh;
  }

  add(address: DocAddress, high: number, low: number): void {
    const { end } = this;
    if (high > end.high || (high === end.high && low > end.low)) return;
    if (high === end.high && low === end.low) this.#ties.push(address);
    else this.top.add(address, high, low);
  }

  /** Adds the ties whose ids lie behind the page's last one. */
  async settle(snapshot: Snapshot): Promise<void> {
    const { id, high, low } = this.end;
    const behind =
      this.#ties.length <= FEW_TIES ? await this.#behindByName(snapshot, id) : await this.#behindByRank(snapshot, id);
    for (const address of behind) this.top.add(address, high, low);
  }

  async #behindByName(snapshot: Snapshot, id: Uint8Array): Promise<DocAddress[]> {
    const hits = this.#ties.map((address): Hit => ({ address, high: 0, low: 0 }));
    const named: NamedHit[] = await nameHits(snapshot, hits);
    return named.filter((hit) => compareBytes(hit.id, id) > 0).map(({ address }) => address);
  }

  async #behindByRank({ segments }: Snapshot, id: Uint8Array): Promise<DocAddress[]> {
    const firstRank = await Promise.all(segments.map((segment) => rankBehind(segment, id)));
    const ranks = await Promise.all(segments.map((segment) => idRanks(segment)));
    return this.#ties.filter((address) => {
      const at = segmentOf(address);
      return ranks[at]![docIdOf(address)]! >= firstRank[at]!;
    });
  }
}

/** The rank in a segment of the first id behind `id`. */
async function rankBehind({ reader }: LiveSegment, id: Uint8Array): Promise<number> {
  const dictionary = await reader.dictionary(ID_FIELD);
  const cursor = await dictionary.seekCeil(id);
  if (!(await cursor.next())) return dictionary.size;
  return compareBytes(cursor.term, id) === 0 ? cursor.ordinal + 1 : cursor.ordinal;
}
