// Builds one field of one shard: values in document order -> term entries, posting lists, norms.
//
// Column at a time: every value is tokenized and interned at once into a flat row of term ids (u32 a token, GAP between two values
// of a list); then a counting sort by the order of the terms brings each term's occurrences together.

import { alloc, allocZeroed } from './arena';
import { ENTRY_HEADER, SAMPLE_EVERY, writeEntry } from './entries';
import { normOf } from './norms';
import { openOut, outPos, outStart } from './out';
import {
  addDocument,
  addOccurrence,
  beginList,
  beginLists,
  docFreq,
  endList,
  postingsLength,
  skipLength,
  totalTermFreq,
} from './postings';
import { sortTerms } from './sort';
import { beginTerms, internTerm, TERM, termCount, terms } from './terms';
import { reserveTokens, tokenBuffer, tokenize } from './tokenize';

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
/** docs + 1 entries: where each document's tokens end. */
let docEnds: usize = 0;

// Results of `finishField`: addresses, byte lengths and counts.
export let entries: usize = 0;
export let entriesLength: usize = 0;
export let samples: usize = 0;
export let fieldNorms: usize = 0;
export let fieldDocCount: u32 = 0;
export let sumDocFreq: f64 = 0;
export let sumTotalTermFreq: f64 = 0;
export let maxLength: u32 = 0;

/** Starts a field of at most `maxDocs` documents whose values hold `bytes` bytes in `values` values, none longer than `longest`. */
export function beginField(analyzerNumber: u32, maxDocs: u32, bytes: u32, values: u32, longest: u32): void {
  analyzer = analyzerNumber;
  docCapacity = maxDocs;
  docs = 0;
  tokenCount = 0;
  // No analyzer makes two tokens out of two neighbouring ASCII bytes, and none cuts below one token per two bytes.
  tokenCapacity = analyzer == EXACT ? values : (bytes >> 1) + (values << 1) + 16;
  tokens = alloc((<usize>tokenCapacity) << 2);
  docEnds = alloc((<usize>maxDocs) << 2);
  // Lower-casing lengthens some code points from two bytes to three.
  beginTerms(tokenCapacity, <usize>bytes + (<usize>bytes >> 1) + 64);
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
        if (!first && analyzer != EXACT) pushToken(GAP);
        first = false;
        addValue(offsets, data, value);
      }
    }
    endDocument();
  }
}

/** Documents without any value, for a column that the file does not have. */
export function addMissing(count: u32): void {
  for (let i: u32 = 0; i < count; i++) endDocument();
}

function isValid(validity: usize, row: u32): bool {
  return validity == 0 || ((load<u8>(validity + (row >> 3)) >> (row & 7)) & 1) != 0;
}

function pushToken(id: u32): void {
  if (tokenCount >= tokenCapacity) unreachable();
  store<u32>(tokens + ((<usize>tokenCount) << 2), id);
  tokenCount++;
}

function addValue(offsets: usize, data: usize, index: u32): void {
  const at = offsets + ((<usize>index) << 2);
  const start = load<u32>(at);
  const length = load<u32>(at, 4) - start;
  if (analyzer == EXACT) return pushToken(internTerm(data + start, length));
  const found = tokenize(analyzer, data + start, length);
  if (tokenCount + found > tokenCapacity) unreachable();
  let pair = tokenBuffer();
  let to = tokens + ((<usize>tokenCount) << 2);
  for (let i: u32 = 0; i < found; i++) {
    store<u32>(to, internTerm(load<u32>(pair), load<u32>(pair, 4)));
    pair += 8;
    to += 4;
  }
  tokenCount += found;
}

function endDocument(): void {
  if (docs >= docCapacity) unreachable();
  store<u32>(docEnds + ((<usize>docs) << 2), tokenCount);
  docs++;
}

/** Sorts, inverts and encodes; the posting lists are then the open output (`outStart` .. `outPos`). */
export function finishField(): void {
  const text = analyzer != EXACT;
  const order = sortTerms(termCount);
  const most = placeOccurrences(order);
  fieldNorms = text ? allocZeroed(docs) : 0;
  fieldDocCount = 0;
  maxLength = 0;
  const occurrences = scatter(text);
  let size: usize = 0;
  for (let i: u32 = 0; i < termCount; i++)
    size += ENTRY_HEADER + <usize>((load<u32>(terms + <usize>i * TERM, 4) + 3) & ~3);
  entries = alloc(size);
  samples = alloc((<usize>(termCount / SAMPLE_EVERY + 1)) << 3);
  beginLists(text, docs, most, fieldNorms);
  openOut();
  encode(order, occurrences, text);
  entriesLength = size;
}

/** Gives every term the place of its first occurrence, in term order; returns the largest number of occurrences. */
function placeOccurrences(order: usize): u32 {
  let place: u32 = 0;
  let most: u32 = 0;
  for (let i: u32 = 0; i < termCount; i++) {
    const term = terms + <usize>load<u32>(order + ((<usize>i) << 2)) * TERM;
    const count = load<u32>(term, 8);
    store<u32>(term, place, 12);
    place += count;
    most = max<u32>(most, count);
  }
  return most;
}

/** Counting sort: (u32 document, u32 position) for text, u32 document for exact values. Norms and lengths on the way. */
function scatter(text: bool): usize {
  const width: usize = text ? 8 : 4;
  const occurrences = alloc(<usize>tokenCount * width);
  let at: u32 = 0;
  for (let doc: u32 = 0; doc < docs; doc++) {
    const end = load<u32>(docEnds + ((<usize>doc) << 2));
    let position: u32 = 0;
    let length: u32 = 0;
    for (; at < end; at++) {
      const id = load<u32>(tokens + ((<usize>at) << 2));
      if (id == GAP) {
        position += VALUE_GAP;
        continue;
      }
      const term = terms + <usize>id * TERM;
      const place = load<u32>(term, 12);
      store<u32>(term, place + 1, 12);
      const slot = occurrences + <usize>place * width;
      store<u32>(slot, doc);
      if (text) store<u32>(slot, position, 4);
      position++;
      length++;
    }
    if (length == 0) continue;
    fieldDocCount++;
    maxLength = max<u32>(maxLength, length);
    if (text) store<u8>(fieldNorms + doc, normOf(length));
  }
  return occurrences;
}

function encode(order: usize, occurrences: usize, text: bool): void {
  sumDocFreq = 0;
  sumTotalTermFreq = 0;
  let entry = entries;
  let from = occurrences;
  for (let i: u32 = 0; i < termCount; i++) {
    if (i % SAMPLE_EVERY == 0) {
      const sample = samples + <usize>(i / SAMPLE_EVERY) * 8;
      store<u32>(sample, <u32>(entry - entries));
      store<u32>(sample, <u32>(outPos - outStart), 4);
    }
    const term = terms + <usize>load<u32>(order + ((<usize>i) << 2)) * TERM;
    const count = load<u32>(term, 8);
    beginList();
    if (text) {
      for (let n: u32 = 0; n < count; n++, from += 8) addOccurrence(load<u32>(from), load<u32>(from, 4));
    } else {
      for (let n: u32 = 0; n < count; n++, from += 4) addDocument(load<u32>(from));
    }
    endList();
    entry = writeEntry(entry, load<u32>(term), load<u32>(term, 4), docFreq, totalTermFreq, postingsLength, skipLength);
    sumDocFreq += <f64>docFreq;
    sumTotalTermFreq += <f64>totalTermFreq;
  }
}
