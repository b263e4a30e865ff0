// Which cursors of a merge show the least term. The first eight bytes of every term stand in one row of numbers, in groups of 16 with
// the least of each group aside: a step looks at the groups whose cursors moved and at the row of leasts, two numbers at a time.
// Terms that agree in those bytes are compared further.

import { alloc } from './arena';
import { compareTerms, orderedPrefix, sharedLength } from './bytes';
import { CURSOR, DONE, LENGTH, TERM } from './cursors';

/** A length that stands for no bound. */
export const NO_BOUND: u32 = 0xffffffff;

const GROUP_MOST: u32 = 16;
/** Pieces of a group: all of them where there are few. */
let width: u32 = GROUP_MOST;
/** Turns an unsigned order into the signed one that lanes are compared by. */
const SIGN: u64 = 0x8000000000000000;
const LAST: u64 = 0x7fffffffffffffff;

let cursors: usize = 0;
let cursorsEnd: usize = 0;
let pieces: usize = 0;
let leasts: usize = 0;
let groups: u32 = 0;
/** Bytes that all terms of the range begin with: they tell nothing. */
let common: u32 = 0;
/** Where the range ends: a term at or above it ends its cursor. */
let bound: usize = 0;
let boundLength: u32 = 0;
let boundPiece: u64 = 0;

/** Addresses of the cursors that show the least term, in the inputs' order, and how many. */
export let matches: usize = 0;
export let matchCount: u32 = 0;

/** Prepares for the cursors at `at`: all of their terms are at or above `from` and matter below `to`; NO_BOUND = no such bound. */
export function beginLeast(at: usize, count: u32, from: usize, fromLength: u32, to: usize, toLength: u32): void {
  cursors = at;
  cursorsEnd = at + <usize>count * CURSOR;
  bound = to;
  boundLength = toLength;
  boundPiece = toLength == NO_BOUND ? 0xffffffffffffffff : orderedPrefix(to, toLength);
  common = fromLength == NO_BOUND || toLength == NO_BOUND ? 0 : sharedLength(from, to, min<u32>(fromLength, toLength));
  width = min<u32>(GROUP_MOST, (count + 1) & ~1);
  groups = (count + width - 1) / max<u32>(1, width);
  pieces = alloc((<usize>groups * width) << 3);
  leasts = alloc((<usize>(groups + 1)) << 3);
  matches = alloc((<usize>count) << 2);
  for (let i: u32 = 0; i < groups * width; i++) store<u64>(pieces + ((<usize>i) << 3), LAST);
  for (let cursor = cursors; cursor < cursorsEnd; cursor += CURSOR) showPiece(cursor);
  for (let group: u32 = 0; group < groups; group++) refreshGroup(group);
}

function showPiece(cursor: usize): void {
  const term = <usize>load<u32>(cursor, TERM);
  const length = load<u32>(cursor, LENGTH);
  let piece = LAST;
  if (length != DONE) {
    const first = orderedPrefix(term, length);
    if (first > boundPiece || (first == boundPiece && isBeyond(term, length))) store<u32>(cursor, DONE, LENGTH);
    else piece = (common == 0 ? first : orderedPrefix(term + common, length - common)) ^ SIGN;
  }
  store<u64>(pieces + (((cursor - cursors) / CURSOR) << 3), piece);
}

function isBeyond(term: usize, length: u32): bool {
  return boundLength != NO_BOUND && compareTerms(term, length, bound, boundLength) >= 0;
}

function refreshGroup(group: u32): void {
  const at = pieces + ((<usize>group * width) << 3);
  let least = v128.load(at);
  for (let i: usize = 16; i < (<usize>width) << 3; i += 16) {
    const next = v128.load(at + i);
    least = v128.bitselect(next, least, i64x2.lt_s(next, least));
  }
  const a = i64x2.extract_lane(least, 0);
  const b = i64x2.extract_lane(least, 1);
  store<i64>(leasts + ((<usize>group) << 3), a < b ? a : b);
}

/** After the matched cursors moved on. */
export function refreshMatches(): void {
  let stale: u32 = 0xffffffff;
  for (let i: u32 = 0; i < matchCount; i++) {
    const cursor = <usize>load<u32>(matches + ((<usize>i) << 2));
    showPiece(cursor);
    const group = <u32>((cursor - cursors) / CURSOR) / width;
    if (group == stale) continue;
    if (stale != 0xffffffff) refreshGroup(stale);
    stale = group;
  }
  if (stale != 0xffffffff) refreshGroup(stale);
}

/** Finds the cursors with the least term; none are left where `matchCount` is 0 then. */
export function findLeast(): void {
  let least = load<i64>(leasts);
  for (let group: u32 = 1; group < groups; group++) {
    const next = load<i64>(leasts + ((<usize>group) << 3));
    least = next < least ? next : least;
  }
  matchCount = 0;
  for (let group: u32 = 0; group < groups; group++) {
    if (load<i64>(leasts + ((<usize>group) << 3)) != least) continue;
    let hits = equalPieces(pieces + ((<usize>group * width) << 3), least);
    const first = cursors + <usize>(group * width) * CURSOR;
    for (; hits != 0; hits &= hits - 1) addMatch(first + <usize>ctz(hits) * CURSOR);
  }
}

/** One bit for each of the 16 pieces at `at`. */
function equalPieces(at: usize, piece: i64): u32 {
  const wanted = i64x2.splat(piece);
  let hits: u32 = 0;
  for (let i: u32 = 0; i < width; i += 2) {
    hits |= (<u32>i64x2.bitmask(i64x2.eq(v128.load(at + ((<usize>i) << 3)), wanted))) << i;
  }
  return hits;
}

/** Joins the matches, unless its term lies above theirs; takes their place where it lies below. */
function addMatch(cursor: usize): void {
  // A group's empty places, and cursors at their end.
  if (cursor >= cursorsEnd || load<u32>(cursor, LENGTH) == DONE) return;
  const length = load<u32>(cursor, LENGTH);
  if (matchCount > 0) {
    const order = compareToMatch(cursor, length);
    if (order > 0) return;
    if (order < 0) matchCount = 0;
  }
  store<u32>(matches + ((<usize>matchCount) << 2), <u32>cursor);
  matchCount++;
}

function compareToMatch(cursor: usize, length: u32): i32 {
  const first = <usize>load<u32>(matches);
  const other = load<u32>(first, LENGTH);
  const known = common + 8;
  // Agreeing so far, zeros behind the shorter one included: the shorter one is a prefix of the other.
  if (length <= known || other <= known) return <i32>length - <i32>other;
  return compareTerms(
    <usize>load<u32>(cursor, TERM) + known,
    length - known,
    <usize>load<u32>(first, TERM) + known,
    other - known,
  );
}
