// Term entries <-> dictionary blocks of 64 front-coded terms, as docs/segment-format.md ("Terms") has them.

import { alloc } from './arena';
import { readVarint, varintEnd, writeVarint } from './bytes';
import { ENTRY_HEADER, entryBytes, writeEntry } from './entries';
import { ensureOut, openOut, outPos, outStart, setOut } from './out';
import { copyWide, WIDE } from './wide-copy';

const TERMS_BLOCK: u32 = 64;
const SKIPS_FROM: u32 = 128;

/** Where the index of the blocks written by `encodeTerms` lies, and its length; the blocks themselves are the open output. */
export let termIndex: usize = 0;
export let termIndexLength: usize = 0;

/** Writes whole blocks out of the entries, the last short one only if `last`; returns the bytes of entries consumed. */
export function encodeTerms(entries: usize, length: usize, text: bool, last: bool): usize {
  const end = entries + length;
  // An index entry holds its term and three varints: no more than the entry it is made from and a few bytes.
  termIndex = alloc(length + 64 + WIDE);
  let index = termIndex;
  openOut();
  let block = entries;
  while (block < end) {
    const next = blockEnd(block, end, last);
    if (next == 0) break;
    const blockStart = outPos;
    const postings = encodeBlock(block, next, text);
    const firstLength = load<u32>(block);
    index = writeVarint(index, firstLength);
    copyWide(index, block + ENTRY_HEADER, firstLength);
    index = writeVarint(index + firstLength, <u32>(outPos - blockStart));
    index = writeVarint(index, postings);
    block = next;
  }
  termIndexLength = index - termIndex;
  return block - entries;
}

/** Where the block of up to 64 entries ends, or 0 where a short block may not close yet. */
function blockEnd(block: usize, end: usize, last: bool): usize {
  let count: u32 = 0;
  let at = block;
  while (at < end && count < TERMS_BLOCK) {
    at += entryBytes(load<u32>(at));
    count++;
  }
  return count == TERMS_BLOCK || last ? at : 0;
}

/** How many of the first `most` bytes are the same; reads up to 7 bytes beyond. */
function sharedLength(a: usize, b: usize, most: u32): u32 {
  let shared: u32 = 0;
  while (shared < most) {
    const difference = load<u64>(a + shared) ^ load<u64>(b + shared);
    if (difference != 0) return min<u32>(most, shared + <u32>(ctz(difference) >> 3));
    shared += 8;
  }
  return most;
}

function encodeBlock(block: usize, end: usize, text: bool): u32 {
  let previous: usize = 0;
  let previousLength: u32 = 0;
  let postings: u32 = 0;
  for (let entry = block; entry < end; entry += entryBytes(load<u32>(entry))) {
    const length = load<u32>(entry);
    const term = entry + ENTRY_HEADER;
    ensureOut(<usize>length + 30 + WIDE);
    const shared = sharedLength(term, previous, min<u32>(length, previousLength));
    let at = writeVarint(outPos, shared);
    at = writeVarint(at, length - shared);
    copyWide(at, term + shared, length - shared);
    at += length - shared;
    const docFreq = load<u32>(entry, 4);
    at = writeVarint(at, docFreq);
    if (text) at = writeVarint(at, load<u32>(entry, 8) - docFreq);
    at = writeVarint(at, load<u32>(entry, 12));
    if (docFreq >= SKIPS_FROM) at = writeVarint(at, load<u32>(entry, 16));
    setOut(at);
    postings += load<u32>(entry, 12);
    previous = term;
    previousLength = length;
  }
  return postings;
}

/** The way back: whole blocks of `length` bytes at `blocks`, `counts` = u32 terms of each, become entries in the open output. */
export function decodeTerms(blocks: usize, length: usize, text: bool, terms: u32): void {
  openOut();
  const end = blocks + length;
  let at = blocks;
  let previous: usize = 0;
  for (let i: u32 = 0; i < terms && at < end; i++) {
    const shared = readVarint(at);
    const suffix = readVarint(varintEnd);
    at = varintEnd;
    const termLength = shared + suffix;
    ensureOut(entryBytes(termLength) + WIDE);
    const entry = outPos;
    copyWide(entry + ENTRY_HEADER, previous + ENTRY_HEADER, shared);
    copyWide(entry + ENTRY_HEADER + shared, at, suffix);
    const docFreq = readVarint(at + suffix);
    let totalTermFreq = docFreq;
    if (text) totalTermFreq += readVarint(varintEnd);
    const postingsLength = readVarint(varintEnd);
    const skipLength = docFreq >= SKIPS_FROM ? readVarint(varintEnd) : 0;
    at = varintEnd;
    setOut(writeEntry(entry, entry + ENTRY_HEADER, termLength, docFreq, totalTermFreq, postingsLength, skipLength));
    previous = entry;
  }
}
