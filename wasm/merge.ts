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
  while (true) {
    const least = leastCursor();
    if (least == 0) break;
    const term = <usize>load<u32>(least, 8) + ENTRY_HEADER;
    const length = load<u32>(least, 24);
    if (toLength != 0xffffffff && compareTerms(term, length, to, toLength) >= 0) break;
    mergeTerm(least, term, length, text);
    entry = writeEntry(entry, term, length, docFreq, totalTermFreq, postingsLength, skipLength);
    mergedTerms++;
    mergedDocFreq += <f64>docFreq;
    mergedTotalTermFreq += <f64>totalTermFreq;
  }
  mergedEntriesLength = entry - mergedEntries;
}

/** Appends the lists of one term, input by input, and moves those cursors on. Inputs before `least` do not hold it. */
function mergeTerm(least: usize, term: usize, length: u32, text: bool): void {
  const piece = load<u64>(least);
  beginList();
  const end = cursors + <usize>cursorCount * CURSOR;
  for (let cursor = least; cursor < end; cursor += CURSOR) {
    const entry = <usize>load<u32>(cursor, 8);
    if (entry == 0 || load<u64>(cursor) != piece || load<u32>(cursor, 24) != length) continue;
    if (cursor != least && compareTerms(term, length, entry + ENTRY_HEADER, length) != 0) continue;
    appendList(cursor, entry, text);
    advance(cursor);
  }
  endList();
}

function appendList(cursor: usize, entry: usize, text: bool): void {
  const postings = <usize>load<u32>(cursor, 16);
  const docBase = load<u32>(cursor, 20);
  const raw = load<u32>(cursor, 28);
  if (raw == 0) copyList(postings, load<u32>(entry, 4), docBase, text);
  else if (text) addOccurrences(postings, load<u32>(entry, 8), docBase, raw - 1);
  else addDocuments(postings, load<u32>(entry, 8), docBase);
}

/** The first cursor with the smallest term, or 0 when all are done. */
function leastCursor(): usize {
  let least: usize = 0;
  const end = cursors + <usize>cursorCount * CURSOR;
  for (let cursor = cursors; cursor < end; cursor += CURSOR) {
    if (load<u32>(cursor, 8) == 0) continue;
    if (least == 0 || isBelow(cursor, least)) least = cursor;
  }
  return least;
}

function isBelow(a: usize, b: usize): bool {
  const x = load<u64>(a);
  const y = load<u64>(b);
  if (x != y) return x < y;
  return (
    compareTerms(
      <usize>load<u32>(a, 8) + ENTRY_HEADER,
      load<u32>(a, 24),
      <usize>load<u32>(b, 8) + ENTRY_HEADER,
      load<u32>(b, 24),
    ) < 0
  );
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
