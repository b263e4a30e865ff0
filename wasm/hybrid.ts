// Parquet's RLE / bit-packing hybrid (parquet-format, Encodings.md): runs of one value, and groups of eight values packed LSB first.
// Levels come out as bytes, dictionary indices as u32.

/** The largest value that was read. */
export let hybridMost: u32 = 0;

/** Behind the header of a run that `readHeader` read; 0 where the input ends too early. */
let headerEnd: usize = 0;

/** A run's header: bit 0 set = packed groups, else one value; the other bits count them. */
function readHeader(src: usize, end: usize): u32 {
  let header: u32 = 0;
  for (let shift: u32 = 0; shift <= 28; shift += 7) {
    if (src >= end) break;
    const byte = <u32>load<u8>(src++);
    header |= (byte & 0x7f) << shift;
    if (byte < 0x80) {
      headerEnd = src;
      return header;
    }
  }
  headerEnd = 0;
  return 0;
}

/** Bytes behind a run's header. Groups are always whole, also where fewer values are wanted of the last one. */
function runBytes(header: u32, width: u32): u64 {
  return header & 1 ? <u64>(header >> 1) * width : (width + 7) >> 3;
}

/**
 * Reads `count` values of `width` bits (at most 32) from `[src, end)` to `out`; false where the input ends too early or a run is
 * malformed, also one behind the last wanted value: a width that was garbled shows there. Reads up to 8 bytes beyond `end`.
 */
export function readHybrid<T>(src: usize, end: usize, width: u32, count: u32, out: usize): bool {
  const outEnd = out + <usize>count * sizeof<T>();
  hybridMost = 0;
  while (src < end) {
    const header = readHeader(src, end);
    if (headerEnd == 0) return false;
    src = headerEnd;
    const bytes = runBytes(header, width);
    if (bytes > <u64>(end - src)) return false;
    const wanted = <u32>((outEnd - out) / sizeof<T>());
    const runs = header >> 1;
    let values: u32;
    if (header & 1) {
      values = runs >= (wanted + 7) >> 3 ? wanted : runs << 3;
      unpack<T>(src, width, values, out);
    } else {
      values = min<u32>(runs, wanted);
      const value = bytes == 0 ? 0 : load<u32>(src) & (<u32>0xffffffff >> (32 - ((<u32>bytes) << 3)));
      if (values > 0) hybridMost = max<u32>(hybridMost, value);
      fill<T>(out, value, values);
    }
    out += <usize>values * sizeof<T>();
    src += <usize>bytes;
  }
  return out == outEnd;
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
