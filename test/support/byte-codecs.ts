/** Snappy and LZ4 blocks, byte by byte as their format documents say, and streams that use every kind of element. */

export type Random = (limit: number) => number;

/** A small linear congruential generator: the same numbers on every machine. */
export function randomOf(seed: number): Random {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

/** A copy from `distance` bytes back, byte by byte; false where there is nothing to copy from. */
function copyBytes(out: number[], distance: number, length: number): boolean {
  if (distance === 0 || distance > out.length) return false;
  for (let i = 0; i < length; i++) out.push(out[out.length - distance]!);
  return true;
}

/** The raw bytes, or undefined where the block is broken or holds another number of bytes. */
export function referenceSnappy(block: Uint8Array, rawLength: number): Uint8Array | undefined {
  let at = 0;
  const number = (bytes: number) => {
    let value = 0;
    for (let i = 0; i < bytes; i++) value += (block[at++] ?? Number.NaN) * 2 ** (8 * i);
    return value;
  };
  let claimed = 0;
  for (let factor = 1; ; factor *= 128) {
    const byte = block[at++];
    if (byte === undefined || factor > 2 ** 28) return undefined;
    claimed += (byte & 127) * factor;
    if (byte < 128) break;
  }
  if (claimed !== rawLength) return undefined;
  const out: number[] = [];
  while (at < block.length) {
    const tag = block[at++]!;
    const kind = tag & 3;
    if (kind === 0) {
      const short = (tag >> 2) + 1;
      const length = short > 60 ? number(short - 60) + 1 : short;
      if (!(at + length <= block.length) || out.length + length > rawLength) return undefined;
      for (let i = 0; i < length; i++) out.push(block[at++]!);
    } else {
      const length = kind === 1 ? 4 + ((tag >> 2) & 7) : (tag >> 2) + 1;
      const distance = kind === 1 ? (tag >> 5) * 256 + number(1) : number(kind === 2 ? 2 : 4);
      if (Number.isNaN(distance) || out.length + length > rawLength || !copyBytes(out, distance, length))
        return undefined;
    }
  }
  return out.length === rawLength ? Uint8Array.from(out) : undefined;
}

/** The same for a raw LZ4 block. */
export function referenceLz4(block: Uint8Array, rawLength: number): Uint8Array | undefined {
  let at = 0;
  const more = (nibble: number) => {
    let length = nibble;
    for (let byte = 255; nibble === 15 && byte === 255; length += byte) byte = block[at++] ?? Number.NaN;
    return length;
  };
  const out: number[] = [];
  while (at < block.length) {
    const token = block[at++]!;
    const literal = more(token >> 4);
    if (!(at + literal <= block.length) || out.length + literal > rawLength) return undefined;
    for (let i = 0; i < literal; i++) out.push(block[at++]!);
    if (at === block.length) return out.length === rawLength ? Uint8Array.from(out) : undefined;
    const distance = block[at]! + (block[at + 1] ?? Number.NaN) * 256;
    at += 2;
    const length = more(token & 15) + 4;
    if (!(out.length + length <= rawLength) || !(distance > 0) || !copyBytes(out, distance, length)) return undefined;
  }
  return undefined;
}

/** LEB128. */
export const varint = (value: number): number[] =>
  value < 128 ? [value] : [(value % 128) | 128, ...varint(Math.floor(value / 128))];
const littleEndian = (value: number, bytes: number) =>
  Array.from({ length: bytes }, (_, i) => (value >>> (8 * i)) & 255);

/** Mostly small, at times up to `limit`. */
function skewed(random: Random, limit: number): number {
  return 1 + random(random(4) === 0 ? limit : Math.min(limit, 20));
}

/** A sound block of some elements, and how many bytes it holds. */
export function makeSnappy(random: Random): { readonly block: Uint8Array; readonly rawLength: number } {
  const body: number[] = [];
  let length = 0;
  for (let i = random(60); i >= 0; i--) {
    if (length === 0 || random(3) === 0) {
      const count = skewed(random, 700);
      const extra = count > 60 || random(9) === 0 ? (count > 256 ? 2 + random(3) : 1 + random(4)) : 0;
      body.push(extra === 0 ? (count - 1) << 2 : (59 + extra) << 2, ...littleEndian(count - 1, extra));
      for (let j = 0; j < count; j++) body.push(random(256));
      length += count;
    } else {
      const distance = Math.min(length, skewed(random, length));
      const kind = 1 + random(3);
      const count = kind === 1 ? 4 + random(8) : skewed(random, 64);
      if (kind === 1 && distance < 2048) {
        body.push(((distance >> 8) << 5) | ((count - 4) << 2) | 1, distance & 255);
      } else body.push(((count - 1) << 2) | (kind === 3 ? 3 : 2), ...littleEndian(distance, kind === 3 ? 4 : 2));
      length += count;
    }
  }
  return { block: Uint8Array.from([...varint(length), ...body]), rawLength: length };
}

/** The same for LZ4. */
export function makeLz4(random: Random): { readonly block: Uint8Array; readonly rawLength: number } {
  const block: number[] = [];
  let length = 0;
  const extended = (value: number): number[] =>
    value < 15 ? [] : [...Array<number>(Math.floor((value - 15) / 255)).fill(255), (value - 15) % 255];
  for (let i = random(30); i >= 0; i--) {
    const literal = length === 0 || i === 0 ? skewed(random, 700) : random(20);
    const copy = i === 0 ? 0 : skewed(random, 700) - 1;
    block.push((Math.min(literal, 15) << 4) | Math.min(copy, 15), ...extended(literal));
    for (let j = 0; j < literal; j++) block.push(random(256));
    length += literal;
    if (i === 0) break;
    block.push(...littleEndian(Math.min(length, skewed(random, length)), 2), ...extended(copy));
    length += copy + 4;
  }
  return { block: Uint8Array.from(block), rawLength: length };
}
