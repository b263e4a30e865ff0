/** One compress task: stored blocks by the task's codec and level, kept as they are where that is not smaller. */

import { concatBytes } from '../base/bytes.js';
import type { Kernel } from '../kernel/kernel.js';
import { type CompressionLevel, deflateBlock, KERNEL_LEVEL, type StoredCodec } from '../segment/compress.js';
import type { CompressResult, CompressTask } from '../shard/task.js';
import { checkCancel } from './cancel.js';
import { deflateBlocks } from './deflate-blocks.js';

export function compressBlocks(task: CompressTask, kernel: Kernel): CompressResult {
  checkCancel(task.cancel);
  if (task.codec === 'deflate' && task.level === KERNEL_LEVEL) return deflateBlocks(kernel, task.raw, task.ends);
  const blocks: Uint8Array[] = [];
  let start = 0;
  for (const end of task.ends) {
    checkCancel(task.cancel);
    // The compressor wants bytes of its own thread's memory, not shared ones.
    const raw = task.raw.slice(start, end);
    blocks.push(compressBlock(raw, task.codec, task.level));
    start = end;
  }
  return { bytes: concatBytes(blocks), lengths: blocks.map((block) => block.length) };
}

/** The block's stored bytes by fflate; `raw` itself where it is kept as it is. */
function compressBlock(raw: Uint8Array, codec: StoredCodec, level: CompressionLevel): Uint8Array {
  return codec === 'none' ? raw : (deflateBlock(raw, level) ?? raw);
}
