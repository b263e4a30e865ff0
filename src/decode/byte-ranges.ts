/** Many small ranges of a source fetched in few requests. */
import type { ByteSource } from '../base/bytes.js';
import { readExactly } from './read-exactly.js';

/** A request costs an object store 10-20 ms, the time of about 1 MB: reading a small gap is cheaper than a second one. */
const GAP_BYTES = 256 * 1024;

export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** Hands out what was fetched; a range must be one of those asked for. */
export type FetchedBytes = (range: ByteRange) => Uint8Array;

/** Sorted, disjoint ranges that hold all of `ranges` and the small gaps between them. */
export function mergeRanges(ranges: readonly ByteRange[]): readonly ByteRange[] {
  const merged: { start: number; end: number }[] = [];
  for (const { start, end } of [...ranges].sort((a, b) => a.start - b.start)) {
    const last = merged.at(-1);
    if (last !== undefined && start - last.end <= GAP_BYTES) last.end = Math.max(last.end, end);
    else merged.push({ start, end });
  }
  return merged;
}

/** Fetches all ranges, side by side. Errors: `bad-data` for a range outside the source; those of the source. */
export async function fetchRanges(source: ByteSource, ranges: readonly ByteRange[]): Promise<FetchedBytes> {
  const merged = mergeRanges(ranges);
  const fetched = await Promise.all(merged.map(({ start, end }) => readExactly(source, start, end)));
  return ({ start, end }) => {
    const index = merged.findIndex((range) => start >= range.start && end <= range.end);
    const from = merged[index]!.start;
    return fetched[index]!.subarray(start - from, end - from);
  };
}
