/** Writes a segment to the index as a stream; nothing is visible unless all of it is. */

import type { SegmentInput } from '../merge/input.js';
import { writeSegment } from '../merge/write-segment.js';
import type { SegmentSummary, WriteChunk } from '../segment/writer.js';
import type { BuildPlan } from '../shard/task.js';
import type { RunContext } from './context.js';
import type { PartRecord } from './part-record.js';

export function writeSegmentObject(
  context: RunContext,
  plan: BuildPlan,
  key: string,
  inputs: readonly SegmentInput[],
): Promise<PartRecord['segment']> {
  const { pool, kernel, indexConfig, stored, cancel } = context;
  return streamSegment(context, key, (sink) =>
    writeSegment({ pool, kernel, store: indexConfig, stored, cancel }, plan, context.fingerprint, inputs, sink),
  );
}

/** Makes an object of what `write` hands to its sink. */
export async function streamSegment(
  { index, signal }: Pick<RunContext, 'index' | 'signal'>,
  key: string,
  write: (sink: WriteChunk) => Promise<SegmentSummary>,
): Promise<PartRecord['segment']> {
  const writer = await index.createWriter(key, signal);
  try {
    const summary = await write((chunk) => writer.write(chunk));
    await writer.close();
    return { key, bytes: summary.bytes, sha256: summary.sha256, docs: summary.footer.docs };
  } catch (error) {
    await writer.abort();
    throw error;
  }
}
