// Raw DEFLATE (RFC 1951) of stored blocks, made for short rows of text: one Huffman code per chunk of 32 KiB, and each chunk as
// the cheapest of the format's three types, told by exact cost. The bytes are a function of the block alone: no table outlives it.

import { alloc } from './arena';
import { alignBits, beginBits, putBits, resumeBits, waiting, waitingBits } from './bit-writer';
import { makeHeader, writeHeader } from './deflate-header';
import {
  DISTANCES,
  distanceExtra,
  distanceSymbol,
  END_OF_CHUNK,
  LITERALS,
  lengthExtra,
  lengthSymbol,
} from './deflate-symbols';
import { buildCode, codesOfLengths } from './huffman';
import {
  beginMatches,
  CHUNK_BYTES,
  distanceCounts,
  findMatches,
  literalCounts,
  literals,
  matches,
  matchesEnd,
  slideMatches,
} from './matches';
import { ensureOut, openOut, outPos, setOut } from './out';

/** Four literals then fit into a word behind seven bits that wait; 14 give up to 0.1 % more bytes, for a longer header. */
const MAX_LITERAL_BITS: u32 = 12;
const MAX_DISTANCE_BITS: u32 = 15;

const STORED: u32 = 0;
const FIXED: u32 = 1;
const DYNAMIC: u32 = 2;

/** Codes, one u32 a symbol: `bits << 5 | their number`. Symbol 288 is written as nothing. */
const NOTHING: u32 = 288;
const literalCodes: usize = memory.data(289 * 4, 16);
const distanceCodes: usize = memory.data(32 * 4, 16);
const fixedLiterals: usize = memory.data(289 * 4, 16);
const fixedDistances: usize = memory.data(32 * 4, 16);
/** The same for lengths from 3 on, their extra bits included. */
const lengthCodes: usize = memory.data(256 * 4, 16);

/** One u32 a block: its bytes in the output. */
export let deflatedLengths: usize = 0;

/**
 * Compresses `count` blocks that lie one after the other at `raw`, with ends at the u32 offsets `ends`, into the open output. A block that would
 * not get smaller is copied as it is: its length then is that of the raw block.
 */
export function deflateBlocks(raw: usize, ends: usize, count: u32): void {
  deflatedLengths = alloc((<usize>count) << 2);
  openOut();
  makeFixedCodes();
  let start: usize = 0;
  for (let block: usize = 0; block < <usize>count; block++) {
    const end = <usize>load<u32>(ends + (block << 2));
    const before = outPos;
    deflateBlock(raw + start, raw + end);
    if (outPos - before >= end - start) {
      memory.copy(before, raw + start, end - start);
      setOut(before + end - start);
    }
    store<u32>(deflatedLengths + (block << 2), <u32>(outPos - before));
    start = end;
  }
}

function deflateBlock(start: usize, end: usize): void {
  // A chunk never takes more than its bytes, three bits, what fills their byte up and four bytes of length.
  const bytes = end - start;
  ensureOut(bytes + ((bytes >> 15) + 1) * 6 + 16);
  beginBits();
  beginMatches();
  while (true) {
    const chunkEnd = min(end, start + CHUNK_BYTES);
    findMatches(start, chunkEnd);
    writeChunk(start, chunkEnd, chunkEnd == end);
    if (chunkEnd == end) break;
    slideMatches();
    start = chunkEnd;
  }
  alignBits();
}

/** The fixed codes of the format (RFC 1951, 3.2.6), made once. */
function makeFixedCodes(): void {
  if (load<u32>(fixedLiterals) != 0) return;
  for (let symbol: u32 = 0; symbol < 288; symbol++) {
    store<u32>(fixedLiterals + (symbol << 2), symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8);
  }
  for (let symbol: u32 = 0; symbol < 32; symbol++) store<u32>(fixedDistances + (symbol << 2), 5);
  codesOfLengths(288, 9, fixedLiterals);
  codesOfLengths(32, 5, fixedDistances);
}

function writeChunk(start: usize, end: usize, last: bool): void {
  buildCode(literalCounts, LITERALS, MAX_LITERAL_BITS, literalCodes);
  buildCode(distanceCounts, DISTANCES, MAX_DISTANCE_BITS, distanceCodes);
  const extra = extraBits();
  const dynamic = makeHeader(literalCodes, distanceCodes) + codeBits(literalCodes, distanceCodes) + extra;
  const fixed = codeBits(fixedLiterals, fixedDistances) + extra;
  const filling: u32 = 7 - ((<u32>waitingBits + 2) & 7);
  const stored: u32 = filling + 32 + ((<u32>(end - start)) << 3);
  if (stored <= min<u32>(dynamic, fixed)) {
    putType(STORED, last);
    writeStored(start, end);
  } else if (fixed <= dynamic) {
    putType(FIXED, last);
    writeCoded(fixedLiterals, fixedDistances);
  } else {
    putType(DYNAMIC, last);
    writeHeader();
    writeCoded(literalCodes, distanceCodes);
  }
}

function putType(type: u32, last: bool): void {
  putBits((last ? 1 : 0) | (type << 1), 3);
}

/** Bits of all symbols, without those behind them. */
function codeBits(ofLiterals: usize, ofDistances: usize): u32 {
  let bits: u32 = 0;
  for (let at: usize = 0; at < (<usize>LITERALS) << 2; at += 4)
    bits += load<u32>(literalCounts + at) * (load<u32>(ofLiterals + at) & 31);
  for (let at: usize = 0; at < (<usize>DISTANCES) << 2; at += 4)
    bits += load<u32>(distanceCounts + at) * (load<u32>(ofDistances + at) & 31);
  return bits;
}

/** Bits behind lengths and distances: the same in any code. */
function extraBits(): u32 {
  let bits: u32 = 0;
  for (let symbol: u32 = 265; symbol < LITERALS; symbol++)
    bits += load<u32>(literalCounts + (symbol << 2)) * lengthExtra(symbol);
  for (let symbol: u32 = 4; symbol < DISTANCES; symbol++)
    bits += load<u32>(distanceCounts + (symbol << 2)) * distanceExtra(symbol);
  return bits;
}

/** At most 32 KiB, so that the length fits into its 16 bits. */
function writeStored(start: usize, end: usize): void {
  alignBits();
  const bytes = <u32>(end - start);
  store<u32>(outPos, bytes | (~bytes << 16));
  memory.copy(outPos + 4, start, bytes);
  setOut(outPos + 4 + bytes);
}

function writeCoded(ofLiterals: usize, ofDistances: usize): void {
  makeLengthCodes(ofLiterals);
  writeMatches(ofLiterals, ofDistances);
  const close = load<u32>(ofLiterals + (END_OF_CHUNK << 2));
  putBits(close >> 5, close & 31);
}

/** Literals and matches. The word holds at most 7 + 4 * 12, or 7 + 17 + 28 bits. */
function writeMatches(ofLiterals: usize, ofDistances: usize): void {
  let word = waiting;
  let filled = waitingBits;
  let to = outPos;
  let at = literals;
  for (let match = matches; ; match += 8) {
    const entry = load<u64>(match);
    const end = at + <usize>(entry & 0xffff);
    // Four at a time, the last ones filled up with nothing: no branch on how many are left over.
    for (; at < end; at += 4) {
      const bytes = load<u32>(at);
      const left = end - at;
      const a = <u64>load<u32>(ofLiterals + ((bytes & 255) << 2));
      const b = <u64>load<u32>(ofLiterals + ((left > 1 ? (bytes >> 8) & 255 : NOTHING) << 2));
      const c = <u64>load<u32>(ofLiterals + ((left > 2 ? (bytes >> 16) & 255 : NOTHING) << 2));
      const d = <u64>load<u32>(ofLiterals + ((left > 3 ? bytes >> 24 : NOTHING) << 2));
      word |= (a >> 5) << filled;
      filled += a & 31;
      word |= (b >> 5) << filled;
      filled += b & 31;
      word |= (c >> 5) << filled;
      filled += c & 31;
      word |= (d >> 5) << filled;
      filled += d & 31;
      store<u64>(to, word);
      to += <usize>(filled >> 3);
      word >>= filled & ~7;
      filled &= 7;
    }
    at = end;
    if (match == matchesEnd) break;
    const length = <u64>load<u32>(lengthCodes + (((<usize>(entry >> 16) & 0xffff) - 3) << 2));
    word |= (length >> 5) << filled;
    filled += length & 31;
    const distance = <u32>(entry >> 32);
    const symbol = distanceSymbol(distance);
    const code = <u64>load<u32>(ofDistances + (symbol << 2));
    word |= (code >> 5) << filled;
    filled += code & 31;
    const extra = distanceExtra(symbol);
    word |= (<u64>((distance - 1) & ((1 << extra) - 1))) << filled;
    filled += extra;
    store<u64>(to, word);
    to += <usize>(filled >> 3);
    word >>= filled & ~7;
    filled &= 7;
  }
  resumeBits(to, word, filled);
}

function makeLengthCodes(ofLiterals: usize): void {
  for (let length: u32 = 3; length <= 258; length++) {
    const symbol = lengthSymbol(length);
    const code = load<u32>(ofLiterals + (symbol << 2));
    const extra = lengthExtra(symbol);
    const behind = ((length - 3) & ((1 << extra) - 1)) << (code & 31);
    store<u32>(lengthCodes + ((length - 3) << 2), (((code >> 5) | behind) << 5) | ((code & 31) + extra));
  }
}
