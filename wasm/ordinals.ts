// Inverts a keyword field: (term ordinal -> documents) becomes (document -> ordinals), section `ordinals`.
// Two passes over the merged terms: count, then place; ordinals ascend within a document by themselves.

import { alloc, allocZeroed } from './arena';
import { readVarint, varintEnd } from './bytes';
import { ensureOut, openOut, outPos, setOut } from './out';
import { bitsFor, packRow, rowBytes, unpack128 } from './pack';
import { BLOCK } from './postings';

const gaps: usize = memory.data(128 * 4, 16);

let docs: u32 = 0;
/** docs + 1 entries: first counts at doc + 1, then running ends. */
let ends: usize = 0;
let values: usize = 0;
let ordinal: u32 = 0;
let placing: bool = false;

/** Starts the inversion of a field over `docCount` documents. */
export function beginOrdinals(docCount: u32): void {
  docs = docCount;
  ends = allocZeroed((<usize>(docCount + 2)) << 2);
  ordinal = 0;
  placing = false;
}

/** Takes the next run of merged terms; call for all runs in order, then `placeOrdinals`, then for all runs again. */
export function addOrdinals(merged: usize, length: usize, postings: usize): void {
  const end = merged + length;
  for (let at = merged; at < end; ordinal++) {
    readVarint(at);
    const suffix = readVarint(varintEnd);
    const docFreq = readVarint(varintEnd + suffix);
    const bytes = readVarint(varintEnd);
    if (docFreq >= BLOCK) readVarint(varintEnd);
    at = varintEnd;
    visitList(postings, docFreq);
    postings += bytes;
  }
}

/** Ends the counting pass. */
export function placeOrdinals(): void {
  let sum: u32 = 0;
  for (let i: u32 = 0; i <= docs + 1; i++) {
    const at = ends + ((<usize>i) << 2);
    sum += load<u32>(at);
    store<u32>(at, sum);
  }
  values = alloc(((<usize>sum) << 2) + 8);
  ordinal = 0;
  placing = true;
}

function visitList(at: usize, docFreq: u32): void {
  let previous: i32 = -1;
  for (let left = docFreq; left > 0; ) {
    const first = readVarint(at);
    at = varintEnd;
    if (left >= BLOCK) {
      const bits = <u32>load<u8>(at++);
      unpack128(at, bits, gaps);
      at += (<usize>bits) << 4;
      store<u32>(gaps, first);
      for (let i: usize = 0; i < 512; i += 4) previous = visit(previous + <i32>load<u32>(gaps + i) + 1);
      left -= BLOCK;
    } else {
      previous = visit(previous + <i32>first + 1);
      left--;
    }
  }
}

/**
 * Counting adds to slot doc + 2; after the running sum slot doc + 1 is where the document's values start, and placing moves it on
 * to where they end.
 */
function visit(doc: i32): i32 {
  const at = ends + ((<usize>(doc + (placing ? 1 : 2))) << 2);
  const n = load<u32>(at);
  if (placing) store<u32>(values + ((<usize>n) << 2), ordinal);
  store<u32>(at, n + 1);
  return doc;
}

/** After the second pass: the section becomes the open output. */
export function finishOrdinals(terms: u32): void {
  let multi = false;
  for (let doc: u32 = 0; doc < docs && !multi; doc++) {
    multi = load<u32>(ends + ((<usize>(doc + 1)) << 2)) - load<u32>(ends + ((<usize>doc) << 2)) > 1;
  }
  const count = load<u32>(ends + ((<usize>docs) << 2));
  if (multi) writeMulti(terms, count);
  else writeSingle(terms, count);
}

function writeHeader(multi: bool, ordinalBits: u32, offsetBits: u32, count: u32): void {
  store<u8>(outPos, <u8>multi);
  store<u8>(outPos, <u8>ordinalBits, 1);
  store<u8>(outPos, <u8>offsetBits, 2);
  store<u8>(outPos, 0, 3);
  store<u32>(outPos, count, 4);
  setOut(outPos + 8);
}

function writeRow(at: usize, count: u32, bits: u32): void {
  packRow(at, count, bits, outPos);
  setOut(outPos + rowBytes(count, bits));
  store<u64>(outPos, 0);
  setOut(outPos + 8);
}

/** One number a document: 0 = none, else ordinal + 1. */
function writeSingle(terms: u32, count: u32): void {
  const bits = bitsFor(terms);
  const row = alloc(((<usize>docs) << 2) + 8);
  for (let doc: u32 = 0; doc < docs; doc++) {
    const start = load<u32>(ends + ((<usize>doc) << 2));
    const end = load<u32>(ends + ((<usize>(doc + 1)) << 2));
    store<u32>(row + ((<usize>doc) << 2), end > start ? load<u32>(values + ((<usize>start) << 2)) + 1 : 0);
  }
  openOut();
  ensureOut(rowBytes(docs, bits) + 32);
  writeHeader(false, bits, 0, count);
  writeRow(row, docs, bits);
}

function writeMulti(terms: u32, count: u32): void {
  const ordinalBits = bitsFor(terms > 0 ? terms - 1 : 0);
  const offsetBits = bitsFor(count);
  openOut();
  ensureOut(rowBytes(docs + 1, offsetBits) + rowBytes(count, ordinalBits) + 48);
  writeHeader(true, ordinalBits, offsetBits, count);
  writeRow(ends, docs + 1, offsetBits);
  writeRow(values, count, ordinalBits);
}
