/**
 * Field lengths in one byte: Lucene's `SmallFloat.intToByte4` / `byte4ToInt`. Lengths below 40 are exact, larger ones
 * keep four significant bits, rounded down, so the byte orders as the length does.
 */

import { bitWidth } from './bits.js';

/** Code of an integer kept to four significant bits; below 16 it is exact. */
function longToInt4(value: number): number {
  if (value < 8) return value;
  const shift = bitWidth(value) - 4;
  return ((value >>> shift) & 0x07) | ((shift + 1) << 3);
}

function int4ToLong(code: number): number {
  const mantissa = code & 0x07;
  const shift = (code >>> 3) - 1;
  return shift === -1 ? mantissa : (mantissa | 0x08) * 2 ** shift;
}

/** Values that stand for themselves below the first that is rounded: 255 - longToInt4(2^31 - 1). */
const FREE_VALUES = 255 - longToInt4(0x7fffffff);

/** Norm byte of a field with `length` tokens, 0..2^31 - 1. */
export function intToByte4(length: number): number {
  return length < FREE_VALUES ? length : FREE_VALUES + longToInt4(length - FREE_VALUES);
}

/** Length that a norm byte stands for. */
export function byte4ToInt(norm: number): number {
  return norm < FREE_VALUES ? norm : FREE_VALUES + int4ToLong(norm - FREE_VALUES);
}
