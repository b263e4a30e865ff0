// Merged terms -> dictionary blocks of 64 front-coded terms, as docs/segment-format.md ("Terms") has them.
//
// A merged term is written as a block's entry is, front-coded against the term before it: a block is then a copy of the entries, but for
// its first one, which is written in full, and for the first one of a range, which knew no term before it.

import { alloc } from './arena';
import { readVarint, sharedLength, varintEnd, writeVarint } from './bytes';
import { ensureOut, openOut, outPos, outStart, setOut } from './out';
import { copyWide, WIDE } from './wide-copy';

const TERMS_BLOCK: u32 = 64;
const SKIPS_FROM: u32 = 128;

/** Where the index of the blocks written by `encodeTerms` lies, and its length; the blocks themselves are the open output. */
export let termIndex: usize = 0;
export let termIndexLength: usize = 0;

/** The term that the entry just read stands for, and its suffix. */
let term: usize = 0;
let termLength: u32 = 0;
let suffixAt: usize = 0;
let suffixLength: u32 = 0;

/** What else it tells: where its counts begin and end, and the bytes of its posting list. */
let countsAt: usize = 0;
let countsEnd: usize = 0;
let postings: u32 = 0;

/** Writes a merged term; returns the address behind it. `shared` = bytes it has in common with the one before. */
export function writeMerged(
  at: usize,
  bytes: usize,
  length: u32,
  shared: u32,
  docFreq: u32,
  totalTermFreq: u32,
  postingsLength: u32,
  skipLength: u32,
  text: bool,
): usize {
  at = writeVarint(at, shared);
  at = writeVarint(at, length - shared);
  copyWide(at, bytes + shared, length - shared);
  at = writeVarint(at + (length - shared), docFreq);
  if (text) at = writeVarint(at, totalTermFreq - docFreq);
  at = writeVarint(at, postingsLength);
  return docFreq >= SKIPS_FROM ? writeVarint(at, skipLength) : at;
}

/** Bytes that a merged term takes at most, beside its own. */
export const MERGED_OVERHEAD: usize = 30;

/** Reads an entry; returns what it shares with the term before, which is still there. */
function readEntry(at: usize, text: bool): u32 {
  const shared = readVarint(at);
  suffixLength = readVarint(varintEnd);
  suffixAt = varintEnd;
  countsAt = suffixAt + suffixLength;
  const docFreq = readVarint(countsAt);
  if (text) readVarint(varintEnd);
  postings = readVarint(varintEnd);
  if (docFreq >= SKIPS_FROM) readVarint(varintEnd);
  countsEnd = varintEnd;
  return shared;
}

/** Makes `term` the one that was read. */
function unfold(shared: u32): void {
  copyWide(term + shared, suffixAt, suffixLength);
  termLength = shared + suffixLength;
}

function copyRun(from: usize, to: usize): void {
  ensureOut(to - from + WIDE);
  memory.copy(outPos, from, to - from);
  setOut(outPos + (to - from));
}

/** Writes the entry just read and unfolded so that it shares `shared` bytes with the one before. */
function writeEntryAnew(shared: u32): void {
  ensureOut(<usize>termLength + 10 + WIDE);
  let at = writeVarint(outPos, shared);
  at = writeVarint(at, termLength - shared);
  copyWide(at, term + shared, termLength - shared);
  setOut(at + (termLength - shared));
  copyRun(countsAt, countsEnd);
}

/** Bytes that index entries for the blocks of these terms take at most. */
function indexRoom(merged: usize, end: usize, text: bool): usize {
  let room: usize = 0;
  let count: u32 = 0;
  for (let at = merged; at < end; at = countsEnd) {
    const shared = readEntry(at, text);
    if (count++ % TERMS_BLOCK == 0) room += shared + suffixLength + 15;
  }
  return room + WIDE;
}

/**
 * Writes blocks from `length` bytes of merged terms, of which the first begins a block; returns how many bytes of the output are whole
 * blocks. Beyond them lies the block that is still open: the next call's terms begin with it. `last` closes it.
 */
export function encodeTerms(merged: usize, length: usize, text: bool, last: bool): usize {
  const end = merged + length;
  term = alloc(length + 2 * WIDE);
  termIndex = alloc(indexRoom(merged, end, text));
  let index = termIndex;
  openOut();
  let closed = outPos;
  let at = merged;
  while (at < end) {
    unfold(readEntry(at, text));
    const indexEntry = writeVarint(index, termLength);
    copyWide(indexEntry, term, termLength);
    writeEntryAnew(0);
    const indexCounts = indexEntry + termLength;
    at = encodeRest(countsEnd, end, text);
    if (blockCount < TERMS_BLOCK && !last) break;
    index = writeVarint(indexCounts, <u32>(outPos - closed));
    index = writeVarint(index, blockPostings);
    closed = outPos;
  }
  termIndexLength = index - termIndex;
  return closed - outStart;
}

/** Terms of the block just written and the bytes of their posting lists. */
let blockCount: u32 = 0;
let blockPostings: u32 = 0;

/** Copies what follows the first entry of a block, whose `postings` are known; returns where the next block begins. */
function encodeRest(at: usize, end: usize, text: bool): usize {
  let run = at;
  blockCount = 1;
  blockPostings = postings;
  for (; at < end && blockCount < TERMS_BLOCK; blockCount++) {
    const shared = readEntry(at, text);
    // Nothing shared: so it is, or a range begins here.
    const found = shared > 0 ? 0 : sharedLength(term, suffixAt, min<u32>(termLength, suffixLength));
    unfold(shared);
    if (found > 0) {
      copyRun(run, at);
      writeEntryAnew(found);
      run = countsEnd;
    }
    at = countsEnd;
    blockPostings += postings;
  }
  copyRun(run, at);
  return at;
}
