// Byte strings and variable-length integers in raw memory.

/** Writes a LEB128 varint; returns the address behind it. */
export function writeVarint(at: usize, value: u32): usize {
  if (value < 0x80) {
    store<u8>(at, <u8>value);
    return at + 1;
  }
  return writeLongVarint(at, value);
}

function writeLongVarint(at: usize, value: u32): usize {
  while (value >= 0x80) {
    store<u8>(at++, <u8>(value | 0x80));
    value >>= 7;
  }
  store<u8>(at++, <u8>value);
  return at;
}

/** Where the last `readVarint` stopped. */
export let varintEnd: usize = 0;

/** Reads a LEB128 varint of at most 32 bits; `varintEnd` then points behind it. */
export function readVarint(at: usize): u32 {
  let byte = <u32>load<u8>(at++);
  let value = byte & 0x7f;
  let shift: u32 = 7;
  while (byte & 0x80) {
    byte = <u32>load<u8>(at++);
    value |= (byte & 0x7f) << shift;
    shift += 7;
  }
  varintEnd = at;
  return value;
}

/** For each length from 0 to 8 the bytes of a word that belong to a value of that length. */
const PREFIX_MASKS: usize = memory.data<u64>([
  0x0000000000000000, 0x00000000000000ff, 0x000000000000ffff, 0x0000000000ffffff, 0x00000000ffffffff,
  0x000000ffffffffff, 0x0000ffffffffffff, 0x00ffffffffffffff, 0xffffffffffffffff,
]);

/** The first eight bytes, zero-padded, as they lie in memory. May read up to 8 bytes beyond the value. */
export function prefixOf(at: usize, length: u32): u64 {
  return load<u64>(at) & load<u64>(PREFIX_MASKS + ((<usize>min<u32>(length, 8)) << 3));
}

/** The first eight bytes as a number that orders as the bytes do. */
export function orderedPrefix(at: usize, length: u32): u64 {
  return bswap<u64>(prefixOf(at, length));
}

/** How many of the first `most` bytes are the same; reads up to 7 bytes beyond. */
export function sharedLength(a: usize, b: usize, most: u32): u32 {
  let shared: u32 = 0;
  while (shared < most) {
    const difference = load<u64>(a + shared) ^ load<u64>(b + shared);
    if (difference != 0) return min<u32>(most, shared + <u32>(ctz(difference) >> 3));
    shared += 8;
  }
  return most;
}

/** Unsigned byte order, a prefix before its extensions: negative, 0 or positive. */
export function compareTerms(a: usize, aLength: u32, b: usize, bLength: u32): i32 {
  const common = min<u32>(aLength, bLength);
  let i: u32 = 0;
  while (i + 8 <= common) {
    const x = load<u64>(a + i);
    const y = load<u64>(b + i);
    if (x != y) return bswap<u64>(x) < bswap<u64>(y) ? -1 : 1;
    i += 8;
  }
  for (; i < common; i++) {
    const difference = <i32>load<u8>(a + i) - <i32>load<u8>(b + i);
    if (difference != 0) return difference;
  }
  return <i32>aLength - <i32>bLength;
}

/** True where both hold the same `length` bytes. */
export function equalBytes(a: usize, b: usize, length: u32): bool {
  let i: u32 = 0;
  for (; i + 8 <= length; i += 8) {
    if (load<u64>(a + i) != load<u64>(b + i)) return false;
  }
  for (; i < length; i++) {
    if (load<u8>(a + i) != load<u8>(b + i)) return false;
  }
  return true;
}
