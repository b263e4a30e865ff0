// Sorts terms by their bytes: eight bytes at a time as one number, by radix from the highest byte down, falling to insertion for
// short runs; equal numbers go eight bytes deeper.

import { alloc, mark, release } from './arena';
import { compareTerms, orderedPrefix } from './bytes';
import { TERM, terms } from './terms';

/** Records are 16 bytes: u64 ordered piece, u32 term id, u32 free. */
const RECORD: usize = 16;
/** Below this many records insertion beats counting 256 buckets. */
const INSERTION_MAX: u32 = 24;

/** One row of 256 counters for each byte of a piece: a level of the radix sort keeps its own while it is inside its buckets. */
const counts: usize = memory.data(256 * 4 * 8, 16);

/** Returns the address of `count` u32 term ids in the order of their bytes; ids run from 0. */
export function sortTerms(count: u32): usize {
  const order = alloc((<usize>count) << 2);
  const before = mark();
  const records = alloc(<usize>count * RECORD);
  const spare = alloc(<usize>count * RECORD);
  for (let id: u32 = 0; id < count; id++) store<u32>(records + <usize>id * RECORD, id, 8);
  sortRun(records, spare, count, 0);
  for (let i: u32 = 0; i < count; i++) store<u32>(order + ((<usize>i) << 2), load<u32>(records + <usize>i * RECORD, 8));
  release(before);
  return order;
}

/** Sorts records whose terms are equal in their first `depth` bytes. */
function sortRun(records: usize, spare: usize, count: u32, depth: u32): void {
  if (count <= INSERTION_MAX) return insertTerms(records, count, depth);
  for (let i: u32 = 0; i < count; i++) {
    const record = records + <usize>i * RECORD;
    store<u64>(record, pieceOf(load<u32>(record, 8), depth));
  }
  sortPieces(records, spare, count, 56);
  let start: u32 = 0;
  while (start < count) {
    const piece = load<u64>(records + <usize>start * RECORD);
    let end = start + 1;
    while (end < count && load<u64>(records + <usize>end * RECORD) == piece) end++;
    if (end - start > 1) sortTies(records + <usize>start * RECORD, spare, end - start, depth);
    start = end;
  }
}

/** Equal pieces: terms that end inside it (padding made them equal) come first, by length; the rest goes eight bytes deeper. */
function sortTies(records: usize, spare: usize, count: u32, depth: u32): void {
  if (count <= INSERTION_MAX) return insertTerms(records, count, depth + 8);
  let ended: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const record = records + <usize>i * RECORD;
    if (load<u32>(terms + <usize>load<u32>(record, 8) * TERM, 4) > depth + 8) continue;
    swapRecords(record, records + <usize>ended * RECORD);
    ended++;
  }
  // At most nine distinct terms end here: one for each length.
  insertTerms(records, ended, depth);
  sortRun(records + <usize>ended * RECORD, spare, count - ended, depth + 8);
}

function swapRecords(a: usize, b: usize): void {
  const x = v128.load(a);
  v128.store(a, v128.load(b));
  v128.store(b, x);
}

/** Sorts records by their pieces, which are equal above bit `shift + 8`. */
function sortPieces(records: usize, spare: usize, count: u32, shift: u64): void {
  if (count <= INSERTION_MAX) return insertPieces(records, count);
  const row = counts + ((56 - <usize>shift) << 7);
  memory.fill(row, 0, 1024);
  const end = records + <usize>count * RECORD;
  for (let record = records; record < end; record += RECORD) {
    const cell = cellOf(row, record, shift);
    store<u32>(cell, load<u32>(cell) + 1);
  }
  if (load<u32>(cellOf(row, records, shift)) != count) {
    let sum: u32 = 0;
    for (let cell = row; cell < row + 1024; cell += 4) {
      const n = load<u32>(cell);
      store<u32>(cell, sum);
      sum += n;
    }
    for (let record = records; record < end; record += RECORD) {
      const cell = cellOf(row, record, shift);
      const place = load<u32>(cell);
      store<u32>(cell, place + 1);
      v128.store(spare + <usize>place * RECORD, v128.load(record));
    }
    memory.copy(records, spare, <usize>count * RECORD);
  }
  if (shift == 0) return;
  // Each counter has moved on to its bucket's end; an only bucket is its own count.
  let start: u32 = 0;
  for (let cell = row; cell < row + 1024 && start < count; cell += 4) {
    const bucketEnd = load<u32>(cell);
    if (bucketEnd <= start) continue;
    if (bucketEnd - start > 1) sortPieces(records + <usize>start * RECORD, spare, bucketEnd - start, shift - 8);
    start = bucketEnd;
  }
}

function cellOf(row: usize, record: usize, shift: u64): usize {
  return row + ((<usize>((load<u64>(record) >> shift) & 0xff)) << 2);
}

function insertPieces(records: usize, count: u32): void {
  const end = records + <usize>count * RECORD;
  for (let next = records + RECORD; next < end; next += RECORD) {
    const record = v128.load(next);
    const piece = load<u64>(next);
    let to = next;
    while (to > records && load<u64>(to - RECORD) > piece) {
      v128.store(to, v128.load(to - RECORD));
      to -= RECORD;
    }
    v128.store(to, record);
  }
}

/** Sorts by pieces of the terms from `depth` on, and by the terms themselves where these are equal. */
function insertTerms(records: usize, count: u32, depth: u32): void {
  const end = records + <usize>count * RECORD;
  for (let next = records; next < end; next += RECORD) {
    const id = load<u32>(next, 8);
    const piece = pieceOf(id, depth);
    let to = next;
    while (to > records) {
      const before = load<u64>(to - RECORD);
      if (before < piece || (before == piece && !comparesBelow(id, load<u32>(to - RECORD, 8), depth))) break;
      v128.store(to, v128.load(to - RECORD));
      to -= RECORD;
    }
    store<u64>(to, piece);
    store<u32>(to, id, 8);
  }
}

function pieceOf(id: u32, depth: u32): u64 {
  const term = terms + <usize>id * TERM;
  const length = load<u32>(term, 4);
  return length > depth ? orderedPrefix(load<u32>(term) + depth, length - depth) : 0;
}

function comparesBelow(a: u32, b: u32, depth: u32): bool {
  const x = terms + <usize>a * TERM;
  const y = terms + <usize>b * TERM;
  const skipped = min<u32>(depth, min<u32>(load<u32>(x, 4), load<u32>(y, 4)));
  return (
    compareTerms(load<u32>(x) + skipped, load<u32>(x, 4) - skipped, load<u32>(y) + skipped, load<u32>(y, 4) - skipped) <
    0
  );
}
