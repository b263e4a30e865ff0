// The ASCII scanner: 64 bytes a step become one bit each (part of a word or not), and tokens begin and end where bits change.
//
//   bytes   don't use node.js, 2.0
//   words   111 1 111 1111 11  1 1      letters, digits, underscores
//   joined  11111 111 1111111  111      and a mark between two letters or two digits that it joins
//   changes one bit where a run begins and one behind its end, written to the token list as addresses
//
// A separator (space, tab, line end) never lies in a token of any analyzer, and no analyzer looks behind one: so a stretch
// around bytes beyond ASCII, from one separator to another, is left to the table-driven scanners.

import { ANALYZER_STANDARD, ANALYZER_WHITESPACE } from './analyzers';
import { listEnd, mirror, setListEnd } from './token-buffer';

const BLOCK: usize = 64;

/** Whether any scan since `beginValue` met an underscore: a token may be nothing but underscores. */
export let metUnderscore: bool = false;
/** Whether any scan since `beginValue` met a block that is all one token, as every token of 127 bytes has: it may be too long. */
export let metFullBlock: bool = false;
/** The first byte beyond ASCII that the last scan stopped for. */
export let firstWide: usize = 0;

/** What is added to an address in the value to get that of its lower-cased byte. */
let toMirror: usize = 0;

export function beginValue(analyzer: u32, value: usize): void {
  metUnderscore = false;
  metFullBlock = false;
  toMirror = analyzer == ANALYZER_WHITESPACE ? 0 : mirror - value;
}

/** Letters and digits of the vector are lower-cased into `to`; returns 0xff in the lane of each. */
function wordLanes(bytes: v128, to: usize): v128 {
  const small = v128.or(bytes, i8x16.splat(0x20));
  const letters = i8x16.le_u(i8x16.sub(small, i8x16.splat(0x61)), i8x16.splat(25));
  const digits = i8x16.le_u(i8x16.sub(bytes, i8x16.splat(0x30)), i8x16.splat(9));
  v128.store(to, v128.or(bytes, v128.and(letters, i8x16.splat(0x20))));
  return v128.or(letters, digits);
}

function underscoreLanes(bytes: v128): v128 {
  return i8x16.eq(bytes, i8x16.splat(0x5f));
}

/** 0xff where a byte is one of . ' : , ; found by its low four bits, which differ for all five. */
function markLanes(bytes: v128): v128 {
  const marks = i8x16(-1, 0, 0, 0, 0, 0, 0, 0x27, 0, 0, 0x3a, 0x3b, 0x2c, 0, 0x2e, 0);
  return i8x16.eq(bytes, i8x16.swizzle(marks, v128.and(bytes, i8x16.splat(0x0f))));
}

/** 0xff where a byte is Java white space: 09..0D, 1C..20. */
function spaceLanes(bytes: v128): v128 {
  const controls = i8x16.le_u(i8x16.sub(bytes, i8x16.splat(0x09)), i8x16.splat(4));
  return v128.or(controls, i8x16.le_u(i8x16.sub(bytes, i8x16.splat(0x1c)), i8x16.splat(4)));
}

/** One bit a byte of four vectors. */
function bitsOf(a: v128, b: v128, c: v128, d: v128): u64 {
  return (
    <u64>i8x16.bitmask(a) |
    ((<u64>i8x16.bitmask(b)) << 16) |
    ((<u64>i8x16.bitmask(c)) << 32) |
    ((<u64>i8x16.bitmask(d)) << 48)
  );
}

function isLetter(byte: u32): bool {
  return (byte | 0x20) - 0x61 < 26;
}

function isDigit(byte: u32): bool {
  return byte - 0x30 < 10;
}

function isWord(byte: u32): bool {
  return isLetter(byte) || isDigit(byte);
}

function isSeparator(byte: u32): bool {
  return byte == 0x20 || byte - 0x09 < 5;
}

/** Of the marks with a word byte on either side, those that join: letters by . ' : and digits by . ' , ; */
function joiningMarks(block: usize, marks: u64): u64 {
  let joining: u64 = 0;
  for (; marks != 0; marks &= marks - 1) {
    const at = block + <usize>ctz(marks);
    const mark = <u32>load<u8>(at);
    const before = <u32>load<u8>(at - 1);
    const behind = <u32>load<u8>(at, 1);
    const letters = mark != 0x2c && mark != 0x3b && isLetter(before) && isLetter(behind);
    const digits = mark != 0x3a && isDigit(before) && isDigit(behind);
    if (letters || digits) joining |= marks & -marks;
  }
  return joining;
}

/** Letters and digits of a block, one bit each; lower-cases it on the way. */
function wordBits(a: v128, b: v128, c: v128, d: v128, at: usize): u64 {
  const to = at + toMirror;
  return bitsOf(wordLanes(a, to), wordLanes(b, to + 16), wordLanes(c, to + 32), wordLanes(d, to + 48));
}

/** Adds the underscores, which most blocks have none of. */
function withUnderscores(words: u64, a: v128, b: v128, c: v128, d: v128): u64 {
  const low = v128.or(underscoreLanes(a), underscoreLanes(b));
  const high = v128.or(underscoreLanes(c), underscoreLanes(d));
  if (i8x16.bitmask(v128.or(low, high)) == 0) return words;
  metUnderscore = true;
  return words | bitsOf(underscoreLanes(a), underscoreLanes(b), underscoreLanes(c), underscoreLanes(d));
}

/** Adds the marks that join. `inside` = a token reaches into the block; `next` = a word byte follows the block. */
function withJoined(words: u64, marks: u64, at: usize, inside: u64, next: bool): u64 {
  const between = marks & ((words << 1) | inside) & ((words >> 1) | ((<u64>next) << 63));
  return between == 0 ? words : words | joiningMarks(at, between);
}

/** Bits of all tokens of a block of which the first `length` bytes belong to the value. */
function tokenBits(analyzer: u32, a: v128, b: v128, c: v128, d: v128, at: usize, length: usize, inside: u64): u64 {
  const valid: u64 = length < BLOCK ? ((<u64>1) << (<u64>length)) - 1 : ~0;
  if (analyzer == ANALYZER_WHITESPACE)
    return valid & ~bitsOf(spaceLanes(a), spaceLanes(b), spaceLanes(c), spaceLanes(d));
  const words = wordBits(a, b, c, d, at);
  if (analyzer != ANALYZER_STANDARD) return valid & words;
  const joinable = valid & withUnderscores(words, a, b, c, d);
  const marks = bitsOf(markLanes(a), markLanes(b), markLanes(c), markLanes(d));
  return valid & withJoined(joinable, marks, at, inside, length > BLOCK && isWord(load<u8>(at, BLOCK)));
}

/** Behind the last separator in `[begin, wide)`, or `begin`: from there on a table-driven scanner goes. */
function stretchBegin(begin: usize, wide: usize): usize {
  while (wide > begin && !isSeparator(load<u8>(wide - 1))) wide--;
  return wide;
}

/** Writes `base` + the place of every set bit; batches of sixteen, since branching on each bit would cost more. */
function writeChanges(changes: u64, base: usize, to: usize): usize {
  const end = to + ((<usize>popcnt(changes)) << 2);
  do {
    for (let i = 0; i < 16; i++) {
      store<u32>(to, base + <usize>ctz(changes));
      changes &= changes - 1;
      to += 4;
    }
  } while (changes != 0);
  return end;
}

/**
 * Scans `[begin, end)` of a value from a place between two tokens; returns `end`, or the place between two tokens from
 * which a table-driven scanner must go on over the bytes beyond ASCII at `firstWide`. Reads up to 63 bytes beyond `end`.
 */
export function scanAscii(analyzer: u32, begin: usize, end: usize): usize {
  const listBegin = listEnd;
  let list = listBegin;
  let inside: u64 = 0;
  for (let at = begin; at < end; at += BLOCK) {
    const a = v128.load(at);
    const b = v128.load(at, 16);
    const c = v128.load(at, 32);
    const d = v128.load(at, 48);
    if (i8x16.bitmask(v128.or(v128.or(a, b), v128.or(c, d))) != 0) {
      const wide = at + <usize>ctz(bitsOf(a, b, c, d));
      if (wide < end) {
        firstWide = wide;
        end = stretchBegin(begin, wide);
        // What was written of the stretch is taken back; it began behind a separator, so no token was open there.
        while (list > listBegin && <usize>load<u32>(list - 4) >= end + toMirror) list -= 4;
        if (end <= at) {
          inside = 0;
          break;
        }
      }
    }
    const tokens = tokenBits(analyzer, a, b, c, d, at, end - at, inside);
    list = writeChanges(tokens ^ ((tokens << 1) | inside), at + toMirror, list);
    inside = tokens >> 63;
    if (tokens == ~0) metFullBlock = true;
  }
  if (inside != 0) {
    store<u32>(list, end + toMirror);
    list += 4;
  }
  setListEnd(list);
  return end;
}
