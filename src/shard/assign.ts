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
/**
 * Every shard sorts its own terms and brings them to the merge, so larger shards cost less CPU time: 1.10 at 9 MB, 1.08 at 17 MB, 1 at 35 MB
 * on the bench corpus. But a thread holds about three times the text of its shard; this keeps that build within 450 MB.
 */
const MAX_SHARD_BYTES = 20 * 1024 * 1024;
/** A cut this near to the edge of a row group, in shards, goes there: a page in two shards is fetched and unpacked twice. */
const SNAP = 0.1;
/** A rest of this many shards is shared out among the others. */
const TOLERANCE = 0.2;

/** Text bytes that a shard is given where nothing is said: the same number of shards for every thread. */
export function defaultShardBytes(textBytes: number, threads: number): number {
  const rounds = Math.max(1, Math.ceil(textBytes / (threads * MAX_SHARD_BYTES)));
  return Math.max(MIN_SHARD_BYTES, Math.ceil(textBytes / (threads * rounds)));
}

/** Row groups in document order -> shards in document order, all of about the same number of bytes. */
export function assignShards(groups: readonly RowGroupSize[], options: AssignOptions): Shard[] {
  const filled = groups.filter(({ rows }) => rows > 0);
  const total = filled.reduce((sum, { textBytes }) => sum + textBytes, 0);
  const wanted = options.shardBytes ?? defaultShardBytes(total, options.threads);
  const count = Math.max(1, Math.ceil(total / wanted - TOLERANCE));
  const cuts = Array.from({ length: count - 1 }, (_, i) => placeCut(filled, (total * (i + 1)) / count, total / count));
  const end = { group: filled.length, row: 0 };
  const shards: Shard[] = [];
  let from: Cut = { group: 0, row: 0 };
  for (const to of [...cuts, end]) {
    const shard = shardBetween(filled, from, to);
    if (shard.slices.length > 0) shards.push(shard);
    from = to;
  }
  return shards;
}

/** In front of a row of a row group. */
interface Cut {
  readonly group: number;
  readonly row: number;
}

/** Where about `offset` bytes of text lie before. */
function placeCut(groups: readonly RowGroupSize[], offset: number, shardBytes: number): Cut {
  let start = 0;
  for (const [group, { rows, textBytes }] of groups.entries()) {
    const end = start + textBytes;
    if (offset - start <= shardBytes * SNAP) return { group, row: 0 };
    if (end - offset > shardBytes * SNAP) return { group, row: Math.round((rows * (offset - start)) / textBytes) };
    start = end;
  }
  return { group: groups.length, row: 0 };
}

function shardBetween(groups: readonly RowGroupSize[], from: Cut, to: Cut): Shard {
  const slices: RowSlice[] = [];
  let bytes = 0;
  for (let i = from.group; i < groups.length && i <= to.group; i++) {
    const { object, rowGroup, rows, bytes: groupBytes } = groups[i]!;
    const rowStart = i === from.group ? from.row : 0;
    const rowEnd = i === to.group ? to.row : rows;
    if (rowStart >= rowEnd) continue;
    slices.push({ object, rowGroup, rowStart, rowEnd });
    bytes += Math.ceil((groupBytes * (rowEnd - rowStart)) / rows);
  }
  return { slices, bytes };
}
