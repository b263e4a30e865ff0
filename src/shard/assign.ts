/**
 * Cuts the rows of a partition into shards: stretches of rows in document order, decoded and built independently. What is
 * counted is bytes of text, since that is what a shard's time and memory follow; what is cut is rows.
 * Where the cuts lie never shows in the segment's bytes.
 */

import type { RowSlice } from './task.js';

/** What an input tells of one of its row groups. */
export interface RowGroupSize {
  readonly object: number;
  readonly rowGroup: number;
  readonly rows: number;
  /** Compressed bytes: what reading it holds in flight. */
  readonly bytes: number;
  /** Bytes of the columns that are read, before compression, about. */
  readonly textBytes: number;
}

export interface AssignOptions {
  readonly threads: number;
  /** Text bytes of a shard unless told: enough shards for the threads to end together, few enough to merge cheaply. */
  readonly shardBytes?: number | undefined;
}

export interface Shard {
  readonly slices: readonly RowSlice[];
  /** Compressed bytes of its rows, about. */
  readonly bytes: number;
}

/** Below it the cost of another shard (its tables, its merge) exceeds what a second thread saves; about 1,500 rows of the bench corpus. */
const MIN_SHARD_BYTES = 512 * 1024;
/** Above it a shard's term table outgrows the second-level cache; about 47,000 rows of the bench corpus. */
const MAX_SHARD_BYTES = 16 * 1024 * 1024;

/** Text bytes that a shard is given where nothing is said. */
export function defaultShardBytes(textBytes: number, threads: number): number {
  return Math.min(MAX_SHARD_BYTES, Math.max(MIN_SHARD_BYTES, Math.ceil(textBytes / (threads * 2))));
}

/** Row groups in document order -> shards in document order. A row group larger than a shard is cut by rows. */
export function assignShards(groups: readonly RowGroupSize[], options: AssignOptions): Shard[] {
  const total = groups.reduce((sum, { textBytes }) => sum + textBytes, 0);
  const target = options.shardBytes ?? defaultShardBytes(total, options.threads);
  const shards: Shard[] = [];
  let slices: RowSlice[] = [];
  let [text, bytes] = [0, 0];
  const close = () => {
    if (slices.length > 0) shards.push({ slices, bytes });
    [slices, text, bytes] = [[], 0, 0];
  };
  for (const group of groups) {
    for (const slice of cutGroup(group, target)) {
      const share = (slice.rowEnd - slice.rowStart) / group.rows;
      if (text > 0 && text + group.textBytes * share > target) close();
      slices.push(slice);
      text += group.textBytes * share;
      bytes += Math.ceil(group.bytes * share);
    }
  }
  close();
  return shards;
}

/** Equal pieces of at most `target` bytes; a group that is only a little larger stays whole, since each piece decodes its pages anew. */
function cutGroup(group: RowGroupSize, target: number): RowSlice[] {
  if (group.rows === 0) return [];
  const { object, rowGroup, rows, textBytes } = group;
  const pieces = textBytes <= target * 1.25 ? 1 : Math.ceil(textBytes / target);
  const size = Math.ceil(rows / pieces);
  const slices: RowSlice[] = [];
  for (let rowStart = 0; rowStart < rows; rowStart += size) {
    slices.push({ object, rowGroup, rowStart, rowEnd: Math.min(rows, rowStart + size) });
  }
  return slices;
}
