// k-way merge of term entries and their posting lists over one range of terms: many shards or parts -> one.
//
// Inputs are in document order: the documents of input i lie before those of input i + 1, so the lists of a term are
// re-numbered and appended, and blocks closed anew at 128 documents. A cursor is 32 bytes:
//
//   0       8       12    16         20        24       28
//   | piece | entry | end | postings | docBase | length | raw  |     piece = first 8 bytes of the term, ordered

import { alloc } from './arena';
import { compareTerms, orderedPrefix } from './bytes';
import { ENTRY_HEADER, entryBytes, SAMPLE_EVERY, writeEntry } from './entries';
import { copyList, setPositionRoom } from './lists';
import { ensureOut, openOut, outPos, outStart } from './out';
import {
  addDocuments,
  addOccurrences,
  beginList,
  beginLists,
  docFreq,
  endList,
  postingsLength,
  skipLength,
  totalTermFreq,
} from './postings';
import { WIDE } from './wide-copy';

const CURSOR: usize = 32;

let cursors: usize = 0;
/** Binary heap of the addresses of cursors that are not at their end: the smallest term first, of equal terms the first input. */
let heap: usize = 0;
let heapSize: u32 = 0;
let cursorCount: u32 = 0;
let cursorCapacity: u32 = 0;

export let mergedEntries: usize = 0;
export let mergedEntriesLength: usize = 0;
export let mergedTerms: u32 = 0;
export let mergedDocFreq: f64 = 0;
export let mergedTotalTermFreq: f64 = 0;

/** Starts a merge of at most `maxInputs` inputs. */
export function beginMerge(maxInputs: u32): void {
  cursors = alloc(<usize>maxInputs * CURSOR);
  heap = alloc((<usize>maxInputs) << 2);
  cursorCapacity = maxInputs;
  cursorCount = 0;
}

/**
 * Adds the next input: its entries, the postings of its first entry, and what to add to its document numbers. `raw` = 0 where
 * postings are lists of a segment; else they are occurrences as a shard has them, whose `positionBits` is `raw - 1`.
 */
export function addInput(entries: usize, entriesLength: usize, postings: usize, docBase: u32, raw: u32): void {
  if (cursorCount >= cursorCapacity) unreachable();
  const cursor = cursors + <usize>cursorCount * CURSOR;
  store<u32>(cursor, <u32>entries, 8);
  store<u32>(cursor, <u32>(entries + entriesLength), 12);
  store<u32>(cursor, <u32>postings, 16);
  store<u32>(cursor, docBase, 20);
  store<u32>(cursor, raw, 28);
  loadPiece(cursor);
  cursorCount++;
}

/**
 * Merges all terms in [from, to): `fromLength`, `toLength` of 0xffffffff = no bound. The posting lists become the open output,
 * the entries lie at `mergedEntries`. `docs` = documents over all inputs, `norms` one byte for each (text only).
 */
export function runMerge(
  text: bool,
  docs: u32,
  norms: usize,
  from: usize,
  fromLength: u32,
  to: usize,
  toLength: u32,
): void {
  let room: usize = 0;
  let most: u32 = 0;
  for (let i: u32 = 0; i < cursorCount; i++) {
    const cursor = cursors + <usize>i * CURSOR;
    if (fromLength != 0xffffffff) skipBelow(cursor, from, fromLength);
    room += load<u32>(cursor, 12) - load<u32>(cursor, 8);
    most += largestCount(cursor);
  }
  mergedEntries = alloc(room + WIDE);
  if (text) setPositionRoom(alloc(((<usize>most) << 2) + 8));
  beginLists(text, docs, most, norms);
  openOut();
  mergedTerms = 0;
  mergedDocFreq = 0;
  mergedTotalTermFreq = 0;
  let entry = mergedEntries;
  fillHeap();
  while (heapSize > 0) {
    const first = topCursor();
    const term = <usize>load<u32>(first, 8) + ENTRY_HEADER;
    const length = load<u32>(first, 24);
    if (toLength != 0xffffffff && compareTerms(term, length, to, toLength) >= 0) break;
    mergeTerm(load<u64>(first), term, length, text);
    entry = writeEntry(entry, term, length, docFreq, totalTermFreq, postingsLength, skipLength);
    mergedTerms++;
    mergedDocFreq += <f64>docFreq;
    mergedTotalTermFreq += <f64>totalTermFreq;
  }
  mergedEntriesLength = entry - mergedEntries;
}

/** Appends the lists of one term, input by input, and moves those cursors on. */
function mergeTerm(piece: u64, term: usize, length: u32, text: bool): void {
  beginList();
  do {
    const cursor = topCursor();
    appendList(cursor, load<u32>(cursor, 8), text);
    advance(cursor);
    if (load<u32>(cursor, 8) == 0) {
      heapSize--;
      store<u32>(heap, load<u32>(heap + ((<usize>heapSize) << 2)));
    }
    siftDown(0);
  } while (heapSize > 0 && holdsTerm(topCursor(), piece, term, length));
  endList();
}

function holdsTerm(cursor: usize, piece: u64, term: usize, length: u32): bool {
  if (load<u64>(cursor) != piece || load<u32>(cursor, 24) != length) return false;
  return length <= 8 || compareTerms(term, length, <usize>load<u32>(cursor, 8) + ENTRY_HEADER, length) == 0;
}

function appendList(cursor: usize, entry: usize, text: bool): void {
  const postings = <usize>load<u32>(cursor, 16);
  const docBase = load<u32>(cursor, 20);
  const raw = load<u32>(cursor, 28);
  if (raw == 0) copyList(postings, load<u32>(entry, 4), docBase, text);
  else if (text) addOccurrences(postings, load<u32>(entry, 8), docBase, raw - 1);
  else addDocuments(postings, load<u32>(entry, 8), docBase);
}

function topCursor(): usize {
  return load<u32>(heap);
}

function fillHeap(): void {
  heapSize = 0;
  for (let i: u32 = 0; i < cursorCount; i++) {
    const cursor = cursors + <usize>i * CURSOR;
    if (load<u32>(cursor, 8) == 0) continue;
    store<u32>(heap + ((<usize>heapSize) << 2), <u32>cursor);
    heapSize++;
  }
  for (let i: u32 = heapSize >> 1; i > 0; i--) siftDown(i - 1);
}

/** Puts the cursor at place `at` of the heap where it belongs below it. */
function siftDown(at: u32): void {
  const cursor = <usize>load<u32>(heap + ((<usize>at) << 2));
  while (true) {
    let child = (at << 1) + 1;
    if (child >= heapSize) break;
    let next = <usize>load<u32>(heap + ((<usize>child) << 2));
    if (child + 1 < heapSize) {
      const other = <usize>load<u32>(heap + ((<usize>child) << 2), 4);
      if (comesBefore(other, next)) {
        next = other;
        child++;
      }
    }
    if (!comesBefore(next, cursor)) break;
    store<u32>(heap + ((<usize>at) << 2), <u32>next);
    at = child;
  }
  store<u32>(heap + ((<usize>at) << 2), <u32>cursor);
}

/** By term, then by input. */
function comesBefore(a: usize, b: usize): bool {
  const x = load<u64>(a);
  const y = load<u64>(b);
  if (x != y) return x < y;
  const aLength = load<u32>(a, 24);
  const bLength = load<u32>(b, 24);
  // Of terms within eight bytes the pieces tell all but how many zero bytes end them.
  const order =
    aLength <= 8 && bLength <= 8
      ? <i32>aLength - <i32>bLength
      : compareTerms(<usize>load<u32>(a, 8) + ENTRY_HEADER, aLength, <usize>load<u32>(b, 8) + ENTRY_HEADER, bLength);
  return order != 0 ? order < 0 : a < b;
}

function advance(cursor: usize): void {
  const entry = <usize>load<u32>(cursor, 8);
  store<u32>(cursor, load<u32>(cursor, 16) + load<u32>(entry, 12), 16);
  store<u32>(cursor, <u32>(entry + entryBytes(load<u32>(entry))), 8);
  loadPiece(cursor);
}

/** Reads the term in front of the cursor; at its end the entry address becomes 0. */
function loadPiece(cursor: usize): void {
  const entry = <usize>load<u32>(cursor, 8);
  if (entry >= <usize>load<u32>(cursor, 12)) {
    store<u32>(cursor, 0, 8);
    store<u32>(cursor, 0, 12);
    return;
  }
  const length = load<u32>(entry);
  store<u32>(cursor, length, 24);
  store<u64>(cursor, orderedPrefix(entry + ENTRY_HEADER, length));
}

function skipBelow(cursor: usize, from: usize, fromLength: u32): void {
  while (load<u32>(cursor, 8) != 0) {
    const term = <usize>load<u32>(cursor, 8) + ENTRY_HEADER;
    if (compareTerms(term, load<u32>(cursor, 24), from, fromLength) >= 0) return;
    advance(cursor);
  }
}

/** The largest number of occurrences of one term in what is left of an input. */
function largestCount(cursor: usize): u32 {
  let most: u32 = 0;
  const end = <usize>load<u32>(cursor, 12);
  let entry = <usize>load<u32>(cursor, 8);
  if (entry == 0) return 0;
  for (; entry < end; entry += entryBytes(load<u32>(entry))) most = max<u32>(most, load<u32>(entry, 8));
  return most;
}
