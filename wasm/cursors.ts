// Where each input of a merge stands: a cursor shows one term, its counts and where its postings begin. It walks either a shard's
// term entries or the dictionary blocks of a stored part; of those it unfolds a term at a time, so that nothing is decoded ahead.

import { alloc } from './arena';
import { compareTerms, readVarint, varintEnd } from './bytes';
import { ENTRY_HEADER, entryBytes } from './entries';
import { copyWide, WIDE } from './wide-copy';

/** A power of two: a cursor's number is found by a shift. */
export const CURSOR: usize = 64;

// Fields of a cursor, u32 each.
const AT: usize = 0;
const END: usize = 4;
export const POSTINGS: usize = 8;
export const DOC_BASE: usize = 12;
/** 0 = postings are lists of a segment; else occurrences as a shard has them, whose `positionBits` is this less 1. */
export const RAW: usize = 16;
export const TERM: usize = 20;
export const LENGTH: usize = 24;
export const DOC_FREQ: usize = 28;
export const TOTAL: usize = 32;
export const BYTES: usize = 36;
export const SKIP: usize = 40;
/** Terms that are still to come; for entries unused. */
const LEFT: usize = 44;

/** Length of the term of a cursor at its end. */
export const DONE: u32 = 0xffffffff;

const SKIPS_FROM: u32 = 128;

/** A cursor over a shard's entries. */
export function openEntries(cursor: usize, at: usize, length: usize, postings: usize, docBase: u32, raw: u32): void {
  store<u32>(cursor, <u32>at, AT);
  store<u32>(cursor, <u32>(at + length), END);
  store<u32>(cursor, <u32>postings, POSTINGS);
  store<u32>(cursor, docBase, DOC_BASE);
  store<u32>(cursor, raw, RAW);
  store<u32>(cursor, 0, LENGTH);
  store<u32>(cursor, 0, BYTES);
}

/** A cursor over whole dictionary blocks of `terms` terms. A term is no longer than its block, so neither is its unfolded form. */
export function openBlocks(cursor: usize, at: usize, length: usize, postings: usize, docBase: u32, terms: u32): void {
  openEntries(cursor, at, length, postings, docBase, 0);
  store<u32>(cursor, <u32>alloc(length + 2 * WIDE), TERM);
  store<u32>(cursor, terms, LEFT);
}

/** Shows the next term; at the end its length becomes `DONE`. */
export function advance(cursor: usize, text: bool): void {
  store<u32>(cursor, load<u32>(cursor, POSTINGS) + load<u32>(cursor, BYTES), POSTINGS);
  if (load<u32>(cursor, RAW) == 0) unfoldTerm(cursor, text);
  else showEntry(cursor);
}

function showEntry(cursor: usize): void {
  const entry = <usize>load<u32>(cursor, AT);
  if (entry >= <usize>load<u32>(cursor, END)) {
    store<u32>(cursor, DONE, LENGTH);
    return;
  }
  const length = load<u32>(entry);
  store<u32>(cursor, <u32>(entry + ENTRY_HEADER), TERM);
  store<u32>(cursor, length, LENGTH);
  store<u32>(cursor, load<u32>(entry, 8), TOTAL);
  store<u32>(cursor, load<u32>(entry, 12), BYTES);
  store<u32>(cursor, <u32>(entry + entryBytes(length)), AT);
}

function unfoldTerm(cursor: usize, text: bool): void {
  const left = load<u32>(cursor, LEFT);
  if (left == 0) {
    store<u32>(cursor, DONE, LENGTH);
    return;
  }
  store<u32>(cursor, left - 1, LEFT);
  let from = <usize>load<u32>(cursor, AT);
  const head = <u32>load<u16>(from);
  let shared = head & 0x7f;
  let suffix = head >> 8;
  if ((head & 0x8080) == 0) from += 2;
  else {
    shared = readVarint(from);
    suffix = readVarint(varintEnd);
    from = varintEnd;
  }
  if (shared > load<u32>(cursor, LENGTH) || from + suffix > <usize>load<u32>(cursor, END)) unreachable();
  copyWide(<usize>load<u32>(cursor, TERM) + shared, from, suffix);
  store<u32>(cursor, shared + suffix, LENGTH);
  readCounts(cursor, from + suffix, text);
}

/** The counts behind a term: nearly always of one byte each, and then without the skip data's. */
function readCounts(cursor: usize, at: usize, text: bool): void {
  const word = load<u32>(at);
  if ((word & (text ? 0x808080 : 0x8080)) == 0) {
    const docFreq = word & 0x7f;
    store<u32>(cursor, docFreq, DOC_FREQ);
    store<u32>(cursor, text ? docFreq + ((word >> 8) & 0x7f) : docFreq, TOTAL);
    store<u32>(cursor, text ? (word >> 16) & 0x7f : (word >> 8) & 0x7f, BYTES);
    store<u32>(cursor, 0, SKIP);
    store<u32>(cursor, <u32>(at + (text ? 3 : 2)), AT);
    return;
  }
  const docFreq = readVarint(at);
  store<u32>(cursor, docFreq, DOC_FREQ);
  store<u32>(cursor, text ? docFreq + readVarint(varintEnd) : docFreq, TOTAL);
  store<u32>(cursor, readVarint(varintEnd), BYTES);
  store<u32>(cursor, docFreq >= SKIPS_FROM ? readVarint(varintEnd) : 0, SKIP);
  store<u32>(cursor, <u32>varintEnd, AT);
}

/** Moves a cursor on to the first term that is not below `from`. */
export function skipBelow(cursor: usize, from: usize, fromLength: u32, text: bool): void {
  while (load<u32>(cursor, LENGTH) != DONE) {
    if (compareTerms(<usize>load<u32>(cursor, TERM), load<u32>(cursor, LENGTH), from, fromLength) >= 0) return;
    advance(cursor, text);
  }
}
