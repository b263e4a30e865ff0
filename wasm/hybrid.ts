// Parquet's RLE / bit-packing hybrid (parquet-format, Encodings.md): runs of one value, and groups of eight values packed LSB first.
// Levels come out as bytes, dictionary indices as u32.

/** Behind the last run that was read. */
export let hybridEnd: usize = 0;
/** The largest value that was read. */
export let hybridMost: u32 = 0;

/**
 * Reads `count` values of `width` bits (at most 32) from `[src, end)` to `out`; false where the input ends too early or a run is
 * malformed. Reads up to 8 bytes beyond `end`.
 */
export function readHybrid<T>(src: usize, end: usize, width: u32, count: u32, out: usize): bool {
  const outEnd = out + <usize>count * sizeof<T>();
  hybridMost = 0;
  while (out < outEnd) {
    let header: u32 = 0;
    for (let shift: u32 = 0; ; shift += 7) {
      if (src >= end || shift > 28) return false;
      const byte = <u32>load<u8>(src++);
      header |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    const wanted = <u32>((outEnd - out) / sizeof<T>());
    if (header & 1) {
      // Groups are always whole, also where fewer values are wanted of the last one.
      const groups = header >> 1;
      const packed = <u64>groups * width;
      if (packed > <u64>(end - src)) return false;
      const values = groups >= (wanted + 7) >> 3 ? wanted : groups << 3;
      unpack<T>(src, width, values, out);
      out += <usize>values * sizeof<T>();
      src += <usize>packed;
    } else {
      const bytes = <usize>((width + 7) >> 3);
      if (end - src < bytes) return false;
      const value = bytes == 0 ? 0 : load<u32>(src) & (<u32>0xffffffff >> (32 - ((<u32>bytes) << 3)));
      const values = min<u32>(header >> 1, wanted);
      src += bytes;
      if (values > 0) hybridMost = max<u32>(hybridMost, value);
      fill<T>(out, value, values);
      out += <usize>values * sizeof<T>();
    }
  }
  hybridEnd = src;
  return true;
}

function unpack<T>(src: usize, width: u32, count: u32, out: usize): void {
  const mask = ((<u64>1) << width) - 1;
  let most: u64 = 0;
  let bit: u64 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const value = (load<u64>(src + <usize>(bit >> 3)) >> (bit & 7)) & mask;
    bit += width;
    most = max<u64>(most, value);
    store<T>(out, <T>value);
    out += sizeof<T>();
  }
  hybridMost = max<u32>(hybridMost, <u32>most);
}

function fill<T>(out: usize, value: u32, count: u32): void {
  if (sizeof<T>() == 1) {
    memory.fill(out, <u8>value, count);
    return;
  }
  for (let i: u32 = 0; i < count; i++) store<T>(out + <usize>i * sizeof<T>(), <T>value);
}
