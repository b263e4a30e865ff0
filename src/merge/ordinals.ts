/** Inverts a merged keyword field into its section `ordinals`: document -> term ordinals. */

import type { Kernel } from '../kernel/kernel.js';
import type { MergeResult } from '../shard/task.js';

export function encodeOrdinals(
  kernel: Kernel,
  ranges: readonly MergeResult[],
  docs: number,
  terms: number,
): Uint8Array {
  const { call } = kernel;
  call.reset();
  call.beginOrdinals(docs);
  const addAll = () => {
    for (const { entries, postings } of ranges) {
      const before = call.mark();
      call.addOrdinals(kernel.copyIn(entries), entries.length, kernel.copyIn(postings));
      call.release(before);
    }
  };
  addAll();
  call.placeOrdinals();
  addAll();
  call.finishOrdinals(terms);
  const { at, length } = kernel.out;
  return kernel.copyOut(at, length);
}
