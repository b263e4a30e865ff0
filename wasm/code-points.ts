// UTF-8 to code points, and what the tables say of a code point. The bytes are valid UTF-8: `validateUtf8` has seen them.

import {
  BLOCK_BYTES,
  BLOCK_INDEX,
  BLOCK_RUNS,
  BLOCK_RUNS_BYTES,
  BLOCK_SHIFT,
  INDEXED_END,
  PLAIN_END,
  TAGS_SHIFT,
} from './unicode-tables';

const BLOCKS = memory.data(32768);

/** Unpacks the blocks of entries once, when the module starts. */
function unpackBlocks(): void {
  let to = BLOCKS;
  for (let at: usize = 0; at < BLOCK_RUNS_BYTES; at += 2) {
    const length = <usize>load<u8>(BLOCK_RUNS + at);
    memory.fill(to, load<u8>(BLOCK_RUNS + at, 1), length);
    to += length;
  }
  if (to != BLOCKS + BLOCK_BYTES || BLOCK_BYTES > 32768) unreachable();
}
unpackBlocks();

/** Class and flags of a code point: see `CLASS_MASK`, `LETTER_OR_DIGIT`, `HAS_LOWER_CASE`. */
export function entryOf(codePoint: u32): u32 {
  if (codePoint >= PLAIN_END) {
    codePoint -= TAGS_SHIFT;
    // Code points between the two indexed stretches wrap round or stay below PLAIN_END.
    if (codePoint < PLAIN_END || codePoint >= INDEXED_END) return 0;
  }
  const block = <usize>load<u8>(BLOCK_INDEX + (codePoint >> BLOCK_SHIFT));
  return load<u8>(BLOCKS + ((block << BLOCK_SHIFT) | (codePoint & ((1 << BLOCK_SHIFT) - 1))));
}

/** Bytes of the code point that begins at `at`. */
export function widthAt(at: usize): u32 {
  const lead = <u32>load<u8>(at);
  if (lead < 0x80) return 1;
  return lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

/** The code point of `width` bytes at `at`. */
export function codePointAt(at: usize, width: u32): u32 {
  const lead = <u32>load<u8>(at);
  if (width == 1) return lead;
  const second = <u32>load<u8>(at, 1) & 0x3f;
  if (width == 2) return ((lead & 0x1f) << 6) | second;
  const third = <u32>load<u8>(at, 2) & 0x3f;
  if (width == 3) return ((lead & 0x0f) << 12) | (second << 6) | third;
  return ((lead & 0x07) << 18) | (second << 12) | (third << 6) | (<u32>load<u8>(at, 3) & 0x3f);
}

/** White space as Java's `Character.isWhitespace` has it: U+00A0, U+2007 and U+202F are none. */
export function isWhitespace(codePoint: u32): bool {
  if (codePoint < 0x80) return codePoint == 0x20 || codePoint - 0x09 < 5 || codePoint - 0x1c < 4;
  if (codePoint - 0x2000 < 0x0b) return codePoint != 0x2007;
  return (
    codePoint == 0x1680 || codePoint == 0x2028 || codePoint == 0x2029 || codePoint == 0x205f || codePoint == 0x3000
  );
}
