/** One compress task: stored blocks by DEFLATE, kept as they are where that is not smaller. */

import type { Kernel } from '../kernel/kernel.js';
import type { CompressResult, CompressTask } from '../shard/task.js';
import { checkCancel } from './cancel.js';
import { deflateBlocks } from './deflate-blocks.js';

/**
 * By the kernel: on rows of ids and texts 6 to 10 times as fast as fflate's level 4, at sizes from 5 % below to 3 % above
 * (`bench/kernel/deflate.bench.ts`). A task takes some milliseconds, so the flag is looked at once.
 */
export function compressBlocks(task: CompressTask, kernel: Kernel): CompressResult {
  checkCancel(task.cancel);
  return deflateBlocks(kernel, task.raw, task.ends);
}
