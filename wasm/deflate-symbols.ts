// The alphabets of DEFLATE (RFC 1951, 3.2.5), by arithmetic instead of tables.

/** Literals 0-255, the end of a chunk, lengths 257-285. */
export const LITERALS: u32 = 286;
export const END_OF_CHUNK: u32 = 256;
export const DISTANCES: u32 = 30;

/** Symbol of a match of 3 to 258 bytes. */
export function lengthSymbol(length: u32): u32 {
  const l = length - 3;
  if (l < 8) return 257 + l;
  if (l == 255) return 285;
  const top = 31 - clz(l);
  return 257 + ((top - 1) << 2) + ((l >> (top - 2)) & 3);
}

/** Bits behind a length's symbol. */
export function lengthExtra(symbol: u32): u32 {
  return symbol < 265 || symbol == 285 ? 0 : (symbol - 261) >> 2;
}

/** Symbol of a distance of 1 to 32,768. */
export function distanceSymbol(distance: u32): u32 {
  const d = distance - 1;
  if (d < 2) return d;
  const top = 31 - clz(d);
  return (top << 1) + ((d >> (top - 1)) & 1);
}

/** Bits behind a distance's symbol. */
export function distanceExtra(symbol: u32): u32 {
  return symbol < 4 ? 0 : (symbol - 2) >> 1;
}

/** One more of a symbol, in a table of u32. */
export function countSymbol(counts: usize, symbol: u32): void {
  const slot = counts + ((<usize>symbol) << 2);
  store<u32>(slot, load<u32>(slot) + 1);
}
