// Sorts terms by their bytes: radix over 8-byte pieces, falling to insertion for short runs of equal pieces.

import { alloc, mark, release } from './arena';
import { compareTerms, orderedPrefix } from './bytes';
import { TERM, terms } from './terms';

/** Records are 16 bytes: u64 ordered piece, u32 term id, u32 free. */
const RECORD: usize = 16;
/** Below this many records insertion beats counting 256 buckets eight times. */
const INSERTION_MAX: u32 = 24;

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
  if (count <= INSERTION_MAX) return insertionSort(records, count, depth);
  for (let i: u32 = 0; i < count; i++) {
    const record = records + <usize>i * RECORD;
    const term = terms + <usize>load<u32>(record, 8) * TERM;
    const length = load<u32>(term, 4);
    const piece = length > depth ? orderedPrefix(load<u32>(term) + depth, length - depth) : 0;
    store<u64>(record, piece);
  }
  radixSort(records, spare, count);
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
  if (count <= INSERTION_MAX) return insertionSort(records, count, depth);
  let ended: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const record = records + <usize>i * RECORD;
    if (load<u32>(terms + <usize>load<u32>(record, 8) * TERM, 4) > depth + 8) continue;
    swapRecords(record, records + <usize>ended * RECORD);
    ended++;
  }
  // At most nine distinct terms end here: one for each length.
  insertionSort(records, ended, depth);
  sortRun(records + <usize>ended * RECORD, spare, count - ended, depth + 8);
}

function swapRecords(a: usize, b: usize): void {
  const x = v128.load(a);
  v128.store(a, v128.load(b));
  v128.store(b, x);
}

function insertionSort(records: usize, count: u32, depth: u32): void {
  for (let i: u32 = 1; i < count; i++) {
    const id = load<u32>(records + <usize>i * RECORD, 8);
    let j = i;
    while (j > 0 && comparesBelow(id, load<u32>(records + <usize>(j - 1) * RECORD, 8), depth)) {
      store<u32>(records + <usize>j * RECORD, load<u32>(records + <usize>(j - 1) * RECORD, 8), 8);
      j--;
    }
    store<u32>(records + <usize>j * RECORD, id, 8);
  }
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

/** Least significant byte first, one pass per byte that differs at all; the result ends in `records`. */
function radixSort(records: usize, spare: usize, count: u32): void {
  memory.fill(counts, 0, 256 * 4 * 8);
  for (let i: u32 = 0; i < count; i++) {
    let piece = load<u64>(records + <usize>i * RECORD);
    for (let digit: usize = 0; digit < 8; digit++) {
      const cell = counts + (digit << 10) + ((<usize>(piece & 0xff)) << 2);
      store<u32>(cell, load<u32>(cell) + 1);
      piece >>= 8;
    }
  }
  let from = records;
  let to = spare;
  for (let digit: usize = 0; digit < 8; digit++) {
    const row = counts + (digit << 10);
    const shift = (<u64>digit) << 3;
    if (load<u32>(row + ((<usize>((load<u64>(from) >> shift) & 0xff)) << 2)) == count) continue;
    let sum: u32 = 0;
    for (let b: usize = 0; b < 256; b++) {
      const n = load<u32>(row + (b << 2));
      store<u32>(row + (b << 2), sum);
      sum += n;
    }
    for (let i: u32 = 0; i < count; i++) {
      const record = from + <usize>i * RECORD;
      const cell = row + ((<usize>((load<u64>(record) >> shift) & 0xff)) << 2);
      const place = load<u32>(cell);
      store<u32>(cell, place + 1);
      v128.store(to + <usize>place * RECORD, v128.load(record));
    }
    const swap = from;
    from = to;
    to = swap;
  }
  if (from != records) memory.copy(records, from, <usize>count * RECORD);
}
