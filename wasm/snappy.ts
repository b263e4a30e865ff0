// Raw snappy blocks, as Parquet's pages hold them (google/snappy, format_description.txt): a varint of the length, then literals and
// copies from up to 4 GiB back.

import { copyWide } from './wide-copy';

/** For each distance below 16: the bytes of a repeated pattern, byte i = i mod distance. */
const PATTERNS = memory.data<u8>(
  [
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 1, 0,
    1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1,
    2, 3, 0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 0, 1, 2, 3, 4,
    5, 6, 0, 1, 2, 3, 4, 5, 6, 0, 1, 0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 2,
    3, 4, 5, 6, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0, 1, 2, 3, 4, 0, 1,
    2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 0, 1, 2, 3, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0, 1, 2, 0, 1, 2, 3, 4, 5, 6,
    7, 8, 9, 10, 11, 12, 13, 0, 1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 0,
  ],
  16,
);

/**
 * Copies `length` bytes from `distance` bytes before `to`, where they may not all be written yet (a pattern then repeats).
 * Touches up to 15 bytes beyond; `distance` is not 0.
 */
export function copyBack(to: usize, distance: usize, length: usize): void {
  if (distance >= 16) {
    // Sixteen bytes back are written by the time they are read.
    let done: usize = 0;
    do {
      v128.store(to + done, v128.load(to + done - distance));
      done += 16;
    } while (done < length);
    return;
  }
  const pattern = i8x16.swizzle(v128.load(to - distance), v128.load(PATTERNS + (distance << 4)));
  const step: usize = 16 - (16 % distance);
  for (let done: usize = 0; done < length; done += step) v128.store(to + done, pattern);
}

/**
 * Decodes the block of `length` bytes at `src` into exactly `rawLength` bytes at `to`; false where it is broken. Needs SLACK
 * bytes of room behind both, which it may read and overwrite; touches nothing else.
 */
export function decodeSnappy(src: usize, length: u32, to: usize, rawLength: u32): bool {
  const srcEnd = src + length;
  const start = to;
  const end = to + rawLength;
  let at = src;
  let claimed: u64 = 0;
  let shift: u64 = 0;
  for (;;) {
    if (at >= srcEnd || shift > 28) return false;
    const byte = <u64>load<u8>(at++);
    claimed |= (byte & 0x7f) << shift;
    if (byte < 0x80) break;
    shift += 7;
  }
  if (claimed != <u64>rawLength) return false;
  while (at < srcEnd) {
    const tag = <u32>load<u8>(at++);
    const kind = tag & 3;
    if (kind == 0) {
      let literal = <usize>(tag >> 2) + 1;
      if (literal > 60) {
        const extra = literal - 60;
        if (srcEnd - at < extra) return false;
        literal = (load<u32>(at) & (<u32>0xffffffff >> (32 - ((<u32>extra) << 3)))) + 1;
        at += extra;
        if (literal == 0) return false;
      }
      if (literal > srcEnd - at || literal > end - to) return false;
      copyWide(to, at, literal);
      at += literal;
      to += literal;
      continue;
    }
    // Operands that reach beyond the input leave `at` behind its end, which the last line sees; they lie within the slack.
    let distance: usize;
    let count: usize;
    if (kind == 1) {
      count = 4 + ((tag >> 2) & 7);
      distance = ((tag >> 5) << 8) | <u32>load<u8>(at);
      at += 1;
    } else {
      count = (tag >> 2) + 1;
      distance = kind == 2 ? <usize>load<u16>(at) : <usize>load<u32>(at);
      at += kind == 2 ? 2 : 4;
    }
    // A distance of 0 wraps around and fails as well.
    if (distance - 1 >= to - start || count > end - to) return false;
    copyBack(to, distance, count);
    to += count;
  }
  return at == srcEnd && to == end;
}
