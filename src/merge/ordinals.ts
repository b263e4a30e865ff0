/** Inverts a merged keyword field into its section `ordinals`: document -> term ordinals. */

import type { Kernel } from '../kernel/kernel.js';
import type { MergeResult } from '../shard/task.js';

/** `ranges` = all of the field's, in order. */
export function encodeOrdinals(kernel: Kernel, ranges: readonly MergeResult[], docs: number): Uint8Array {
  const { call } = kernel;
  const sumOf = (count: (range: MergeResult) => number) => ranges.reduce((sum, range) => sum + count(range), 0);
  call.reset();
  call.beginOrdinals(
    docs,
    sumOf(({ terms }) => terms),
    sumOf(({ sumDocFreq }) => sumDocFreq),
  );
  for (const { entries, postings } of ranges) {
    const before = call.mark();
    call.addOrdinals(kernel.copyIn(entries), entries.length, kernel.copyIn(postings));
    call.release(before);
  }
  call.finishOrdinals();
  const { at, length } = kernel.out;
  return kernel.copyOut(at, length);
}
