// Raw LZ4 blocks (lz4, doc/lz4_Block_format.md), Parquet's LZ4_RAW: sequences of literals and a copy from up to 64 KiB back.

import { copyBack } from './snappy';
import { copyWide } from './wide-copy';

/** Shortest copy; its length is stored less this. */
const MIN_COPY: usize = 4;

let lengthEnd: usize = 0;

/** A length whose four bits were all set: 255s and a last byte are added. `lengthEnd` then points behind, or is 0 where input ends. */
function readLength(at: usize, end: usize): usize {
  let length: usize = 15;
  for (;;) {
    // Beyond 2^30 no output could hold it; this also keeps the sum from wrapping around.
    if (at >= end || length > 1 << 30) {
      lengthEnd = 0;
      return 0;
    }
    const byte = <usize>load<u8>(at++);
    length += byte;
    if (byte != 255) break;
  }
  lengthEnd = at;
  return length;
}

/** As `decodeSnappy`, for an LZ4 block. */
export function decodeLz4(src: usize, length: u32, to: usize, rawLength: u32): bool {
  const srcEnd = src + length;
  const start = to;
  const end = to + rawLength;
  let at = src;
  while (at < srcEnd) {
    const token = <usize>load<u8>(at++);
    let literal = token >> 4;
    if (literal == 15) {
      literal = readLength(at, srcEnd);
      if (lengthEnd == 0) return false;
      at = lengthEnd;
    }
    if (literal > srcEnd - at || literal > end - to) return false;
    copyWide(to, at, literal);
    at += literal;
    to += literal;
    // The last sequence has no copy.
    if (at == srcEnd) return to == end;
    if (srcEnd - at < 2) return false;
    const distance = <usize>load<u16>(at);
    at += 2;
    let count = token & 15;
    if (count == 15) {
      count = readLength(at, srcEnd);
      if (lengthEnd == 0) return false;
      at = lengthEnd;
    }
    count += MIN_COPY;
    if (distance - 1 >= to - start || count > end - to) return false;
    copyBack(to, distance, count);
    to += count;
  }
  return false;
}
