// Lower case per code point, as Java 21's `Character.toLowerCase(int)`: one to one, no context (final sigma), no locale.

import { codePointAt, entryOf, widthAt } from './code-points';
import { HAS_LOWER_CASE, LOWER_CASE, LOWER_CASE_COUNT } from './unicode-tables';

/** Lower-cases `[at, end)` to `to`, which takes half as much again at most; returns the end of what was written. */
export function lowerInto(at: usize, end: usize, to: usize): usize {
  while (at < end) {
    const width = widthAt(at);
    const codePoint = codePointAt(at, width);
    at += width;
    to = encodeInto(entryOf(codePoint) & HAS_LOWER_CASE ? lowerOf(codePoint) : codePoint, to);
  }
  return to;
}

/** The lower case of a code point that has one: the first range to end at or behind it holds it. */
function lowerOf(codePoint: u32): u32 {
  let low: u32 = 0;
  let high: u32 = LOWER_CASE_COUNT - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (load<u32>(LOWER_CASE + ((<usize>middle) << 3)) < codePoint) low = middle + 1;
    else high = middle;
  }
  return codePoint + load<i32>(LOWER_CASE + ((<usize>low) << 3), 4);
}

function encodeInto(codePoint: u32, to: usize): usize {
  if (codePoint < 0x80) {
    store<u8>(to, codePoint);
    return to + 1;
  }
  if (codePoint < 0x800) {
    store<u8>(to, 0xc0 | (codePoint >> 6));
    store<u8>(to, 0x80 | (codePoint & 0x3f), 1);
    return to + 2;
  }
  if (codePoint < 0x10000) {
    store<u8>(to, 0xe0 | (codePoint >> 12));
    store<u8>(to, 0x80 | ((codePoint >> 6) & 0x3f), 1);
    store<u8>(to, 0x80 | (codePoint & 0x3f), 2);
    return to + 3;
  }
  store<u8>(to, 0xf0 | (codePoint >> 18));
  store<u8>(to, 0x80 | ((codePoint >> 12) & 0x3f), 1);
  store<u8>(to, 0x80 | ((codePoint >> 6) & 0x3f), 2);
  store<u8>(to, 0x80 | (codePoint & 0x3f), 3);
  return to + 4;
}
