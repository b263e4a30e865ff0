/**
 * LZ4 frames into a buffer of known size, as Arrow IPC stores them. Written here because it is a page of code and the
 * packages for it are either native or long unkept. Checksums are not verified; every bound is.
 * Spec: lz4, lz4_Frame_format.md and lz4_Block_format.md.
 */
import { badInput, checkInput } from './bad-input.js';

const MAGIC = 0x184d2204;
const MIN_MATCH = 4;
const STORED_BLOCK = 0x80000000;

/** Fills `out` from one frame. Errors: `bad-data` unless the frame fills it exactly. */
export function decodeLz4Frame(frame: Uint8Array, out: Uint8Array): void {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  checkInput(frame.length >= 7 && view.getUint32(0, true) === MAGIC, 'an lz4 buffer does not begin with an lz4 frame');
  const flags = frame[4]!;
  checkInput(flags >> 6 === 1, 'an lz4 frame has an unknown version');
  const hasBlockChecksums = (flags & 0x10) !== 0;
  // Behind flags and block size: the content size if there is one, then one byte of header checksum.
  let at = 6 + ((flags & 0x08) !== 0 ? 8 : 0) + 1;
  checkInput((flags & 0x01) === 0, 'an lz4 frame needs a dictionary');
  let length = 0;
  for (;;) {
    checkInput(at + 4 <= frame.length, 'an lz4 frame ends too early');
    const header = view.getUint32(at, true);
    at += 4;
    if (header === 0) break;
    const size = header % STORED_BLOCK;
    checkInput(at + size <= frame.length, 'an lz4 frame ends too early');
    const block = frame.subarray(at, at + size);
    if (header >= STORED_BLOCK) {
      checkInput(length + size <= out.length, 'an lz4 frame holds more than it says');
      out.set(block, length);
      length += size;
    } else length = decodeBlock(block, out, length);
    at += size + (hasBlockChecksums ? 4 : 0);
  }
  checkInput(length === out.length, `an lz4 frame gave ${length} of ${out.length} bytes`);
}

/** Decodes one block behind what `out` already holds (blocks may refer back) and returns the new length. */
function decodeBlock(block: Uint8Array, out: Uint8Array, start: number): number {
  let at = 0;
  let length = start;
  const readLength = (nibble: number) => {
    let value = nibble;
    if (nibble < 15) return value;
    for (;;) {
      if (at >= block.length) throw badInput('an lz4 block ends too early');
      const byte = block[at++]!;
      value += byte;
      if (byte < 255) return value;
    }
  };
  while (at < block.length) {
    const token = block[at++]!;
    const literals = readLength(token >> 4);
    if (at + literals > block.length || length + literals > out.length) throw badInput('an lz4 block is garbled');
    out.set(block.subarray(at, at + literals), length);
    at += literals;
    length += literals;
    // The last sequence is literals alone.
    if (at === block.length) return length;
    checkInput(at + 2 <= block.length, 'an lz4 block ends too early');
    const distance = block[at]! | (block[at + 1]! << 8);
    at += 2;
    const match = readLength(token & 15) + MIN_MATCH;
    if (distance === 0 || distance > length || length + match > out.length) throw badInput('an lz4 block is garbled');
    copyMatch(out, length - distance, length, match);
    length += match;
  }
  return length;
}

/** Source and target may overlap: then the copied bytes repeat. */
function copyMatch(out: Uint8Array, from: number, to: number, length: number): void {
  if (to - from >= length) out.copyWithin(to, from, from + length);
  else for (let i = 0; i < length; i++) out[to + i] = out[from + i]!;
}
