/**
 * Bit packing: rows (values one after the other, low bits first) and blocks of 128 in four vertical lanes.
 * Packed words are read through typed arrays: little-endian hosts only, as WebAssembly itself.
 */
import { POSTINGS_BLOCK } from './layout.js';

/** Bits that hold an unsigned 32-bit value: 0 for 0, 32 for 2^32 - 1. */
export function bitWidth(value: number): number {
  return 32 - Math.clz32(value);
}

/** Bytes of a packed row of `count` values. */
export function rowBytes(count: number, bits: number): number {
  return Math.ceil((count * bits) / 8);
}

/** Bytes of a packed block of 128. */
export function blockBytes(bits: number): number {
  return (POSTINGS_BLOCK / 8) * bits;
}

const scratch = new Uint32Array(POSTINGS_BLOCK);
const scratchBytes = new Uint8Array(scratch.buffer);

/**
 * Unpacks 128 values of `bits` (0..32) from `bytes` at `at`: value i in lane i & 3, place i >> 2; word w of lane l
 * at byte 16*w + 4*l. The caller has checked that the bytes are there.
 */
export function unpackBlock(bytes: Uint8Array, at: number, bits: number, out: Uint32Array): void {
  if (bits === 0) {
    out.fill(0, 0, POSTINGS_BLOCK);
    return;
  }
  // Copied once so that words are aligned, wherever the block starts in the section.
  scratchBytes.set(bytes.subarray(at, at + blockBytes(bits)));
  const mask = bits === 32 ? -1 : (1 << bits) - 1;
  let bit = 0;
  for (let i = 0; i < POSTINGS_BLOCK; i += 4) {
    const word = (bit >> 5) << 2;
    const shift = bit & 31;
    let a = scratch[word]! >>> shift;
    let b = scratch[word + 1]! >>> shift;
    let c = scratch[word + 2]! >>> shift;
    let d = scratch[word + 3]! >>> shift;
    if (shift + bits > 32) {
      const left = 32 - shift;
      a |= scratch[word + 4]! << left;
      b |= scratch[word + 5]! << left;
      c |= scratch[word + 6]! << left;
      d |= scratch[word + 7]! << left;
    }
    out[i] = a & mask;
    out[i + 1] = b & mask;
    out[i + 2] = c & mask;
    out[i + 3] = d & mask;
    bit += bits;
  }
}

/** `bits` (0..32) bits at bit offset `bit` from byte `at`, low bits first; bytes beyond the array read as zero. */
export function readBits(bytes: Uint8Array, at: number, bit: number, bits: number): number {
  if (bits === 0) return 0;
  const byte = at + Math.floor(bit / 8);
  const shift = bit & 7;
  const low = (bytes[byte]! | (bytes[byte + 1]! << 8) | (bytes[byte + 2]! << 16) | (bytes[byte + 3]! << 24)) >>> shift;
  const value = shift + bits > 32 ? low | (bytes[byte + 4]! << (32 - shift)) : low;
  return (bits === 32 ? value : value & ((1 << bits) - 1)) >>> 0;
}

/** Value `index` of a row of width `bits` (0..32) that starts at byte `at`. */
export function readPacked(bytes: Uint8Array, at: number, bits: number, index: number): number {
  return readBits(bytes, at, index * bits, bits);
}
