// What stands before a chunk with codes of its own: the lengths of its codes, as runs, in a code of theirs (RFC 1951, 3.2.7).

import { putBits } from './bit-writer';
import { countSymbol, DISTANCES, LITERALS } from './deflate-symbols';
import { buildCode } from './huffman';

const SYMBOLS: u32 = 19;
const MAX_BITS: u32 = 7;
const REPEAT: u32 = 16;
const ZEROS: u32 = 17;
const MANY_ZEROS: u32 = 18;

const counts: usize = memory.data(19 * 4, 16);
const codes: usize = memory.data(19 * 4, 16);
/** One u16 a symbol of the header: `symbol | run << 8`. */
const entries: usize = memory.data(320 * 2, 16);
let entriesEnd: usize = 0;
let literalsUsed: u32 = 0;
let distancesUsed: u32 = 0;
let lengthsUsed: u32 = 0;

/** Lengths of the header's own code stand in this order, the rarest last, so that they can be left out. */
const ORDER = memory.data<u8>([16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]);

/** Works the header out; returns its bits. The codes are those of `buildCode`. */
export function makeHeader(literalCodes: usize, distanceCodes: usize): u32 {
  literalsUsed = usedOf(literalCodes, LITERALS, 257);
  distancesUsed = usedOf(distanceCodes, DISTANCES, 1);
  memory.fill(counts, 0, SYMBOLS << 2);
  entriesEnd = entries;
  const all = literalsUsed + distancesUsed;
  for (let i: u32 = 0; i < all; ) {
    const length = lengthAt(literalCodes, distanceCodes, i);
    let run: u32 = 1;
    while (i + run < all && lengthAt(literalCodes, distanceCodes, i + run) == length) run++;
    addRun(length, run);
    i += run;
  }
  buildCode(counts, SYMBOLS, MAX_BITS, codes);
  lengthsUsed = SYMBOLS;
  while (lengthsUsed > 4 && codeAt(load<u8>(ORDER + lengthsUsed - 1)) == 0) lengthsUsed--;
  let bits: u32 = 14 + lengthsUsed * 3;
  for (let symbol: u32 = 0; symbol < SYMBOLS; symbol++) {
    bits += load<u32>(counts + (symbol << 2)) * ((codeAt(symbol) & 31) + runBits(symbol));
  }
  return bits;
}

/** Writes the header made last. */
export function writeHeader(): void {
  putBits((literalsUsed - 257) | ((distancesUsed - 1) << 5) | ((lengthsUsed - 4) << 10), 14);
  for (let i: u32 = 0; i < lengthsUsed; i++) putBits(codeAt(load<u8>(ORDER + i)) & 31, 3);
  for (let at = entries; at < entriesEnd; at += 2) {
    const symbol = <u32>load<u8>(at);
    const code = codeAt(symbol);
    putBits((code >> 5) | ((<u32>load<u8>(at, 1)) << (code & 31)), (code & 31) + runBits(symbol));
  }
}

function codeAt(symbol: u32): u32 {
  return load<u32>(codes + (symbol << 2));
}

function runBits(symbol: u32): u32 {
  return symbol < REPEAT ? 0 : symbol == REPEAT ? 2 : symbol == ZEROS ? 3 : 7;
}

function usedOf(table: usize, symbols: u32, least: u32): u32 {
  while (symbols > least && load<u32>(table + ((symbols - 1) << 2)) == 0) symbols--;
  return symbols;
}

/** Lengths of both codes in one row: a run may go on from one into the other. */
function lengthAt(literalCodes: usize, distanceCodes: usize, i: u32): u32 {
  return load<u32>(i < literalsUsed ? literalCodes + (i << 2) : distanceCodes + ((i - literalsUsed) << 2)) & 31;
}

function addRun(length: u32, run: u32): void {
  if (length == 0) {
    for (; run >= 11; run -= min<u32>(run, 138)) addEntry(MANY_ZEROS, min<u32>(run, 138) - 11);
    if (run >= 3) {
      addEntry(ZEROS, run - 3);
      run = 0;
    }
  } else {
    addEntry(length, 0);
    for (run--; run >= 3; run -= min<u32>(run, 6)) addEntry(REPEAT, min<u32>(run, 6) - 3);
  }
  for (; run > 0; run--) addEntry(length, 0);
}

function addEntry(symbol: u32, run: u32): void {
  store<u16>(entriesEnd, symbol | (run << 8));
  entriesEnd += 2;
  countSymbol(counts, symbol);
}
