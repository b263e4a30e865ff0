// Numeric columns: i64 values with nulls -> blocks of 1,024 documents, each its minimum and packed differences.

import { alloc } from './arena';
import { ensureOut, openOut, outPos, outStart, setOut } from './out';

const COLUMN_BLOCK: u32 = 1024;

/** `values` = one i64 a document, `presence` = LSB bitmap or 0 where all have a value. The section becomes the open output. */
export function encodeColumn(values: usize, presence: usize, docs: u32): void {
  const blocks = (docs + COLUMN_BLOCK - 1) / COLUMN_BLOCK;
  const offsets = alloc((<usize>blocks) << 3);
  openOut();
  ensureOut(16 + <usize>(docs >> 3));
  store<u64>(outPos, presence != 0 ? 1 : 0);
  setOut(outPos + 8);
  if (presence != 0) {
    const bytes = <usize>((docs + 7) >> 3);
    const padded = (bytes + 7) & ~(<usize>7);
    memory.fill(outPos, 0, padded);
    memory.copy(outPos, presence, bytes);
    setOut(outPos + padded);
  }
  for (let block: u32 = 0; block < blocks; block++) {
    store<u64>(offsets + ((<usize>block) << 3), <u64>(outPos - outStart));
    const first = block * COLUMN_BLOCK;
    encodeBlock(values, presence, first, min<u32>(docs, first + COLUMN_BLOCK));
  }
  ensureOut((<usize>blocks) << 3);
  memory.copy(outPos, offsets, (<usize>blocks) << 3);
  setOut(outPos + ((<usize>blocks) << 3));
}

function has(presence: usize, doc: u32): bool {
  return presence == 0 || ((load<u8>(presence + (doc >> 3)) >> (doc & 7)) & 1) != 0;
}

function encodeBlock(values: usize, presence: usize, first: u32, end: u32): void {
  let least: i64 = 0;
  let most: i64 = 0;
  let any = false;
  for (let doc = first; doc < end; doc++) {
    if (!has(presence, doc)) continue;
    const value = load<i64>(values + ((<usize>doc) << 3));
    least = any ? min<i64>(least, value) : value;
    most = any ? max<i64>(most, value) : value;
    any = true;
  }
  const bits = 64 - clz<u64>(<u64>most - <u64>least);
  ensureOut(16 + <usize>(bits << 7));
  store<i64>(outPos, least);
  store<u64>(outPos, bits, 8);
  let at = outPos + 16;
  let word: u64 = 0;
  let filled: u64 = 0;
  for (let doc = first; doc < end; doc++) {
    if (bits == 0) break;
    const value = has(presence, doc) ? <u64>load<i64>(values + ((<usize>doc) << 3)) - <u64>least : 0;
    word |= value << filled;
    filled += bits;
    if (filled >= 64) {
      store<u64>(at, word);
      at += 8;
      filled -= 64;
      word = filled > 0 ? value >> (bits - filled) : 0;
    }
  }
  if (filled > 0) {
    store<u64>(at, word);
    at += 8;
  }
  setOut(at);
}
