/** Encodes the section `sources`: where every document came from. */

import { ByteWriter } from '../base/byte-writer.js';

/** A partition and the keys of its objects, in key order, relative to the source. */
export interface SourcePartition {
  /** ms since the epoch. */
  readonly time: number;
  readonly objects: readonly string[];
}

/** Consecutive rows of one row group that are all documents. `object` counts over all partitions. */
export interface SourceRun {
  readonly object: number;
  readonly rowGroup: number;
  readonly rowStart: number;
  readonly docs: number;
}

export function encodeSources(partitions: readonly SourcePartition[], runs: readonly SourceRun[]): Uint8Array {
  const out = new ByteWriter();
  const text = new TextEncoder();
  out.varint(partitions.length);
  for (const { time, objects } of partitions) {
    out.i64(BigInt(time)).varint(objects.length);
    for (const key of objects) out.sized(text.encode(key));
  }
  const joined = joinRuns(runs);
  out.varint(joined.length);
  for (const run of joined) out.varint(run.object).varint(run.rowGroup).varint(run.rowStart).varint(run.docs);
  return out.finish();
}

/** Shards cut row groups anywhere: runs that continue each other become one, so that the bytes do not tell where. */
function joinRuns(runs: readonly SourceRun[]): SourceRun[] {
  const joined: SourceRun[] = [];
  for (const run of runs) {
    const last = joined.at(-1);
    const continues =
      last !== undefined &&
      last.object === run.object &&
      last.rowGroup === run.rowGroup &&
      last.rowStart + last.docs === run.rowStart;
    if (continues) joined[joined.length - 1] = { ...last, docs: last.docs + run.docs };
    else joined.push(run);
  }
  return joined;
}
