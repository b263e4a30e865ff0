/** One compress task: stored blocks by DEFLATE, kept as they are where that is not smaller. */

import { concatBytes } from '../base/bytes.js';
import { deflateBlock } from '../segment/compress.js';
import type { CompressResult, CompressTask } from '../shard/task.js';
import { checkCancel } from './cancel.js';

/** A middle level: the rows are short strings, where higher levels gain under 2 % for twice the time. */
const STORED_LEVEL = 4;

export function compressBlocks(task: CompressTask): CompressResult {
  const blocks: Uint8Array[] = [];
  let start = 0;
  for (const end of task.ends) {
    checkCancel(task.cancel);
    // The compressor wants bytes of its own thread's memory, not shared ones.
    const raw = task.raw.slice(start, end);
    blocks.push(deflateBlock(raw, STORED_LEVEL) ?? raw);
    start = end;
  }
  return { bytes: concatBytes(blocks), lengths: blocks.map((block) => block.length) };
}
