// Finds repeats in one chunk of a block. Two passes: the first looks up every position's last like in a hash table, without a branch on
// what it finds; the second walks the hits, takes those that save bits, and sets the literals between them side by side.
// Tried before: one pass that branches at each position, with matches of 4 bytes, took 1.2 to 1.6 times as long and gave up to 2 % more bytes.

import { countSymbol, DISTANCES, distanceSymbol, END_OF_CHUNK, LITERALS, lengthSymbol } from './deflate-symbols';

/** Bytes of the longest chunk, and beyond the farthest distance. A stored block has half of it, so its header is written once. */
export const CHUNK_BYTES: usize = 1 << 15;

/** 4,096 positions of 2 bytes stay in the first-level cache; twice as many give 1.3 % fewer bytes at 3-5 % less speed. */
const HASH_BITS: u64 = 12;
const HASH_FACTOR: u64 = 0x9e3779b185ebca87;

/** Four bytes from afar cost as much as their literals: 5 gives fewer bytes on names and is faster. */
const MIN_MATCH: u32 = 5;
const KEY_SHIFT: u64 = 64 - 8 * 5;
const MAX_MATCH: u32 = 258;
/** From here on a match is taken without a look at the next position. */
const GOOD_MATCH: u32 = 32;

/**
 * Eighths of a bit of a literal in the mean, and of a match without its distance's bits: rows of text come near. A literal 10 % dearer changes
 * nothing, 10 % cheaper gives 0.1-0.7 % more bytes.
 */
const LITERAL_COST: i32 = 37;
const MATCH_COST: i32 = 72;

/** One u16 a hash: its last position, counted from 32 KiB before the chunk; 0 = none. */
const heads: usize = memory.data((1 << 12) * 2, 16);
const HEADS_BYTES: usize = (1 << 12) * 2;

/** One u16 a position: what stood in its head; and one bit: whether it begins with the same bytes. */
const candidates: usize = memory.data((1 << 15) * 2, 16);
const hits: usize = memory.data((1 << 15) / 8 + 8, 16);

/** Matches as u64: literals before it | length << 16 | distance << 32; behind the last, the literals that close the chunk. */
export const matches: usize = memory.data(((1 << 15) / 5 + 2) * 8, 16);
export let matchesEnd: usize = 0;

/** Literals of the chunk side by side. */
export const literals: usize = memory.data((1 << 15) + 16, 16);
let literalsEnd: usize = 0;

/** Occurrences, one u32 a symbol. */
export const literalCounts: usize = memory.data(288 * 4, 16);
export const distanceCounts: usize = memory.data(32 * 4, 16);
/** Every second literal, so that two like ones in a row do not wait for each other. */
const otherCounts: usize = memory.data(256 * 4, 16);

/** Forgets all positions: nothing of another block may show in the output. */
export function beginMatches(): void {
  memory.fill(heads, 0, HEADS_BYTES);
}

/** Positions of the chunk before become those of the 32 KiB in front of the next. */
export function slideMatches(): void {
  const half = i16x8.splat(<i16>0x8000);
  for (let at: usize = 0; at < HEADS_BYTES; at += 16) {
    v128.store(heads + at, i16x8.sub_sat_u(v128.load(heads + at), half));
  }
}

/**
 * Fills `matches`, `literals` and both counts from [start, end), at most a chunk; what lies up to 32 KiB before `start` belongs to the block
 * or was never entered. Reads up to 16 bytes beyond `end`, and 32 KiB before `start`, where the kernel's own tables lie at least.
 */
export function findMatches(start: usize, end: usize): void {
  memory.fill(literalCounts, 0, (<usize>LITERALS) << 2);
  memory.fill(distanceCounts, 0, (<usize>DISTANCES) << 2);
  matchesEnd = matches;
  literalsEnd = literals;
  // The last 8 bytes begin no match: keys are read 8 at a time, and bytes beyond the block must not decide.
  const last = end - start > 8 ? end - 8 : start;
  findHits(start, last);
  const rest = takeMatches(start, last, end);
  store<u64>(matchesEnd, <u64>(end - rest));
  keepLiterals(rest, end);
  countLiterals();
  countSymbol(literalCounts, END_OF_CHUNK);
}

function findHits(start: usize, end: usize): void {
  const base = start - CHUNK_BYTES;
  let at = start;
  let candidate = candidates;
  let hit = hits;
  while (at < end) {
    let mask: u64 = 0;
    const stop = min(at + 64, end);
    for (let bit: u64 = 0; at < stop; at++, bit++, candidate += 2) {
      const key = load<u64>(at) << KEY_SHIFT;
      const head = heads + ((<usize>((key * HASH_FACTOR) >> (64 - HASH_BITS))) << 1);
      const before = <usize>load<u16>(head);
      store<u16>(head, <u32>(at - base));
      store<u16>(candidate, <u32>before);
      // Where there was none this compares with whatever lies 32 KiB before the chunk; its distance then tells.
      mask |= (<u64>(load<u64>(base + before) << KEY_SHIFT == key)) << bit;
    }
    store<u64>(hit, mask);
    hit += 8;
  }
}

let distance: u32 = 0;
let length: u32 = 0;

/** Measures the match at a position with a hit; returns the bits by 8 that it saves, not above 0 where there is none. */
function weigh(index: usize, start: usize, end: usize): i32 {
  const far = <u32>(index + CHUNK_BYTES) - <u32>load<u16>(candidates + (index << 1));
  if (far >= <u32>CHUNK_BYTES) return 0;
  const at = start + index;
  const run = matchLength(at, at - far, <u32>min<usize>(end - at, MAX_MATCH));
  distance = far;
  length = run;
  return <i32>run * LITERAL_COST - <i32>((32 - clz(far)) << 3) - MATCH_COST;
}

function matchLength(at: usize, before: usize, most: u32): u32 {
  let run = MIN_MATCH;
  while (run < most) {
    const differ = load<u64>(at + run) ^ load<u64>(before + run);
    if (differ != 0) return min<u32>(run + <u32>(ctz<u64>(differ) >> 3), most);
    run += 8;
  }
  return most;
}

/** Walks the hits; returns where the last match ends. */
function takeMatches(start: usize, last: usize, end: usize): usize {
  let from: usize = 0;
  let out = matches;
  const words = (last - start + 63) >> 6;
  for (let word: usize = 0; word < words; ) {
    let mask = load<u64>(hits + (word << 3));
    if (from > word << 6) mask &= (<u64>-1) << (<u64>from & 63);
    let next = word + 1;
    while (mask != 0) {
      let index = (word << 6) + <usize>ctz(mask);
      mask &= mask - 1;
      let gain = weigh(index, start, end);
      if (gain <= 0) continue;
      let far = distance;
      let run = length;
      // A better match one byte on makes this byte a literal.
      while (run < GOOD_MATCH && mask != 0 && (word << 6) + <usize>ctz(mask) == index + 1) {
        const later = weigh(index + 1, start, end);
        if (later <= gain) break;
        mask &= mask - 1;
        index++;
        gain = later;
        far = distance;
        run = length;
      }
      store<u64>(out, <u64>(index - from) | ((<u64>run) << 16) | ((<u64>far) << 32));
      out += 8;
      countSymbol(literalCounts, lengthSymbol(run));
      countSymbol(distanceCounts, distanceSymbol(far));
      keepLiterals(start + from, start + index);
      from = index + run;
      next = from >> 6;
      if (next > word) break;
      mask &= (<u64>-1) << (<u64>from & 63);
      next = word + 1;
    }
    word = next;
  }
  matchesEnd = out;
  return start + from;
}

function keepLiterals(from: usize, end: usize): void {
  const to = literalsEnd;
  const bytes = end - from;
  for (let i: usize = 0; i < bytes; i += 16) v128.store(to + i, v128.load(from + i));
  literalsEnd = to + bytes;
}

function countLiterals(): void {
  memory.fill(otherCounts, 0, 256 * 4);
  let at = literals;
  for (; at + 4 <= literalsEnd; at += 4) {
    const bytes = load<u32>(at);
    countSymbol(literalCounts, bytes & 255);
    countSymbol(otherCounts, (bytes >> 8) & 255);
    countSymbol(literalCounts, (bytes >> 16) & 255);
    countSymbol(otherCounts, bytes >> 24);
  }
  for (; at < literalsEnd; at++) countSymbol(literalCounts, load<u8>(at));
  for (let i: usize = 0; i < 256 * 4; i += 16) {
    v128.store(literalCounts + i, i32x4.add(v128.load(literalCounts + i), v128.load(otherCounts + i)));
  }
}
