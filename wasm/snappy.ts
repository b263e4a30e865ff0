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
 * One u64 a tag: bits 0-7 its count of bytes (255 where it is not for the fast loop), 8-19 the part of its distance that it holds,
 * 32-63 a mask of the operand bits that hold the rest. A literal has distance 16, which is always sound.
 */
const TAGS = memory.data(256 << 3, 16);
/** One u8 a tag: bytes of what follows it. */
const ADVANCES = memory.data(256, 16);
let hasTags: bool = false;

function fillTags(): void {
  for (let tag: u32 = 0; tag < 256; tag++) {
    const kind = tag & 3;
    let count: u64 = kind == 1 ? 4 + ((tag >> 2) & 7) : (tag >> 2) + 1;
    if (kind == 3) count = 255;
    const base: u64 = kind == 0 ? 16 : kind == 1 ? (tag >> 5) << 8 : 0;
    const mask: u64 = kind == 0 ? 0 : kind == 1 ? 0xff : 0xffff;
    store<u8>(ADVANCES + tag, <u8>(kind == 0 ? (tag >> 2) + 1 : kind));
    store<u64>(TAGS + ((<usize>tag) << 3), count | (base << 8) | (mask << 32));
  }
  hasTags = true;
}

/** Room in front of both ends within which no step of the fast loop can leave its buffer: a tag, its operand and a wide copy. */
const MARGIN: usize = 32;

/**
 * Decodes the block of `length` bytes at `src` into exactly `rawLength` bytes at `to`; false where it is broken. Needs SLACK
 * bytes of room behind both, which it may read and overwrite; touches nothing else.
 */
export function decodeSnappy(src: usize, length: u32, to: usize, rawLength: u32): bool {
  const srcEnd = src + length;
  const start = to;
  const end = to + rawLength;
  if (!hasTags) fillTags();
  let at = skipLength(src, srcEnd, rawLength);
  if (at == 0) return false;
  const fastSrcEnd = <usize>length > MARGIN ? srcEnd - MARGIN : src;
  const fastEnd = <usize>rawLength > MARGIN ? end - MARGIN : start;
  while (at < srcEnd) {
    const tag = <u32>load<u8>(at++);
    const kind = tag & 3;
    // Text is short literals and short copies in no order that a processor could guess: whatever is up to 16 bytes takes the same way,
    // without a branch on what it is. Measured on prose of 9 bytes a pair: 1.5 times as fast as a branch for each kind.
    if (at < fastSrcEnd && to < fastEnd) {
      const entry = load<u64>(TAGS + ((<usize>tag) << 3));
      const count = <usize>(entry & 0xff);
      const distance = <usize>(<u32>(entry >> 8) & 0xfff) + <usize>(load<u32>(at) & <u32>(entry >> 32));
      if (count <= 16 && distance >= count && distance <= to - start) {
        // All ones for a literal; `select` becomes a branch in some engines (here 10 % slower).
        const literal = <usize>(<i32>(kind - 1) >> 31);
        v128.store(to, v128.load((at & literal) | ((to - distance) & ~literal)));
        at += <usize>load<u8>(ADVANCES + tag);
        to += count;
        continue;
      }
    }
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

/** Behind the varint at the front, which must say `rawLength`; 0 where it does not. */
function skipLength(at: usize, srcEnd: usize, rawLength: u32): usize {
  let claimed: u64 = 0;
  for (let shift: u64 = 0; shift <= 28; shift += 7) {
    if (at >= srcEnd) return 0;
    const byte = <u64>load<u8>(at++);
    claimed |= (byte & 0x7f) << shift;
    if (byte < 0x80) return claimed == <u64>rawLength ? at : 0;
  }
  return 0;
}
