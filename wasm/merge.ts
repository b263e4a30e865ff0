// k-way merge of terms and their posting lists over one range of terms: many shards or parts -> one.
//
// Inputs are in document order: the documents of input i lie before those of input i + 1, so the lists of a term are
// re-numbered and appended, and blocks closed anew at 128 documents.

import { alloc } from './arena';
import { sharedLength } from './bytes';
import {
  advance,
  BYTES,
  CURSOR,
  DOC_BASE,
  DOC_FREQ,
  DONE,
  LENGTH,
  openBlocks,
  openEntries,
  POSTINGS,
  RAW,
  SKIP,
  skipBelow,
  TERM,
  TOTAL,
} from './cursors';
import { MERGED_OVERHEAD, writeMerged } from './dictionary';
import { ENTRY_HEADER } from './entries';
import { beginLeast, findLeast, matchCount, matches, NO_BOUND, refreshMatches } from './least';
import { appendStored } from './lists';
import { openOut } from './out';
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
import { copyWide, WIDE } from './wide-copy';

let cursors: usize = 0;
let cursorCount: u32 = 0;
let cursorCapacity: u32 = 0;
/** Bytes that the merged terms take at most: those of their inputs and what each may take more. */
let room: usize = 0;
let longest: usize = 0;

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
  room = 0;
  longest = 0;
}

/**
 * Adds the next input, a shard's: its entries, the occurrences of the first, and what to add to its document numbers; occurrences are
 * packed by `positionBits`.
 */
export function addShardInput(entries: usize, length: usize, postings: usize, docBase: u32, positionBits: u32): void {
  openEntries(nextCursor(), entries, length, postings, docBase, positionBits + 1);
  // An entry has a header of 20 bytes already.
  takeRoom(length, length / ENTRY_HEADER, MERGED_OVERHEAD - ENTRY_HEADER);
}

/** Adds the next input, a stored part's: whole dictionary blocks of `terms` terms and the posting lists of the first. */
export function addStoredInput(blocks: usize, length: usize, postings: usize, docBase: u32, terms: u32): void {
  openBlocks(nextCursor(), blocks, length, postings, docBase, terms);
  takeRoom(length, terms, MERGED_OVERHEAD);
}

function nextCursor(): usize {
  if (cursorCount >= cursorCapacity) unreachable();
  cursorCount++;
  return cursors + <usize>(cursorCount - 1) * CURSOR;
}

function takeRoom(length: usize, terms: usize, more: usize): void {
  room += length + terms * more;
  longest = max<usize>(longest, length);
}

/**
 * Merges all terms in [from, to): `fromLength`, `toLength` of 0xffffffff = no bound. The posting lists become the open output,
 * the merged terms lie at `mergedEntries`. `docs` = documents over all inputs, `norms` one byte for each (text only), `positions` = the
 * most positions that documents of the field held at once may have: 128 of shards, 256 of parts.
 */
export function runMerge(
  text: bool,
  docs: u32,
  norms: usize,
  positions: u32,
  from: usize,
  fromLength: u32,
  to: usize,
  toLength: u32,
): void {
  for (let cursor = cursors, end = cursors + <usize>cursorCount * CURSOR; cursor < end; cursor += CURSOR) {
    advance(cursor, text);
    if (fromLength != NO_BOUND) skipBelow(cursor, from, fromLength, text);
  }
  beginLeast(cursors, cursorCount, from, fromLength, to, toLength);
  mergedEntries = alloc(room + WIDE);
  mergedTerms = 0;
  mergedDocFreq = 0;
  mergedTotalTermFreq = 0;
  const last = alloc(longest + 2 * WIDE);
  let lastLength: u32 = 0;
  beginLists(text, docs, positions, norms);
  openOut();
  let entry = mergedEntries;
  for (findLeast(); matchCount > 0; findLeast()) {
    const least = <usize>load<u32>(matches);
    const term = <usize>load<u32>(least, TERM);
    const length = load<u32>(least, LENGTH);
    const shared = sharedLength(term, last, min<u32>(length, lastLength));
    copyWide(last + shared, term + shared, length - shared);
    lastLength = length;
    mergeLists(text);
    entry = writeMerged(entry, last, length, shared, docFreq, totalTermFreq, postingsLength, skipLength, text);
    mergedTerms++;
    mergedDocFreq += <f64>docFreq;
    mergedTotalTermFreq += <f64>totalTermFreq;
  }
  mergedEntriesLength = entry - mergedEntries;
}

/** Appends the lists of the least term, input by input, and moves their cursors on. */
function mergeLists(text: bool): void {
  beginList();
  for (let i: u32 = 1; i <= matchCount; i++) {
    const cursor = <usize>load<u32>(matches + ((<usize>(i - 1)) << 2));
    const postings = <usize>load<u32>(cursor, POSTINGS);
    const docBase = load<u32>(cursor, DOC_BASE);
    const total = load<u32>(cursor, TOTAL);
    const raw = load<u32>(cursor, RAW);
    if (raw == 0) {
      const frequency = load<u32>(cursor, DOC_FREQ);
      appendStored(
        postings,
        frequency,
        total,
        load<u32>(cursor, BYTES),
        load<u32>(cursor, SKIP),
        docBase,
        text,
        i == matchCount,
      );
    } else if (text) addOccurrences(postings, total, docBase, raw - 1);
    else addDocuments(postings, total, docBase);
    advance(cursor, text);
  }
  endList();
  refreshMatches();
}
