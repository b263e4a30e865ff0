/** Bytes the slow, obvious way: number arrays, one bit at a time. Nothing here is shared with the code under test. */

export const utf8 = (text: string): number[] => [...new TextEncoder().encode(text)];

/** Little-endian, `bytes` wide; negative numbers in two's complement. */
export function fixed(value: number | bigint, bytes: number): number[] {
  let rest = BigInt.asUintN(bytes * 8, BigInt(value));
  return Array.from({ length: bytes }, () => {
    const byte = Number(rest & 0xffn);
    rest >>= 8n;
    return byte;
  });
}

export function varint(value: number): number[] {
  const out: number[] = [];
  let rest = value;
  while (rest >= 128) {
    out.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  return [...out, rest];
}

/** `varint length, bytes`. */
export const sized = (bytes: readonly number[]): number[] => [...varint(bytes.length), ...bytes];

/** Zero bytes up to a multiple of 8. */
export const padded = (bytes: readonly number[]): number[] => [
  ...bytes,
  ...new Array((8 - (bytes.length % 8)) % 8).fill(0),
];

/** The smallest width that holds every value; 0 where all are zero. */
export function widthOf(values: readonly (number | bigint)[]): number {
  let width = 0;
  for (const value of values) {
    const binary = value === 0 || value === 0n ? '' : value.toString(2);
    width = Math.max(width, binary.length);
  }
  return width;
}

/** Values one after the other, low bits first, up to a whole byte. */
export function packedRow(values: readonly (number | bigint)[], width: number): number[] {
  const bits: number[] = [];
  for (const value of values) {
    for (let i = 0; i < width; i++) bits.push(Number((BigInt(value) >> BigInt(i)) & 1n));
  }
  return bitsToBytes(bits);
}

/** 128 values in four lanes: value i in lane i & 3, place i >> 2; word w of lane l at byte 16 w + 4 l. */
export function packed128(values: readonly number[], width: number): number[] {
  const out = new Array<number>(16 * width).fill(0);
  for (let lane = 0; lane < 4; lane++) {
    const stream = packedRow(
      values.filter((_, i) => i % 4 === lane),
      width,
    );
    stream.forEach((byte, i) => {
      const word = Math.floor(i / 4);
      out[16 * word + 4 * lane + (i % 4)] = byte;
    });
  }
  return out;
}

/** Bits, low ones first, as bytes. */
export function bitsToBytes(bits: readonly number[]): number[] {
  const out = new Array<number>(Math.ceil(bits.length / 8)).fill(0);
  bits.forEach((bit, i) => {
    out[i >> 3]! += bit << (i & 7);
  });
  return out;
}

/** CRC-32 by its definition. */
export function plainCrc32(bytes: readonly number[]): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let i = 0; i < 8; i++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}

/** Compares as unsigned bytes. */
export function orderBytes(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return a.length - b.length;
}

export function sharedPrefix(a: readonly number[], b: readonly number[]): number {
  let shared = 0;
  while (shared < Math.min(a.length, b.length) && a[shared] === b[shared]) shared++;
  return shared;
}

/** `values` cut into pieces of `size`, the last one shorter. */
export function chunked<T>(values: readonly T[], size: number): T[][] {
  const out: T[][] = [];
  for (let i = 0; i < values.length; i += size) out.push(values.slice(i, i + size));
  return out;
}
