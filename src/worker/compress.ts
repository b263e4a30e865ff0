/** One compress task: stored blocks by the task's codec and level, kept as they are where that is not smaller. */

import { concatBytes } from '../base/bytes.js';
import { type CompressionLevel, deflateBlock, type StoredCodec } from '../segment/compress.js';
import type { CompressResult, CompressTask } from '../shard/task.js';
import { checkCancel } from './cancel.js';

export function compressBlocks(task: CompressTask): CompressResult {
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

/** The block's stored bytes; `raw` itself where it is kept as it is. The one place that knows which encoder makes which level. */
export function compressBlock(raw: Uint8Array, codec: StoredCodec, level: CompressionLevel): Uint8Array {
  switch (codec) {
    case 'none':
      return raw;
    case 'deflate':
      return deflateBlock(raw, level) ?? raw;
  }
}
