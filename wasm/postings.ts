// Writes one posting list at a time in the format of docs/segment-format.md ("Postings").
//
// Occurrences come in (document, position) order. A block closes at 128 documents; its positions follow it at once, so that a
// list is one stream; skip entries gather aside and are appended at the end.

import { alloc } from './arena';
import { writeVarint } from './bytes';
import { ensureOut, outPos, setOut } from './out';
import { bitsFor, pack128, packRow, rowBytes } from './pack';

export const BLOCK: u32 = 128;
/** Fewer positions than this are varints. */
export const PACKED_POSITIONS_MIN: u32 = 16;
/** Most bytes of one skip entry: four varints and a norm. */
const SKIP_ENTRY_MAX: usize = 21;
const NONE: u32 = 0xffffffff;

const docs: usize = memory.data(128 * 4, 16);
const freqs: usize = memory.data(128 * 4, 16);
const gaps: usize = memory.data(128 * 4, 16);

let positions: usize = 0;
let skips: usize = 0;
let norms: usize = 0;
let withPositions: bool = false;

let inBlock: u32 = 0;
let positionCount: u32 = 0;
let lastDoc: i32 = -1;
let openDoc: u32 = NONE;
let openFreq: u32 = 0;
let openPosition: u32 = 0;
let skipPos: usize = 0;
let listStart: usize = 0;

// What `endList` leaves behind.
export let docFreq: u32 = 0;
export let totalTermFreq: u32 = 0;
export let postingsLength: u32 = 0;
export let skipLength: u32 = 0;

/**
 * Prepares lists of a field: at most `maxDocs` documents a list, at most `maxPositions` positions in one block of 128.
 * `normsAt` holds one norm a document (text only). To be called before the output is opened.
 */
export function beginLists(text: bool, maxDocs: u32, maxPositions: u32, normsAt: usize): void {
  withPositions = text;
  norms = normsAt;
  positions = text ? alloc(((<usize>maxPositions) << 2) + 8) : 0;
  skips = alloc(<usize>(maxDocs / BLOCK + 2) * SKIP_ENTRY_MAX);
}

export function beginList(): void {
  inBlock = 0;
  positionCount = 0;
  lastDoc = -1;
  openDoc = NONE;
  docFreq = 0;
  totalTermFreq = 0;
  skipPos = skips;
  listStart = outPos;
}

/** One token of a text field. */
export function addOccurrence(doc: u32, position: u32): void {
  if (doc != openDoc) {
    if (openDoc != NONE) closeDoc();
    openDoc = doc;
    openFreq = 0;
    openPosition = 0;
  }
  store<u32>(positions + ((<usize>positionCount) << 2), position - openPosition);
  positionCount++;
  openPosition = position;
  openFreq++;
}

/** One document of a keyword field; the same one again is ignored. */
export function addDocument(doc: u32): void {
  if (doc == openDoc) return;
  if (openDoc != NONE) closeDoc();
  openDoc = doc;
  openFreq = 1;
}

/** One whole document of a text field whose `freq` position gaps are at `gapsAt`. */
export function addPosting(doc: u32, freq: u32, gapsAt: usize): void {
  if (openDoc != NONE) closeDoc();
  memory.copy(positions + ((<usize>positionCount) << 2), gapsAt, (<usize>freq) << 2);
  positionCount += freq;
  openDoc = doc;
  openFreq = freq;
}

function closeDoc(): void {
  const at = (<usize>inBlock) << 2;
  store<u32>(docs + at, openDoc);
  store<u32>(freqs + at, openFreq);
  totalTermFreq += openFreq;
  docFreq++;
  inBlock++;
  if (inBlock == BLOCK) flushBlock();
}

export function endList(): void {
  if (openDoc != NONE) closeDoc();
  if (inBlock > 0) flushTail();
  skipLength = 0;
  if (docFreq >= BLOCK) {
    skipLength = <u32>(skipPos - skips);
    ensureOut(skipLength);
    memory.copy(outPos, skips, skipLength);
    setOut(outPos + skipLength);
  }
  postingsLength = <u32>(outPos - listStart);
}

function flushBlock(): void {
  ensureOut(5 + 2 + 1024 + 5 + 8 + ((<usize>positionCount) << 2) + <usize>positionCount);
  const start = outPos;
  let previous = load<u32>(docs);
  const firstGap = <u32>(<i32>previous - lastDoc - 1);
  let anyGap: u32 = 0;
  let anyFreq: u32 = 0;
  store<u32>(gaps, 0);
  for (let i: usize = 4; i < 512; i += 4) {
    const doc = load<u32>(docs + i);
    const gap = doc - previous - 1;
    store<u32>(gaps + i, gap);
    anyGap |= gap;
    previous = doc;
  }
  let at = writeVarint(start, firstGap);
  const gapBits = bitsFor(anyGap);
  store<u8>(at++, <u8>gapBits);
  let maxFreq: u32 = 1;
  if (withPositions) {
    for (let i: usize = 0; i < 512; i += 4) {
      const freq = load<u32>(freqs + i);
      maxFreq = max<u32>(maxFreq, freq);
      store<u32>(freqs + i, freq - 1);
      anyFreq |= freq - 1;
    }
    store<u8>(at++, <u8>bitsFor(anyFreq));
  }
  pack128(gaps, gapBits, at);
  at += (<usize>gapBits) << 4;
  if (withPositions) {
    const freqBits = bitsFor(anyFreq);
    pack128(freqs, freqBits, at);
    at += (<usize>freqBits) << 4;
  }
  const positionsAt = at;
  if (withPositions) at = writePositions(at);
  setOut(at);
  addSkip(previous, <u32>(at - start), <u32>(at - positionsAt), maxFreq);
}

function flushTail(): void {
  ensureOut(<usize>inBlock * 10 + 5 + 8 + ((<usize>positionCount) << 2) + <usize>positionCount);
  const start = outPos;
  let at = start;
  let previous = lastDoc;
  let maxFreq: u32 = 1;
  for (let i: u32 = 0; i < inBlock; i++) {
    const doc = load<u32>(docs + ((<usize>i) << 2));
    const gap = <u32>(<i32>doc - previous - 1);
    previous = <i32>doc;
    if (!withPositions) {
      at = writeVarint(at, gap);
      continue;
    }
    const freq = load<u32>(freqs + ((<usize>i) << 2));
    maxFreq = max<u32>(maxFreq, freq);
    at = writeVarint(at, (gap << 1) | <u32>(freq == 1));
    if (freq > 1) at = writeVarint(at, freq - 2);
  }
  const positionsAt = at;
  if (withPositions) at = writePositions(at);
  setOut(at);
  if (docFreq >= BLOCK) addSkip(<u32>previous, <u32>(at - start), <u32>(at - positionsAt), maxFreq);
}

function writePositions(at: usize): usize {
  if (positionCount < PACKED_POSITIONS_MIN) {
    for (let i: u32 = 0; i < positionCount; i++) at = writeVarint(at, load<u32>(positions + ((<usize>i) << 2)));
  } else {
    let any: u32 = 0;
    for (let i: u32 = 0; i < positionCount; i++) any |= load<u32>(positions + ((<usize>i) << 2));
    const bits = bitsFor(any);
    store<u8>(at++, <u8>bits);
    packRow(positions, positionCount, bits, at);
    at += rowBytes(positionCount, bits);
  }
  positionCount = 0;
  return at;
}

function addSkip(last: u32, bytes: u32, positionBytes: u32, maxFreq: u32): void {
  let at = writeVarint(skipPos, <u32>(<i32>last - lastDoc));
  at = writeVarint(at, bytes);
  if (withPositions) {
    at = writeVarint(at, positionBytes);
    at = writeVarint(at, maxFreq);
    let least: u32 = 255;
    for (let i: u32 = 0; i < inBlock; i++) {
      least = min<u32>(least, <u32>load<u8>(norms + <usize>load<u32>(docs + ((<usize>i) << 2))));
    }
    store<u8>(at++, <u8>least);
  }
  skipPos = at;
  lastDoc = <i32>last;
  inBlock = 0;
}
