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

/** Where the index of the blocks written by `encodeTerms` lies, and its length: the end of the open output. */
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

/** Bytes of a closed block's row in the table: u32 where it ends in the output, u32 bytes of its posting lists. */
const BLOCK_ROW: usize = 8;
/** No entry has fewer bytes. */
const ENTRY_LEAST: usize = 4;

/**
 * Writes blocks from `length` bytes of merged terms, of which the first begins a block; returns how many bytes of the output are whole
 * blocks. Behind them and in front of `termIndex` lies the block that is still open: the next call's terms begin with it. `last` closes
 * it.
 */
export function encodeTerms(merged: usize, length: usize, text: bool, last: bool): usize {
  const end = merged + length;
  term = alloc(length + 2 * WIDE);
  const table = alloc((length / (ENTRY_LEAST * TERMS_BLOCK) + 2) * BLOCK_ROW);
  openOut();
  let row = table;
  let closed = outPos;
  let at = merged;
  while (at < end) {
    unfold(readEntry(at, text));
    writeEntryAnew(0);
    at = encodeRest(countsEnd, end, text);
    if (blockCount < TERMS_BLOCK && !last) break;
    store<u32>(row, <u32>outPos);
    store<u32>(row, blockPostings, 4);
    row += BLOCK_ROW;
    closed = outPos;
  }
  writeIndex(table, row);
  return closed - outStart;
}

/** The index lies behind the blocks; first terms stand in full at their beginning. */
function writeIndex(table: usize, end: usize): void {
  termIndex = outPos;
  let block = outStart;
  for (let row = table; row < end; row += BLOCK_ROW) {
    // The first byte tells that nothing is shared.
    const length = readVarint(block + 1);
    const first = varintEnd;
    ensureOut(<usize>length + 15 + WIDE);
    let at = writeVarint(outPos, length);
    copyWide(at, first, length);
    const next = <usize>load<u32>(row);
    at = writeVarint(at + length, <u32>(next - block));
    setOut(writeVarint(at, load<u32>(row, 4)));
    block = next;
  }
  termIndexLength = outPos - termIndex;
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
