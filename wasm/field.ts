// Builds one field of one shard: values in document order -> terms in order, each with its occurrences, and norms.
//
// Column at a time: every value is tokenized and interned at once into a flat row of term ids (u32 a token, GAP between two values
// of a list); then a counting sort by the order of the terms brings each term's occurrences together. They are left as numbers:
// posting lists are encoded once, when the shards' terms are merged.

import { alloc, allocZeroed } from './arena';
import { entryBytes, SAMPLE_EVERY, writeEntry } from './entries';
import { normOf } from './norms';
import { bitsFor } from './pack';
import { sortTerms } from './sort';
import { BATCH, beginTerms, internBatch, TERM, termCount, terms } from './terms';
import { reserveTokens, tokenBuffer, tokenize } from './tokenize';
import { WIDE } from './wide-copy';

/** Stands in for an analyzer where every value is one term as it is. */
export const EXACT: u32 = 255;
const GAP: u32 = 0xffffffff;
/** Positions between two values of a list, as Solr and Elasticsearch have it: no phrase crosses them. */
const VALUE_GAP: u32 = 100;

let analyzer: u32 = EXACT;
let docCapacity: u32 = 0;
let docs: u32 = 0;
let tokens: usize = 0;
let tokenCapacity: u32 = 0;
let tokenCount: u32 = 0;
/** Exact values that wait for their ids, as pairs (address, length); their places in the row are the last ones. */
const waiting: usize = memory.data(64 * 8, 16);
let waitingCount: u32 = 0;
/** Most tokens of a document so far, gaps included, and whether there is any gap. */
let mostTokens: u32 = 0;
let metGap: bool = false;
/** One entry a document: where its tokens end. */
let docEnds: usize = 0;

// Results of `finishField`: addresses, byte lengths and counts.
export let entries: usize = 0;
export let entriesLength: usize = 0;
export let samples: usize = 0;
/**
 * In the entries' order. Exact values: u32 document. Text: u32 with the position in its lowest `positionBits` bits and the document
 * above, or, where both do not fit (`positionBits` is 32), u32 document and u32 position.
 */
export let occurrences: usize = 0;
export let occurrencesLength: usize = 0;
export let positionBits: u32 = 0;
export let fieldNorms: usize = 0;
export let fieldDocCount: u32 = 0;
export let maxLength: u32 = 0;

/** Starts a field of at most `maxDocs` documents whose values hold `bytes` bytes in `values` values, none longer than `longest`. */
export function beginField(analyzerNumber: u32, maxDocs: u32, bytes: u32, values: u32, longest: u32): void {
  analyzer = analyzerNumber;
  docCapacity = maxDocs;
  docs = 0;
  tokenCount = 0;
  waitingCount = 0;
  mostTokens = 0;
  metGap = false;
  // Text has a token in six or seven bytes, other scripts more; the row grows where that is not enough.
  tokenCapacity = analyzer == EXACT ? values : bytes / 5 + values + 16;
  tokens = alloc((<usize>tokenCapacity) << 2);
  docEnds = alloc((<usize>maxDocs) << 2);
  beginTerms();
  if (analyzer != EXACT) reserveTokens(longest);
}

/**
 * Adds the next `rows` rows: value i is data + offsets[i] .. offsets[i + 1] (i32). `docOf` holds one i32 a row: its document, or
 * -1 for a row that is none; documents ascend by one. `validity` = LSB bitmap or 0.
 */
export function addValues(offsets: usize, data: usize, rows: u32, docOf: usize, validity: usize): void {
  for (let row: u32 = 0; row < rows; row++) {
    if (load<i32>(docOf + ((<usize>row) << 2)) < 0) continue;
    if (isValid(validity, row)) addValue(offsets, data, row);
    endDocument();
  }
  internWaiting();
}

/** The same for lists: values of row i are those from lists[i] to lists[i + 1]. */
export function addLists(
  lists: usize,
  offsets: usize,
  data: usize,
  rows: u32,
  docOf: usize,
  validity: usize,
  valueValidity: usize,
): void {
  for (let row: u32 = 0; row < rows; row++) {
    if (load<i32>(docOf + ((<usize>row) << 2)) < 0) continue;
    if (isValid(validity, row)) {
      const start = load<u32>(lists + ((<usize>row) << 2));
      const end = load<u32>(lists + ((<usize>row) << 2), 4);
      let first = true;
      for (let value = start; value < end; value++) {
        if (!isValid(valueValidity, value)) continue;
        if (!first && analyzer != EXACT) pushGap();
        first = false;
        addValue(offsets, data, value);
      }
    }
    endDocument();
  }
  internWaiting();
}

/** Documents without any value, for a column that the file does not have. */
export function addMissing(count: u32): void {
  for (let i: u32 = 0; i < count; i++) endDocument();
}

function isValid(validity: usize, row: u32): bool {
  return validity == 0 || ((load<u8>(validity + (row >> 3)) >> (row & 7)) & 1) != 0;
}

/** Room for `more` tokens at least; the row moves, and its old place is left to the arena's reset. */
function growTokens(more: u32): void {
  const capacity = max<u32>(tokenCapacity << 1, tokenCount + more);
  const old = tokens;
  tokens = alloc((<usize>capacity) << 2);
  memory.copy(tokens, old, (<usize>tokenCount) << 2);
  tokenCapacity = capacity;
}

function pushGap(): void {
  metGap = true;
  pushToken(GAP);
}

function pushToken(id: u32): void {
  if (tokenCount >= tokenCapacity) growTokens(1);
  store<u32>(tokens + ((<usize>tokenCount) << 2), id);
  tokenCount++;
}

function addValue(offsets: usize, data: usize, index: u32): void {
  const at = offsets + ((<usize>index) << 2);
  const start = load<u32>(at);
  const length = load<u32>(at, 4) - start;
  if (analyzer == EXACT) return addExact(data + start, length);
  const found = tokenize(analyzer, data + start, length);
  if (tokenCount + found > tokenCapacity) growTokens(found);
  internAll(tokenBuffer(), found, tokens + ((<usize>tokenCount) << 2));
  tokenCount += found;
}

function internAll(pairs: usize, count: u32, to: usize): void {
  for (; count > BATCH; count -= BATCH) {
    internBatch(pairs, BATCH, to);
    pairs += (<usize>BATCH) << 3;
    to += (<usize>BATCH) << 2;
  }
  internBatch(pairs, count, to);
}

function addExact(at: usize, length: u32): void {
  const pair = waiting + ((<usize>waitingCount) << 3);
  store<u32>(pair, <u32>at);
  store<u32>(pair, length, 4);
  waitingCount++;
  pushToken(0);
  if (waitingCount == BATCH) internWaiting();
}

/** Fills in the ids of the values that wait; before their bytes may go. */
function internWaiting(): void {
  internBatch(waiting, waitingCount, tokens + ((<usize>(tokenCount - waitingCount)) << 2));
  waitingCount = 0;
}

function endDocument(): void {
  if (docs >= docCapacity) unreachable();
  const at = docEnds + ((<usize>docs) << 2);
  mostTokens = max<u32>(mostTokens, tokenCount - (docs > 0 ? load<u32>(at - 4) : 0));
  store<u32>(at, tokenCount);
  docs++;
}

/** Sorts and inverts: entries, samples, occurrences and norms are then there to be taken. */
export function finishField(): void {
  const text = analyzer != EXACT;
  const order = sortTerms(termCount);
  // Counts first, places then: four bytes a term, which stay in the caches while the terms themselves would not.
  const places = allocZeroed((<usize>termCount) << 2);
  countTokens(places);
  positionBits = text ? bitsOfPositions() : 0;
  writeEntries(order, places, positionBits == 32 ? 3 : 2);
  fieldNorms = text ? allocZeroed(docs) : 0;
  fieldDocCount = 0;
  maxLength = 0;
  occurrences = alloc(occurrencesLength);
  if (text) scatterText(places, positionBits);
  else scatterExact(places);
}

function countTokens(counts: usize): void {
  for (let at = tokens, end = tokens + ((<usize>tokenCount) << 2); at < end; at += 4) {
    const id = load<u32>(at);
    if (id == GAP) continue;
    const count = counts + ((<usize>id) << 2);
    store<u32>(count, load<u32>(count) + 1);
  }
}

/** Term entries in order; turns counts into the place of each term's first occurrence. `width` = log2 of an occurrence's bytes. */
function writeEntries(order: usize, places: usize, width: usize): void {
  let size: usize = 0;
  for (let i: u32 = 0; i < termCount; i++) size += entryBytes(load<u32>(terms + <usize>i * TERM, 4));
  entries = alloc(size + WIDE);
  samples = alloc((<usize>(termCount / SAMPLE_EVERY + 1)) << 3);
  let entry = entries;
  let place: u32 = 0;
  for (let i: u32 = 0; i < termCount; i++) {
    if (i % SAMPLE_EVERY == 0) {
      const sample = samples + <usize>(i / SAMPLE_EVERY) * 8;
      store<u32>(sample, <u32>(entry - entries));
      store<u32>(sample, place << (<u32>width), 4);
    }
    const id = <usize>load<u32>(order + ((<usize>i) << 2));
    const term = terms + id * TERM;
    const at = places + (id << 2);
    const count = load<u32>(at);
    store<u32>(at, place);
    place += count;
    entry = writeEntry(entry, load<u32>(term), load<u32>(term, 4), 0, count, count << (<u32>width), 0);
  }
  entriesLength = size;
  occurrencesLength = (<usize>place) << width;
}

/** Width of the largest position there may be, or 32 where it and a document do not share 32 bits. */
function bitsOfPositions(): u32 {
  const bits = bitsFor(metGap ? mostTokens * VALUE_GAP : mostTokens);
  return bits + bitsFor(docs) <= 32 ? bits : 32;
}

/** Counting sort of (document, position); norms and lengths on the way. */
function scatterText(places: usize, bits: u32): void {
  let at = tokens;
  for (let doc: u32 = 0; doc < docs; doc++) {
    const end = tokens + ((<usize>load<u32>(docEnds + ((<usize>doc) << 2))) << 2);
    let position: u32 = 0;
    let length: u32 = 0;
    for (; at < end; at += 4) {
      const id = load<u32>(at);
      if (id == GAP) {
        position += VALUE_GAP;
        continue;
      }
      const cell = places + ((<usize>id) << 2);
      const place = load<u32>(cell);
      store<u32>(cell, place + 1);
      if (bits < 32) store<u32>(occurrences + ((<usize>place) << 2), (doc << bits) | position);
      else store<u64>(occurrences + ((<usize>place) << 3), <u64>doc | ((<u64>position) << 32));
      position++;
      length++;
    }
    if (length == 0) continue;
    fieldDocCount++;
    maxLength = max<u32>(maxLength, length);
    store<u8>(fieldNorms + doc, normOf(length));
  }
}

/** The same for documents alone. */
function scatterExact(places: usize): void {
  let at = tokens;
  for (let doc: u32 = 0; doc < docs; doc++) {
    const end = tokens + ((<usize>load<u32>(docEnds + ((<usize>doc) << 2))) << 2);
    const length = <u32>((end - at) >> 2);
    for (; at < end; at += 4) {
      const cell = places + ((<usize>load<u32>(at)) << 2);
      const place = load<u32>(cell);
      store<u32>(cell, place + 1);
      store<u32>(occurrences + ((<usize>place) << 2), doc);
    }
    if (length == 0) continue;
    fieldDocCount++;
    maxLength = max<u32>(maxLength, length);
  }
}
