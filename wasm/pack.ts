// Bit packing: 128 values vertically in four SIMD lanes (as BP128 of Lemire and Boytsov, "Decoding billions of
// integers per second through vectorization", 2015), and rows of any length, low bits first.

/** Smallest width that holds `value`. */
export function bitsFor(value: u32): u32 {
  return 32 - clz(value);
}

/** Packs 128 u32 at `src` into 16 * bits bytes at `dst`. */
export function pack128(src: usize, bits: u32, dst: usize): void {
  if (bits == 0) return;
  let acc = i32x4.splat(0);
  let shift: u32 = 0;
  for (let row: u32 = 0; row < 32; row++) {
    const value = v128.load(src + (row << 4));
    acc = v128.or(acc, i32x4.shl(value, shift));
    shift += bits;
    if (shift >= 32) {
      v128.store(dst, acc);
      dst += 16;
      shift -= 32;
      acc = shift > 0 ? i32x4.shr_u(value, bits - shift) : i32x4.splat(0);
    }
  }
}

/** The way back: 128 u32 at `dst`. */
export function unpack128(src: usize, bits: u32, dst: usize): void {
  if (bits == 0) {
    memory.fill(dst, 0, 512);
    return;
  }
  const mask = i32x4.splat(bits == 32 ? -1 : <i32>((1 << bits) - 1));
  let word = v128.load(src);
  let shift: u32 = 0;
  for (let row: u32 = 0; row < 32; row++) {
    let value = i32x4.shr_u(word, shift);
    shift += bits;
    if (shift >= 32) {
      shift -= 32;
      if (row < 31 || shift > 0) {
        src += 16;
        word = v128.load(src);
      }
      if (shift > 0) value = v128.or(value, i32x4.shl(word, bits - shift));
    }
    v128.store(dst + (row << 4), v128.and(value, mask));
  }
}

/** The sum of 128 u32. */
export function sum128(at: usize): u32 {
  let sum = v128.load(at);
  for (let i: usize = 16; i < 512; i += 16) sum = i32x4.add(sum, v128.load(at + i));
  return (
    i32x4.extract_lane(sum, 0) + i32x4.extract_lane(sum, 1) + i32x4.extract_lane(sum, 2) + i32x4.extract_lane(sum, 3)
  );
}

/** Bytes of a packed row. */
export function rowBytes(count: u32, bits: u32): u32 {
  return <u32>((<u64>count * bits + 7) >> 3);
}

/** Packs `count` u32 at `src`, each `bits` wide (at most 32), in a row at `dst`; writes up to 8 bytes beyond it. */
export function packRow(src: usize, count: u32, bits: u32, dst: usize): void {
  let acc: u64 = 0;
  let filled: u64 = 0;
  for (const end = src + ((<usize>count) << 2); src < end; src += 4) {
    acc |= (<u64>load<u32>(src)) << filled;
    filled += bits;
    if (filled >= 32) {
      store<u32>(dst, <u32>acc);
      dst += 4;
      acc >>= 32;
      filled -= 32;
    }
  }
  store<u64>(dst, acc);
}

/** The way back; reads up to 8 bytes beyond the row. */
export function unpackRow(src: usize, count: u32, bits: u32, dst: usize): void {
  const mask: u64 = ((<u64>1) << bits) - 1;
  let at: u64 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const word = load<u64>(src + <usize>(at >> 3));
    store<u32>(dst + ((<usize>i) << 2), <u32>((word >> (at & 7)) & mask));
    at += bits;
  }
}
