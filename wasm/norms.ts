// One byte for a document's length, as Lucene's SmallFloat.intToByte4: exact below 24, then four significant bits.

const FREE: u32 = 24;

/** Length in tokens -> norm; ascending in the length. */
export function normOf(length: u32): u8 {
  if (length < FREE) return <u8>length;
  const rest = length - FREE;
  const bits = 32 - clz(rest);
  if (bits < 4) return <u8>(FREE + rest);
  const shift = bits - 4;
  return <u8>(FREE + (((rest >> shift) & 7) | ((shift + 1) << 3)));
}
