// Raw DEFLATE (RFC 1951) of stored blocks. Made for short rows of text at the speed of a memory copy's tenth: greedy matches, one Huffman
// code per chunk of 32 KiB, and each chunk in the cheapest of the format's three block types, told by exact cost.
// The bytes are a function of the block alone: no table outlives it.

import { alloc } from './arena';
import { buildCode, codesOfLengths } from './huffman';
import { beginMatches, CHUNK_BYTES, distanceCounts, distanceSymbol, findMatches, lengthSymbol, literalCounts, sequences, sequencesEnd, slideMatches } from './matches';
import { ensureOut, openOut, outPos, setOut } from './out';

const LITERALS: u32 = 286;
const DISTANCES: u32 = 30;
/** Four literals then fit behind seven bits that wait. */
const MAX_LITERAL_BITS: u32 = 12;
const MAX_DISTANCE_BITS: u32 = 15;
const MAX_HEADER_BITS: u32 = 7;

const codes: usize = memory.data(288 * 4, 16);
const distanceCodes: usize = memory.data(32 * 4, 16);
const fixedLiterals: usize = memory.data(288 * 4, 16);
const fixedDistances: usize = memory.data(32 * 4, 16);
const lengthBits: usize = memory.data(256 * 4, 16);

const headerCounts: usize = memory.data(19 * 4, 16);
const headerCodes: usize = memory.data(19 * 4, 16);
/** Symbols of the header as `symbol | extra value << 8`. */
const headerSymbols: usize = memory.data(320 * 2, 16);
let headerLength: u32 = 0;
let literalsUsed: u32 = 0;
let distancesUsed: u32 = 0;
let orderUsed: u32 = 0;

const ORDER = memory.data<u8>([16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]);

/** Bits that wait for their byte, and how many; up to 7 between calls. */
let waiting: u64 = 0;
let waitingBits: u64 = 0;

/** One u32 a block: its bytes in the output. */
export let deflatedLengths: usize = 0;

/** Compresses `count` blocks that lie one after the other at `raw` and end at the u32 offsets `ends`; blocks that would not shrink are kept as they are. */
export function deflateBlocks(raw: usize, ends: usize, count: u32): void {
  deflatedLengths = alloc((<usize>count) << 2);
  openOut();
  makeFixedCodes();
  let start: usize = 0;
  for (let block: u32 = 0; block < count; block++) {
    const end = <usize>load<u32>(ends + ((<usize>block) << 2));
    const before = outPos;
    deflateBlock(raw + start, raw + end);
    if (outPos - before >= end - start) {
      memory.copy(before, raw + start, end - start);
      setOut(before + (end - start));
    }
    store<u32>(deflatedLengths + ((<usize>block) << 2), <u32>(outPos - before));
    start = end;
  }
}

function deflateBlock(start: usize, end: usize): void {
  waiting = 0;
  waitingBits = 0;
  beginMatches();
  // Stored chunks bound the size: five bytes each, and one where they begin inside a byte.
  ensureOut(end - start + (((end - start) >> 15) + 1) * 8 + 64);
  do {
    const chunkEnd = min(end, start + CHUNK_BYTES);
    findMatches(start, chunkEnd);
    writeChunk(start, chunkEnd, chunkEnd == end);
    slideMatches();
    start = chunkEnd;
  } while (start < end);
  if (waitingBits > 0) {
    store<u8>(outPos, <u8>waiting);
    setOut(outPos + 1);
  }
}

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
  buildCode(literalCounts, LITERALS, MAX_LITERAL_BITS, codes);
  buildCode(distanceCounts, DISTANCES, MAX_DISTANCE_BITS, distanceCodes);
  const header = makeHeader();
  const dynamic = header + costOf(codes, distanceCodes);
  const fixed = costOf(fixedLiterals, fixedDistances);
  const stored: u32 = 7 - ((<u32>waitingBits + 2) & 7) + 32 + (<u32>(end - start) << 3);
  const extra = extraBits();
  if (stored <= min<u32>(dynamic, fixed) + extra) {
    writeStored(start, end, last);
  } else if (fixed <= dynamic) {
    putBits((last ? 1 : 0) | (1 << 1), 3);
    writeSequences(start, fixedLiterals, fixedDistances);
  } else {
    putBits((last ? 1 : 0) | (2 << 1), 3);
    writeHeader();
    writeSequences(start, codes, distanceCodes);
  }
}

function writeStored(start: usize, end: usize, last: bool): void {
  putBits(last ? 1 : 0, 3);
  if (waitingBits > 0) putBits(0, 8 - <u32>waitingBits);
  const length = <u32>(end - start);
  store<u32>(outPos, length | (~length << 16));
  memory.copy(outPos + 4, start, end - start);
  setOut(outPos + 4 + length);
}

function costOf(literals: usize, distances: usize): u32 {
  let bits: u32 = 0;
  for (let symbol: u32 = 0; symbol < LITERALS; symbol++) {
    bits += load<u32>(literalCounts + (symbol << 2)) * (load<u32>(literals + (symbol << 2)) & 31);
  }
  for (let symbol: u32 = 0; symbol < DISTANCES; symbol++) {
    bits += load<u32>(distanceCounts + (symbol << 2)) * (load<u32>(distances + (symbol << 2)) & 31);
  }
  return bits;
}

/** Bits behind lengths and distances, the same in either code. */
function extraBits(): u32 {
  let bits: u32 = 0;
  for (let symbol: u32 = 265; symbol < 285; symbol++) bits += load<u32>(literalCounts + (symbol << 2)) * ((symbol - 261) >> 2);
  for (let symbol: u32 = 4; symbol < DISTANCES; symbol++) bits += load<u32>(distanceCounts + (symbol << 2)) * ((symbol - 2) >> 1);
  return bits;
}

/** Code lengths as runs (RFC 1951, 3.2.7); returns the bits of the whole header. */
function makeHeader(): u32 {
  literalsUsed = usedOf(codes, LITERALS, 257);
  distancesUsed = usedOf(distanceCodes, DISTANCES, 1);
  memory.fill(headerCounts, 0, 19 * 4);
  headerLength = 0;
  const all = literalsUsed + distancesUsed;
  for (let i: u32 = 0; i < all; ) {
    const length = lengthAt(i);
    let run: u32 = 1;
    while (i + run < all && lengthAt(i + run) == length) run++;
    i += run;
    if (length == 0) {
      while (run >= 11) {
        const part = min<u32>(run, 138);
        addHeader(18, part - 11);
        run -= part;
      }
      if (run >= 3) {
        addHeader(17, run - 3);
        run = 0;
      }
    } else {
      addHeader(length, 0);
      run--;
      while (run >= 3) {
        const part = min<u32>(run, 6);
        addHeader(16, part - 3);
        run -= part;
      }
    }
    for (; run > 0; run--) addHeader(length, 0);
  }
  buildCode(headerCounts, 19, MAX_HEADER_BITS, headerCodes);
  orderUsed = 19;
  while (orderUsed > 4 && load<u32>(headerCodes + (<usize>load<u8>(ORDER + orderUsed - 1) << 2)) == 0) orderUsed--;
  let bits: u32 = 14 + orderUsed * 3;
  for (let symbol: u32 = 0; symbol < 19; symbol++) {
    bits += load<u32>(headerCounts + (symbol << 2)) * ((load<u32>(headerCodes + (symbol << 2)) & 31) + runBits(symbol));
  }
  return bits;
}

function runBits(symbol: u32): u32 {
  return symbol < 16 ? 0 : symbol == 16 ? 2 : symbol == 17 ? 3 : 7;
}

function usedOf(table: usize, symbols: u32, least: u32): u32 {
  while (symbols > least && load<u32>(table + ((symbols - 1) << 2)) == 0) symbols--;
  return symbols;
}

@inline
function lengthAt(i: u32): u32 {
  return load<u32>(i < literalsUsed ? codes + (i << 2) : distanceCodes + ((i - literalsUsed) << 2)) & 31;
}

function addHeader(symbol: u32, extra: u32): void {
  store<u16>(headerSymbols + (headerLength++ << 1), symbol | (extra << 8));
  const slot = headerCounts + (symbol << 2);
  store<u32>(slot, load<u32>(slot) + 1);
}

function writeHeader(): void {
  putBits((literalsUsed - 257) | ((distancesUsed - 1) << 5) | ((orderUsed - 4) << 10), 14);
  for (let i: u32 = 0; i < orderUsed; i++) putBits(load<u32>(headerCodes + (<usize>load<u8>(ORDER + i) << 2)) & 31, 3);
  for (let i: u32 = 0; i < headerLength; i++) {
    const entry = <u32>load<u16>(headerSymbols + (i << 1));
    const code = load<u32>(headerCodes + ((entry & 255) << 2));
    putBits((code >> 5) | ((entry >> 8) << (code & 31)), (code & 31) + runBits(entry & 255));
  }
}

/** Up to 32 bits. */
function putBits(value: u32, bits: u32): void {
  const word = waiting | (<u64>value << waitingBits);
  const filled = waitingBits + bits;
  store<u64>(outPos, word);
  setOut(outPos + <usize>(filled >> 3));
  waiting = word >> (filled & ~7);
  waitingBits = filled & 7;
}

function writeSequences(start: usize, literals: usize, distances: usize): void {
  for (let l: u32 = 0; l < 256; l++) {
    const symbol = lengthSymbol(l + 3);
    const code = load<u32>(literals + (symbol << 2));
    const extra = symbol < 265 || symbol == 285 ? 0 : (symbol - 261) >> 2;
    store<u32>(lengthBits + (l << 2), ((code & 31) + extra) | ((code >> 5) << 5) | ((l & ((1 << extra) - 1)) << (5 + (code & 31))));
  }
  let word = waiting;
  let filled = waitingBits;
  let to = outPos;
  let at = start;
  for (let sequence = sequences; ; sequence += 8) {
    const entry = load<u64>(sequence);
    const end = at + <usize>(entry & 0xffff);
    while (at + 4 <= end) {
      const bytes = load<u32>(at);
      const a = <u64>load<u32>(literals + ((bytes & 255) << 2));
      const b = <u64>load<u32>(literals + (((bytes >> 8) & 255) << 2));
      const c = <u64>load<u32>(literals + (((bytes >> 16) & 255) << 2));
      const d = <u64>load<u32>(literals + ((bytes >> 24) << 2));
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
      at += 4;
    }
    for (; at < end; at++) {
      const a = <u64>load<u32>(literals + ((<usize>load<u8>(at)) << 2));
      word |= (a >> 5) << filled;
      filled += a & 31;
    }
    if (sequence == sequencesEnd) break;
    store<u64>(to, word);
    to += <usize>(filled >> 3);
    word >>= filled & ~7;
    filled &= 7;
    const length = <u32>(entry >> 16) & 0xffff;
    const distance = <u32>(entry >> 32);
    const l = <u64>load<u32>(lengthBits + ((length - 3) << 2));
    word |= (l >> 5) << filled;
    filled += l & 31;
    const symbol = distanceSymbol(distance);
    const code = <u64>load<u32>(distances + (symbol << 2));
    word |= (code >> 5) << filled;
    filled += code & 31;
    const extra = symbol < 4 ? 0 : (symbol - 2) >> 1;
    word |= <u64>((distance - 1) & ((1 << extra) - 1)) << filled;
    filled += extra;
    store<u64>(to, word);
    to += <usize>(filled >> 3);
    word >>= filled & ~7;
    filled &= 7;
    at += length;
  }
  waiting = word;
  waitingBits = filled;
  setOut(to);
  // The three or fewer literals still wait, with the end of the chunk.
  store<u64>(to, word);
  setOut(to + <usize>(filled >> 3));
  waiting = word >> (filled & ~7);
  waitingBits = filled & 7;
  const close = load<u32>(literals + (256 << 2));
  putBits(close >> 5, close & 31);
}
