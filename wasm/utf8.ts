// UTF-8 validation, exact: no overlong forms, no surrogates, nothing above U+10FFFF.

/** 0 where the `length` bytes at `src` are valid UTF-8, else 1 + the offset of the first byte of the first broken sequence. */
export function validateUtf8(src: usize, length: u32): u32 {
  const end = src + length;
  let at = src;
  while (at < end) {
    at = skipAscii(at, end);
    // Stays with code points while they are beyond ASCII: one look at 64 bytes is wasted on them.
    while (at < end && load<u8>(at) >= 0x80) {
      const width = validWidth(at, end);
      if (width == 0) return <u32>(at - src) + 1;
      at += width;
    }
  }
  return 0;
}

/** The first byte beyond ASCII in `[at, end)`, or `end`. Reads no byte beyond `end`. */
function skipAscii(at: usize, end: usize): usize {
  while (at + 64 <= end) {
    const low = v128.or(v128.load(at), v128.load(at, 16));
    const high = v128.or(v128.load(at, 32), v128.load(at, 48));
    if (i8x16.bitmask(v128.or(low, high)) != 0) break;
    at += 64;
  }
  while (at + 16 <= end) {
    const wide = i8x16.bitmask(v128.load(at));
    if (wide != 0) return at + <usize>ctz(wide);
    at += 16;
  }
  while (at < end && load<u8>(at) < 0x80) at++;
  return at;
}

/** Bytes of the valid multi-byte sequence at `at` that ends by `end`, else 0. */
function validWidth(at: usize, end: usize): usize {
  const lead = <u32>load<u8>(at);
  const width: usize = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (lead < 0xc2 || lead > 0xf4 || at + width > end) return 0;
  const second = <u32>load<u8>(at, 1);
  // The second byte alone tells overlong forms, surrogates and what lies above U+10FFFF.
  const least: u32 = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
  const most: u32 = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
  if (second < least || second > most) return 0;
  if (width > 2 && !continues(at + 2)) return 0;
  if (width > 3 && !continues(at + 3)) return 0;
  return width;
}

function continues(at: usize): bool {
  return (load<u8>(at) & 0xc0) == 0x80;
}
