/**
 * Writes the stored fields: rows of shards are cut into blocks and compressed on the pool; blocks of stored parts are
 * copied as they are. Both end a block at an input's edge only where the input is a part.
 */

import { ByteWriter } from '../base/byte-writer.js';
import { concatBytes } from '../base/bytes.js';
import { mapOrdered } from '../base/ordered.js';
import { crc32 } from '../segment/crc32.js';
import { STORED_BLOCK_BYTES } from '../segment/layout.js';
import type { SegmentWriter } from '../segment/writer.js';
import type { CompressResult } from '../shard/task.js';
import type { MergeContext } from './context.js';
import type { SegmentInput, StoredInput } from './input.js';

/** Raw bytes of a compress task: some milliseconds of work, so that two threads share it evenly. */
const TASK_BYTES = 512 * 1024;

/**
 * Tasks under way or done, a thread, before the writer comes to them: what is left for the end finds no other work to share a thread
 * with. Some MiB, of which blocks keep a third.
 */
const TASKS_AHEAD = 6;

/** Blocks of one compress task. */
interface BlockBatch {
  readonly raw: Uint8Array;
  readonly ends: number[];
  readonly docs: number[];
}

/** Stored rows on their way: the first batches are with the pool already, the rest follow as the writer takes them. */
export interface StoredRows {
  readonly inputs: readonly SegmentInput[];
  readonly first: Promise<IteratorResult<PackedBatch>>;
  readonly batches: AsyncGenerator<PackedBatch>;
}

interface PackedBatch {
  readonly batch: BlockBatch;
  readonly packed: CompressResult;
}

/**
 * Lets the pool begin with the stored rows, before anything is asked of it that the writer waits for: at the end, when they are
 * written, no other work would be left to share.
 */
export function startStored(context: MergeContext, inputs: readonly SegmentInput[]): StoredRows {
  const rows = inputs.map(({ stored }) => stored).filter((stored) => stored.kind === 'rows');
  const batches = mapOrdered(cutBlocks(rows), context.pool.threads * TASKS_AHEAD, async (batch) => ({
    batch,
    packed: await context.pool.run(
      { kind: 'compress', raw: batch.raw, ends: batch.ends, ...context.stored, cancel: context.cancel },
      batch.raw.length,
    ),
  }));
  const first = batches.next();
  // A failure is told where the rows are written; a run that fails before does not get there.
  first.catch(() => undefined);
  return { inputs, first, batches };
}

export async function writeStored(writer: SegmentWriter, { inputs, first, batches }: StoredRows): Promise<void> {
  const index: Uint8Array[] = [];
  writer.beginSection('stored');
  for (let next = await first; next.done !== true; next = await batches.next()) {
    const { batch, packed } = next.value;
    await writer.write(packed.bytes);
    index.push(indexBatch(batch, packed.bytes, packed.lengths));
  }
  for (const { stored } of inputs) {
    if (stored.kind !== 'blocks') continue;
    for await (const chunk of stored.chunks()) await writer.write(chunk);
    index.push(stored.index);
  }
  await writer.endSection();
  await writer.section('storedIndex', undefined, concatBytes(index));
}

function indexBatch(batch: BlockBatch, bytes: Uint8Array, lengths: readonly number[]): Uint8Array {
  const out = new ByteWriter();
  let start = 0;
  lengths.forEach((length, i) => {
    const rawLength = batch.ends[i]! - (batch.ends[i - 1] ?? 0);
    const kept = length === rawLength;
    out.varint(batch.docs[i]!).varint(length);
    out.varint(kept ? 0 : rawLength).u32(crc32(bytes.subarray(start, start + length), 0));
    start += length;
  });
  return out.finish();
}

/** Cuts rows, shard after shard, into blocks as if they were one; yields batches of whole blocks. */
function* cutBlocks(inputs: readonly Extract<StoredInput, { kind: 'rows' }>[]): Generator<BlockBatch> {
  let pieces: Uint8Array[] = [];
  let ends: number[] = [];
  let docs: number[] = [];
  let [batchBytes, blockBytes, blockDocs] = [0, 0, 0];
  const closeBlock = () => {
    ends.push(batchBytes);
    docs.push(blockDocs);
    [blockBytes, blockDocs] = [0, 0];
  };
  const takeBatch = (): BlockBatch => {
    const batch = { raw: shareBytes(pieces, batchBytes), ends, docs };
    [pieces, ends, docs, batchBytes] = [[], [], [], 0];
    return batch;
  };
  for (const { rows, lengths } of inputs) {
    let from = 0;
    let to = 0;
    for (const length of lengths) {
      to += length;
      batchBytes += length;
      blockBytes += length;
      blockDocs++;
      if (blockBytes < STORED_BLOCK_BYTES) continue;
      closeBlock();
      if (batchBytes < TASK_BYTES) continue;
      pieces.push(rows.subarray(from, to));
      from = to;
      yield takeBatch();
    }
    pieces.push(rows.subarray(from, to));
  }
  if (blockDocs > 0) closeBlock();
  if (ends.length > 0) yield takeBatch();
}

function shareBytes(pieces: readonly Uint8Array[], bytes: number): Uint8Array {
  const shared = new Uint8Array(new SharedArrayBuffer(bytes));
  let at = 0;
  for (const piece of pieces) {
    shared.set(piece, at);
    at += piece.length;
  }
  return shared;
}
