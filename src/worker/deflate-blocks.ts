/** Stored blocks by the kernel's own DEFLATE encoder, the level named `fast`. */

import type { Kernel } from '../kernel/kernel.js';
import type { CompressResult } from '../shard/task.js';

/** `raw` cut at `ends`; a block that would not get smaller is kept as it is. The bytes follow from those of each block alone. */
export function deflateBlocks(kernel: Kernel, raw: Uint8Array, ends: readonly number[]): CompressResult {
  const { call } = kernel;
  const before = call.mark();
  const rawAt = kernel.copyIn(raw);
  const endsAt = kernel.copyInArray(Uint32Array.from(ends));
  call.deflateBlocks(rawAt, endsAt, ends.length);
  const { out } = kernel;
  const bytes = kernel.copyOut(out.at, out.length);
  const lengths = kernel.copyOut(call.deflatedLengths.value, ends.length * 4);
  call.release(before);
  return { bytes, lengths: Array.from(new Uint32Array(lengths.buffer)) };
}
