// Finds repeats in one chunk of a block: greedy, one candidate a position from a hash table of recent positions.

/** Bytes of the longest chunk. */
export const CHUNK_BYTES: usize = 1 << 15;

const HASH_BITS: u32 = 12;
const MIN_MATCH: u32 = 5;
const SHIFT: u64 = 64 - 8 * MIN_MATCH;
const MAX_MATCH: u32 = 258;
/** One u16 per hash: its last position, counted from 32 KiB before the chunk; 0 = none. */
const heads: usize = memory.data((1 << HASH_BITS) * 2, 16);
/** Candidate of each position, and a bit where it has the same first bytes. */
const candidates: usize = memory.data(<i32>CHUNK_BYTES * 2, 16);
const hits: usize = memory.data(<i32>CHUNK_BYTES / 8 + 8, 16);
export const literals: usize = memory.data(<i32>CHUNK_BYTES + 64, 16);
let literalsEnd: usize = 0;
const countsB: usize = memory.data(256 * 4, 16);

/** Repeats as u64: literals before it | length << 16 | distance << 32; last, the literals that close the chunk. */
export const sequences: usize = memory.data(((<i32>CHUNK_BYTES) / 4 + 2) * 8, 16);
export let sequencesEnd: usize = 0;

/** Occurrences, one u32 a symbol, of literals and lengths, and of distances. */
export const literalCounts: usize = memory.data(288 * 4, 16);
export const distanceCounts: usize = memory.data(32 * 4, 16);

/** Forgets all positions: nothing of an earlier block may show in the output. */
export function beginMatches(): void {
  memory.fill(heads, 0, (1 << HASH_BITS) * 2);
}

/** Positions of the chunk before become those of the 32 KiB in front of the next. */
export function slideMatches(): void {
  const half = i16x8.splat(<i16>0x8000);
  for (let at: usize = 0; at < (1 << HASH_BITS) * 2; at += 16) {
    v128.store(heads + at, i16x8.sub_sat_u(v128.load(heads + at), half));
  }
}

@inline
export function lengthSymbol(length: u32): u32 {
  const l = length - 3;
  if (l < 8) return 257 + l;
  if (l == 255) return 285;
  const n = 31 - clz(l);
  return 257 + ((n - 1) << 2) + ((l >> (n - 2)) & 3);
}

@inline
export function distanceSymbol(distance: u32): u32 {
  const d = distance - 1;
  if (d < 2) return d;
  const n = 31 - clz(d);
  return (n << 1) + ((d >> (n - 1)) & 1);
}

@inline
function count(counts: usize, symbol: u32): void {
  const slot = counts + (<usize>symbol << 2);
  store<u32>(slot, load<u32>(slot) + 1);
}

/** Literal bits by 8. */
const LIT: i32 = 37;
const FIXED: i32 = 72;
const LAZY: bool = true;

function findCandidates(start: usize, last: usize): void {
  const base = start - CHUNK_BYTES;
  let at = start;
  let into = candidates;
  let hit = hits;
  while (at < last) {
    let mask: u64 = 0;
    const stop = min(at + 64, last);
    let bit: u64 = 0;
    for (; at < stop; at++, into += 2, bit++) {
      const word = load<u64>(at);
      const head = heads + (<usize>(((word << SHIFT) * 0x9e3779b185ebca87) >> (64 - HASH_BITS)) << 1);
      const candidate = <usize>load<u16>(head);
      store<u16>(head, <u32>(at - base));
      store<u16>(into, <u32>candidate);
      mask |= (<u64>(((word ^ load<u64>(base + candidate)) << SHIFT) == 0)) << bit;
    }
    store<u64>(hit, mask);
    hit += 8;
  }
  store<u64>(hit, 0);
}

/** Up to 8 bytes beyond `end` may be read. */
export function findMatches(start: usize, end: usize): void {
  memory.fill(literalCounts, 0, 288 * 4);
  memory.fill(distanceCounts, 0, 32 * 4);
  const base = start - CHUNK_BYTES;
  let out = sequences;
  const last = end - start > 8 ? end - 8 : start;
  findCandidates(start, last);
  let from = start;
  let lit = literals;
  const words = (last - start + 63) >> 6;
  let w: usize = 0;
  let mask = load<u64>(hits);
  while (true) {
    while (mask == 0 && ++w < words) mask = load<u64>(hits + (w << 3));
    if (w >= words) break;
    let index = (w << 6) + <usize>ctz(mask);
    mask &= mask - 1;
    let candidate = <usize>load<u16>(candidates + (index << 1));
    if (candidate == 0) continue;
    let at = start + index;
    let distance = <u32>(at - base - candidate);
    let length = matchLength(at, distance, <u32>min<usize>(end - at, MAX_MATCH));
    let gain = <i32>length * LIT - <i32>((32 - clz(distance)) << 3) - FIXED;
    if (gain <= 0) continue;
    if (LAZY) {
      while (length < 32 && mask != 0 && (w << 6) + <usize>ctz(mask) == index + 1) {
        const candidate = <usize>load<u16>(candidates + (index << 1), 2);
        if (candidate == 0) break;
        const distance2 = <u32>(at + 1 - base - candidate);
        const length2 = matchLength(at + 1, distance2, <u32>min<usize>(end - at - 1, MAX_MATCH));
        const gain2 = <i32>length2 * LIT - <i32>((32 - clz(distance2)) << 3) - FIXED;
        if (gain2 <= gain) break;
        at++;
        index++;
        distance = distance2;
        length = length2;
        gain = gain2;
        mask &= mask - 1;
      }
    }
    store<u64>(out, <u64>(at - from) | (<u64>length << 16) | (<u64>distance << 32));
    out += 8;
    count(literalCounts, lengthSymbol(length));
    count(distanceCounts, distanceSymbol(distance));
    lit = keep(lit, from, at);
    from = at + length;
    index += length;
    w = index >> 6;
    if (w >= words) break;
    mask = load<u64>(hits + (w << 3)) & (<u64>-1 << (<u64>index & 63));
  }
  store<u64>(out, <u64>(end - from));
  literalsEnd = keep(lit, from, end);
  sequencesEnd = out;
  countLiterals();
  store<u32>(literalCounts, 1, 256 * 4);
}

@inline
function keep(to: usize, from: usize, end: usize): usize {
  const length = end - from;
  for (let i: usize = 0; i < length; i += 16) v128.store(to + i, v128.load(from + i));
  return to + length;
}

function countLiterals(): void {
  memory.fill(countsB, 0, 256 * 4);
  let at = literals;
  for (; at + 4 <= literalsEnd; at += 4) {
    const bytes = load<u32>(at);
    count(literalCounts, bytes & 255);
    count(countsB, (bytes >> 8) & 255);
    count(literalCounts, (bytes >> 16) & 255);
    count(countsB, bytes >> 24);
  }
  for (; at < literalsEnd; at++) count(countsB, load<u8>(at));
  for (let i: usize = 0; i < 256 * 4; i += 16) {
    v128.store(literalCounts + i, i32x4.add(v128.load(literalCounts + i), v128.load(countsB + i)));
  }
}

@inline
function matchLength(at: usize, distance: u32, most: u32): u32 {
  let length = MIN_MATCH;
  while (length < most) {
    const differ = load<u64>(at + length) ^ load<u64>(at + length - distance);
    if (differ != 0) return min<u32>(length + <u32>(ctz<u64>(differ) >> 3), most);
    length += 8;
  }
  return most;
}
