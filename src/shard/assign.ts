/**
 * Cuts the rows of a partition into shards: stretches of rows in document order, decoded and built independently.
 * Where the cuts lie never shows in the segment's bytes.
 */

import type { RowSlice } from './task.js';

/** What an input tells of one of its row groups. */
export interface RowGroupSize {
  readonly object: number;
  readonly rowGroup: number;
  readonly rows: number;
  /** Compressed bytes. */
  readonly bytes: number;
}

export interface AssignOptions {
  readonly threads: number;
  /** Rows of a shard unless told: enough shards for the threads to end together, few enough to merge cheaply. */
  readonly shardRows?: number;
}

export interface Shard {
  readonly slices: readonly RowSlice[];
  /** Compressed bytes of its rows, about. */
  readonly bytes: number;
}

/** Below this many rows the cost of another shard (its tables, its merge) exceeds what a second thread saves. */
const MIN_SHARD_ROWS = 2_000;
/** Above it a shard's term table outgrows the second-level cache. */
const MAX_SHARD_ROWS = 50_000;

/** Row groups in document order -> shards in document order. A row group larger than a shard is cut by rows. */
export function assignShards(groups: readonly RowGroupSize[], options: AssignOptions): Shard[] {
  const total = groups.reduce((sum, { rows }) => sum + rows, 0);
  const fair = Math.ceil(total / (options.threads * 2));
  const target = options.shardRows ?? Math.min(MAX_SHARD_ROWS, Math.max(MIN_SHARD_ROWS, fair));
  const shards: Shard[] = [];
  let slices: RowSlice[] = [];
  let [rows, bytes] = [0, 0];
  const close = () => {
    if (slices.length > 0) shards.push({ slices, bytes });
    [slices, rows, bytes] = [[], 0, 0];
  };
  for (const group of groups) {
    for (const slice of cutGroup(group, target)) {
      const count = slice.rowEnd - slice.rowStart;
      if (rows > 0 && rows + count > target) close();
      slices.push(slice);
      rows += count;
      bytes += Math.ceil((group.bytes * count) / group.rows);
    }
  }
  close();
  return shards;
}

/** Equal pieces of at most `target` rows; a group that is only a little larger stays whole, since each piece decodes its pages anew. */
function cutGroup(group: RowGroupSize, target: number): RowSlice[] {
  if (group.rows === 0) return [];
  const { object, rowGroup, rows } = group;
  const pieces = rows <= target * 1.25 ? 1 : Math.ceil(rows / target);
  const size = Math.ceil(rows / pieces);
  const slices: RowSlice[] = [];
  for (let rowStart = 0; rowStart < rows; rowStart += size) {
    slices.push({ object, rowGroup, rowStart, rowEnd: Math.min(rows, rowStart + size) });
  }
  return slices;
}
