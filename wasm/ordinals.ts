// Inverts a keyword field: (term ordinal -> documents) becomes (document -> ordinals), section `ordinals`.
// Lists are read once, into a row of documents; counting those of each document tells where its ordinals go. They ascend within a
// document by themselves.

import { alloc, allocZeroed } from './arena';
import { readVarint, varintEnd } from './bytes';
import { ensureOut, openOut, outPos, setOut } from './out';
import { bitsFor, packRow, rowBytes, unpack128 } from './pack';
import { BLOCK } from './postings';

let docs: u32 = 0;
/** Documents of all lists, one after the other, and where the next list's go. */
let listed: usize = 0;
let listedEnd: usize = 0;
let listedRoom: usize = 0;
/** Where each term's documents end in `listed`. */
let termEnds: usize = 0;
let termCount: u32 = 0;
let termRoom: u32 = 0;
/** docs + 1 entries: first counts at doc + 1, then running ends. */
let ends: usize = 0;
let values: usize = 0;

/** Starts the inversion of a field of `terms` terms over `docCount` documents, `valueCount` in all lists together. */
export function beginOrdinals(docCount: u32, terms: u32, valueCount: u32): void {
  docs = docCount;
  ends = allocZeroed((<usize>(docCount + 2)) << 2);
  listed = alloc(((<usize>valueCount) << 2) + 16);
  listedEnd = listed;
  listedRoom = listed + ((<usize>valueCount) << 2);
  termEnds = alloc((<usize>terms) << 2);
  termCount = 0;
  termRoom = terms;
}

/** Takes the next run of merged terms, all of them in order. */
export function addOrdinals(merged: usize, length: usize, postings: usize): void {
  const end = merged + length;
  for (let at = merged; at < end; ) {
    readVarint(at);
    const suffix = readVarint(varintEnd);
    const docFreq = readVarint(varintEnd + suffix);
    const bytes = readVarint(varintEnd);
    if (docFreq >= BLOCK) readVarint(varintEnd);
    at = varintEnd;
    if (termCount == termRoom || listedEnd + ((<usize>docFreq) << 2) > listedRoom) unreachable();
    readList(postings, docFreq);
    postings += bytes;
    store<u32>(termEnds + ((<usize>termCount) << 2), <u32>listedEnd);
    termCount++;
  }
}

/** Reads one list into the row; counts at doc + 2, so that after the running sum doc + 1 is where the document's ordinals start. */
function readList(at: usize, docFreq: u32): void {
  let previous: i32 = -1;
  for (let left = docFreq; left > 0; ) {
    const count = left >= BLOCK ? BLOCK : 1;
    const first = readVarint(at);
    at = varintEnd;
    const to = listedEnd;
    if (left >= BLOCK) {
      const bits = <u32>load<u8>(at++);
      unpack128(at, bits, to);
      at += (<usize>bits) << 4;
    }
    store<u32>(to, first);
    listedEnd += (<usize>count) << 2;
    for (let i = to; i < listedEnd; i += 4) {
      previous += <i32>load<u32>(i) + 1;
      store<u32>(i, previous);
      const cell = ends + ((<usize>(previous + 2)) << 2);
      store<u32>(cell, load<u32>(cell) + 1);
    }
    left -= count;
  }
}

/** Puts the ordinals in their places; placing moves each document's start on to its end. */
function placeOrdinals(): void {
  let sum: u32 = 0;
  for (let i: u32 = 0; i <= docs + 1; i++) {
    const at = ends + ((<usize>i) << 2);
    sum += load<u32>(at);
    store<u32>(at, sum);
  }
  values = alloc(((<usize>sum) << 2) + 8);
  let at = listed;
  for (let ordinal: u32 = 0; ordinal < termCount; ordinal++) {
    const end = <usize>load<u32>(termEnds + ((<usize>ordinal) << 2));
    for (; at < end; at += 4) {
      const cell = ends + ((<usize>(load<u32>(at) + 1)) << 2);
      const place = load<u32>(cell);
      store<u32>(values + ((<usize>place) << 2), ordinal);
      store<u32>(cell, place + 1);
    }
  }
}

/** After all runs: the section becomes the open output. */
export function finishOrdinals(): void {
  placeOrdinals();
  let multi = false;
  for (let doc: u32 = 0; doc < docs && !multi; doc++) {
    multi = load<u32>(ends + ((<usize>(doc + 1)) << 2)) - load<u32>(ends + ((<usize>doc) << 2)) > 1;
  }
  const count = load<u32>(ends + ((<usize>docs) << 2));
  if (multi) writeMulti(termCount, count);
  else writeSingle(termCount, count);
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
