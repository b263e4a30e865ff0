/** Writes a segment to the index as a stream; nothing is visible unless all of it is. */

import type { SegmentInput } from '../merge/input.js';
import { writeSegment } from '../merge/write-segment.js';
import type { BuildPlan } from '../shard/task.js';
import type { RunContext } from './context.js';
import type { PartRecord } from './part-record.js';

export async function writeSegmentObject(
  context: RunContext,
  plan: BuildPlan,
  key: string,
  inputs: readonly SegmentInput[],
): Promise<PartRecord['segment']> {
  const { pool, kernel, indexConfig, stored, cancel, signal } = context;
  const writer = await context.index.createWriter(key, signal);
  try {
    const summary = await writeSegment(
      { pool, kernel, store: indexConfig, stored, cancel },
      plan,
      context.fingerprint,
      inputs,
      (chunk) => writer.write(chunk),
    );
    await writer.close();
    return { key, bytes: summary.bytes, sha256: summary.sha256, docs: summary.footer.docs };
  } catch (error) {
    await writer.abort();
    throw error;
  }
}
