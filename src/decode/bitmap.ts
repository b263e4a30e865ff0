/** Bitmaps as in Arrow: bit i of byte i / 8, least significant bit first. */

export function hasBit(bitmap: Uint8Array, i: number): boolean {
  return ((bitmap[i >> 3]! >> (i & 7)) & 1) === 1;
}

export function setBit(bitmap: Uint8Array, i: number): void {
  bitmap[i >> 3] = bitmap[i >> 3]! | (1 << (i & 7));
}

export function clearBit(bitmap: Uint8Array, i: number): void {
  bitmap[i >> 3] = bitmap[i >> 3]! & ~(1 << (i & 7));
}

/** A bitmap of `count` set bits; the bits behind the last one are 0. */
export function fullBitmap(count: number): Uint8Array {
  const bitmap = new Uint8Array((count + 7) >> 3).fill(0xff);
  if (count % 8 !== 0) bitmap[bitmap.length - 1] = (1 << (count & 7)) - 1;
  return bitmap;
}

/** Bits `[start, start + count)` as a bitmap of their own, or undefined when all of them are set. */
export function sliceBits(bitmap: Uint8Array, start: number, count: number): Uint8Array | undefined {
  const out = new Uint8Array((count + 7) >> 3);
  const shift = start & 7;
  const from = start >> 3;
  for (let i = 0; i < out.length; i++) {
    const low = bitmap[from + i] ?? 0;
    const high = shift === 0 ? 0 : (bitmap[from + i + 1] ?? 0);
    out[i] = (low >> shift) | (high << (8 - shift));
  }
  if (count % 8 !== 0) out[out.length - 1] = out[out.length - 1]! & ((1 << (count & 7)) - 1);
  return isFull(out, count) ? undefined : out;
}

function isFull(bitmap: Uint8Array, count: number): boolean {
  const whole = count >> 3;
  for (let i = 0; i < whole; i++) if (bitmap[i] !== 0xff) return false;
  return count % 8 === 0 || bitmap[whole] === (1 << (count & 7)) - 1;
}
