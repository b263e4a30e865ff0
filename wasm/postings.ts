// Writes one posting list at a time in the format of docs/segment-format.md ("Postings").
//
// Documents come in order, each whole. A block closes at 128 of them; its positions follow it at once, so that a list is one
// stream; skip entries gather aside and are appended at the end.

import { alloc } from './arena';
import { writeVarint } from './bytes';
import { ensureOut, outPos, setOut } from './out';
import { bitsFor, pack128, packRow, rowBytes, sum128 } from './pack';

export const BLOCK: u32 = 128;
/** Fewer positions than this are varints. */
export const PACKED_POSITIONS_MIN: u32 = 16;
/** Most bytes of one skip entry: four varints and a norm. */
const SKIP_ENTRY_MAX: usize = 21;

/**
 * The block being filled, and room behind it for as many documents as a list is read by at once; memory in front of it may be read, so
 * that gaps are differences of two loads.
 */
export const docs: usize = memory.data(16 + 256 * 4, 16) + 16;
export const freqs: usize = memory.data(256 * 4, 16);
const gaps: usize = memory.data(128 * 4, 16);

let positions: usize = 0;
let positionRoom: u32 = 0;
let skips: usize = 0;
let norms: usize = 0;
let withPositions: bool = false;

export let inBlock: u32 = 0;
let positionCount: u32 = 0;
/** Last document of the blocks that are closed. */
export let lastDoc: i32 = -1;
let skipPos: usize = 0;
let listStart: usize = 0;

// What `endList` leaves behind.
export let docFreq: u32 = 0;
export let totalTermFreq: u32 = 0;
export let postingsLength: u32 = 0;
export let skipLength: u32 = 0;

/**
 * Prepares lists of a field: at most `maxDocs` documents a list, at most `maxPositions` positions in 256 documents.
 * `normsAt` holds one norm a document (text only). To be called before the output is opened.
 */
export function beginLists(text: bool, maxDocs: u32, maxPositions: u32, normsAt: usize): void {
  withPositions = text;
  norms = normsAt;
  positionRoom = maxPositions;
  positions = text ? alloc(((<usize>maxPositions) << 2) + 16) : 0;
  skips = alloc(<usize>(maxDocs / BLOCK + 2) * SKIP_ENTRY_MAX);
}

export function beginList(): void {
  inBlock = 0;
  positionCount = 0;
  lastDoc = -1;
  docFreq = 0;
  totalTermFreq = 0;
  skipPos = skips;
  listStart = outPos;
}

/**
 * `count` occurrences in order, all those of their documents, as `wasm/field.ts` packs them; `docBase` is added to documents.
 */
export function addOccurrences(at: usize, count: u32, docBase: u32, positionBits: u32): void {
  if (positionBits < 32) addPacked(at, count, docBase, positionBits);
  else addPairs(at, count, docBase);
  totalTermFreq += count;
}

function addPacked(at: usize, count: u32, docBase: u32, positionBits: u32): void {
  const end = at + ((<usize>count) << 2);
  const mask = ((<u32>1) << positionBits) - 1;
  let to = positions + ((<usize>positionCount) << 2);
  while (at < end) {
    const word = load<u32>(at);
    const doc = word >> positionBits;
    let position = word & mask;
    store<u32>(to, position);
    const from = to;
    to += 4;
    at += 4;
    while (at < end) {
      const next = load<u32>(at);
      if (next >> positionBits != doc) break;
      store<u32>(to, (next & mask) - position);
      position = next & mask;
      to += 4;
      at += 4;
    }
    to = closeDocument(doc + docBase, from, to);
  }
  positionCount = <u32>((to - positions) >> 2);
}

function addPairs(at: usize, count: u32, docBase: u32): void {
  const end = at + ((<usize>count) << 3);
  let to = positions + ((<usize>positionCount) << 2);
  while (at < end) {
    const doc = load<u32>(at);
    let position = load<u32>(at, 4);
    store<u32>(to, position);
    const from = to;
    to += 4;
    at += 8;
    while (at < end && load<u32>(at) == doc) {
      const next = load<u32>(at, 4);
      store<u32>(to, next - position);
      position = next;
      to += 4;
      at += 8;
    }
    to = closeDocument(doc + docBase, from, to);
  }
  positionCount = <u32>((to - positions) >> 2);
}

/** Adds a document whose position gaps are at `[from, to)`; returns where the next one's go. */
function closeDocument(doc: u32, from: usize, to: usize): usize {
  const slot = (<usize>inBlock) << 2;
  store<u32>(docs + slot, doc);
  store<u32>(freqs + slot, <u32>((to - from) >> 2));
  inBlock++;
  if (inBlock < BLOCK) return to;
  positionCount = <u32>((to - positions) >> 2);
  flushBlock();
  return positions;
}

/** `count` documents of a keyword field in order, u32 each; one that follows itself is ignored. */
export function addDocuments(at: usize, count: u32, docBase: u32): void {
  let previous: u32 = 0xffffffff;
  for (const end = at + ((<usize>count) << 2); at < end; at += 4) {
    const doc = load<u32>(at);
    if (doc == previous) continue;
    previous = doc;
    addDocument(doc + docBase);
  }
}

/** One document of a keyword field. */
export function addDocument(doc: u32): void {
  store<u32>(docs + ((<usize>inBlock) << 2), doc);
  totalTermFreq++;
  inBlock++;
  if (inBlock == BLOCK) flushBlock();
}

/** Counts occurrences that are read or copied rather than added. */
export function addTotal(occurrences: u32): void {
  totalTermFreq += occurrences;
}

/** Where the next `count` position gaps are read to. */
export function placePositions(count: u32): usize {
  const at = positions + ((<usize>positionCount) << 2);
  positionCount += count;
  if (positionCount > positionRoom) unreachable();
  return at;
}

/** Takes `count` documents, 128 at most, that were read to behind those in the block, with their frequencies and positions. */
export function takeRead(count: u32): void {
  inBlock += count;
  if (inBlock < BLOCK) return;
  const beyond = inBlock - BLOCK;
  inBlock = BLOCK;
  if (!withPositions) {
    flushBlock();
    memory.copy(docs, docs + 512, (<usize>beyond) << 2);
    inBlock = beyond;
    return;
  }
  const own = sum128(freqs);
  const positionsBeyond = positionCount - own;
  const end = positions + ((<usize>own) << 2);
  // Writing the block zeroes what stands behind its last position.
  const kept = v128.load(end);
  positionCount = own;
  flushBlock();
  v128.store(end, kept);
  memory.copy(positions, end, (<usize>positionsBeyond) << 2);
  memory.copy(docs, docs + 512, (<usize>beyond) << 2);
  memory.copy(freqs, freqs + 512, (<usize>beyond) << 2);
  inBlock = beyond;
  positionCount = positionsBeyond;
}

/** Accounts for a block, or for the tail behind full blocks, that was copied into the output, with the part's figures of it. */
export function closeCopied(count: u32, last: u32, bytes: u32, positionBytes: u32, most: u32, least: u32): void {
  docFreq += count;
  writeSkip(last, bytes, positionBytes, most, least);
}

/** Accounts for a copied tail without skip data: the list ends with it. */
export function closeTail(count: u32): void {
  docFreq += count;
}

export function endList(): void {
  docFreq += inBlock;
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

function anyLane(bits: v128): u32 {
  return (
    i32x4.extract_lane(bits, 0) |
    i32x4.extract_lane(bits, 1) |
    i32x4.extract_lane(bits, 2) |
    i32x4.extract_lane(bits, 3)
  );
}

/** Gaps of a full block into `gaps`, slot 0 zero; returns all of their bits. */
function fillGaps(): u32 {
  const one = i32x4.splat(1);
  let gap = i32x4.sub(i32x4.sub(v128.load(docs), v128.load(docs - 4)), one);
  gap = i32x4.replace_lane(gap, 0, 0);
  v128.store(gaps, gap);
  let any = gap;
  for (let i: usize = 16; i < 512; i += 16) {
    gap = i32x4.sub(i32x4.sub(v128.load(docs + i), v128.load(docs + i - 4)), one);
    v128.store(gaps + i, gap);
    any = v128.or(any, gap);
  }
  return anyLane(any);
}

/** The largest of a full block's frequencies; each is made one less. */
let maxFreq: u32 = 1;
function lowerFreqs(): u32 {
  const one = i32x4.splat(1);
  let any = i32x4.splat(0);
  let most = one;
  for (let i: usize = 0; i < 512; i += 16) {
    const freq = v128.load(freqs + i);
    const less = i32x4.sub(freq, one);
    v128.store(freqs + i, less);
    most = i32x4.max_u(most, freq);
    any = v128.or(any, less);
  }
  maxFreq = max<u32>(
    max<u32>(i32x4.extract_lane(most, 0), i32x4.extract_lane(most, 1)),
    max<u32>(i32x4.extract_lane(most, 2), i32x4.extract_lane(most, 3)),
  );
  return anyLane(any);
}

function flushBlock(): void {
  docFreq += BLOCK;
  ensureOut(5 + 2 + 1024 + 5 + 16 + ((<usize>positionCount) << 2) + <usize>positionCount);
  const start = outPos;
  let at = writeVarint(start, <u32>(<i32>load<u32>(docs) - lastDoc - 1));
  const gapBits = bitsFor(fillGaps());
  store<u8>(at++, <u8>gapBits);
  maxFreq = 1;
  let freqBits: u32 = 0;
  if (withPositions) {
    freqBits = bitsFor(lowerFreqs());
    store<u8>(at++, <u8>freqBits);
  }
  pack128(gaps, gapBits, at);
  at += (<usize>gapBits) << 4;
  pack128(freqs, freqBits, at);
  at += (<usize>freqBits) << 4;
  const positionsAt = at;
  if (withPositions) at = writePositions(at);
  setOut(at);
  addSkip(load<u32>(docs + 508), <u32>(at - start), <u32>(at - positionsAt));
}

function flushTail(): void {
  ensureOut(<usize>inBlock * 10 + 5 + 16 + ((<usize>positionCount) << 2) + <usize>positionCount);
  const start = outPos;
  let at = start;
  let previous = lastDoc;
  maxFreq = 1;
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
  if (docFreq >= BLOCK) addSkip(<u32>previous, <u32>(at - start), <u32>(at - positionsAt));
}

function writePositions(at: usize): usize {
  const end = positions + ((<usize>positionCount) << 2);
  if (positionCount < PACKED_POSITIONS_MIN) {
    for (let from = positions; from < end; from += 4) at = writeVarint(at, load<u32>(from));
  } else {
    v128.store(end, i32x4.splat(0));
    let any = i32x4.splat(0);
    for (let from = positions; from < end; from += 16) any = v128.or(any, v128.load(from));
    const bits = bitsFor(anyLane(any));
    store<u8>(at++, <u8>bits);
    packRow(positions, positionCount, bits, at);
    at += rowBytes(positionCount, bits);
  }
  positionCount = 0;
  return at;
}

function addSkip(last: u32, bytes: u32, positionBytes: u32): void {
  let least: u32 = 255;
  if (withPositions) {
    for (let at = docs, end = docs + ((<usize>inBlock) << 2); at < end; at += 4) {
      least = min<u32>(least, <u32>load<u8>(norms + <usize>load<u32>(at)));
    }
  }
  inBlock = 0;
  writeSkip(last, bytes, positionBytes, maxFreq, least);
}

function writeSkip(last: u32, bytes: u32, positionBytes: u32, most: u32, least: u32): void {
  let at = writeVarint(skipPos, <u32>(<i32>last - lastDoc));
  at = writeVarint(at, bytes);
  if (withPositions) {
    at = writeVarint(at, positionBytes);
    at = writeVarint(at, most);
    store<u8>(at++, <u8>least);
  }
  skipPos = at;
  lastDoc = <i32>last;
}
