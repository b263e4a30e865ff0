// Appends a posting list of a stored part to the list being written, under new document numbers.
//
// Where the list being written stands at the edge of a block, the part's blocks are what would come out: they are copied, but for the
// gap in front of the first, and so is a tail that nothing follows. Elsewhere documents are read into the block being filled.

import { readVarint, varintEnd, writeVarint } from './bytes';
import { ensureOut, outPos, setOut } from './out';
import { rowBytes, sum128, unpack128, unpackRow } from './pack';
import {
  addTotal,
  BLOCK,
  closeCopied,
  closeTail,
  docFreq,
  docs,
  freqs,
  inBlock,
  lastDoc,
  PACKED_POSITIONS_MIN,
  placePositions,
  takeRead,
} from './postings';
import { copyWide, WIDE } from './wide-copy';

/** Where the next entry of the part's own skip data is read, and the last document that it told of. */
let skipAt: usize = 0;
let skipDoc: i32 = -1;

/**
 * Appends the list of `frequency` documents, `total` occurrences and `bytes` bytes at `at`, whose documents are numbered from `docBase`;
 * its last `skipBytes` are skip data. `isLast`: nothing will follow in the list being written.
 */
export function appendStored(
  at: usize,
  frequency: u32,
  total: u32,
  bytes: u32,
  skipBytes: u32,
  docBase: u32,
  text: bool,
  isLast: bool,
): void {
  addTotal(total);
  const end = at + bytes - skipBytes;
  skipAt = end;
  skipDoc = -1;
  let left = frequency;
  for (; left >= BLOCK && inBlock == 0; left -= BLOCK) at = copyBlock(at, end, BLOCK, docBase, text, true);
  if (left == 0) return;
  // The tail's skip entry is there only where the part's list has some, and wanted only behind full blocks.
  if (isLast && inBlock == 0 && left < BLOCK && (skipBytes > 0 || docFreq == 0)) {
    copyBlock(at, end, left, docBase, text, skipBytes > 0);
    return;
  }
  let previous = <i32>docBase + skipDoc;
  for (; left >= BLOCK; left -= BLOCK) {
    at = text ? readTextBlock(at) : readBlock(at);
    previous = numberDocuments(BLOCK, previous);
    takeRead(BLOCK);
  }
  if (left == 0) return;
  if (text) readTextTail(at, left);
  else readTail(at, left);
  numberDocuments(left, previous);
  takeRead(left);
}

/** Copies a block, or the tail up to `end`, with another gap in front; returns where the next one begins. */
function copyBlock(at: usize, end: usize, count: u32, docBase: u32, text: bool, hasSkip: bool): usize {
  const code = readVarint(at);
  const body = varintEnd;
  // A tail of text documents keeps a flag in the lowest bit.
  const flag: u32 = text && count < BLOCK ? 1 : 0;
  const gap = docBase + <u32>skipDoc + (code >> flag) - <u32>lastDoc;
  let positionBytes: u32 = 0;
  let most: u32 = 0;
  let least: u32 = 0;
  if (hasSkip) {
    skipDoc += <i32>readVarint(skipAt);
    end = at + readVarint(varintEnd);
    if (text) {
      positionBytes = readVarint(varintEnd);
      most = readVarint(varintEnd);
      least = <u32>load<u8>(varintEnd);
    }
    skipAt = varintEnd + (text ? 1 : 0);
  }
  ensureOut(end - body + 5 + WIDE);
  const start = outPos;
  const to = writeVarint(start, flag ? (gap << 1) | (code & 1) : gap);
  copyWide(to, body, end - body);
  setOut(to + (end - body));
  if (hasSkip) closeCopied(count, docBase + skipDoc, <u32>(outPos - start), positionBytes, most, least);
  else closeTail(count);
  return end;
}

function readBlock(at: usize): usize {
  const first = readVarint(at);
  at = varintEnd;
  const gapBits = <u32>load<u8>(at++);
  const to = docs + ((<usize>inBlock) << 2);
  unpack128(at, gapBits, to);
  store<u32>(to, first);
  return at + ((<usize>gapBits) << 4);
}

function readTextBlock(at: usize): usize {
  const first = readVarint(at);
  at = varintEnd;
  const gapBits = <u32>load<u8>(at);
  const freqBits = <u32>load<u8>(at + 1);
  at += 2;
  const slot = (<usize>inBlock) << 2;
  unpack128(at, gapBits, docs + slot);
  store<u32>(docs + slot, first);
  at += (<usize>gapBits) << 4;
  unpack128(at, freqBits, freqs + slot);
  at += (<usize>freqBits) << 4;
  const one = i32x4.splat(1);
  for (let i = freqs + slot, end = freqs + slot + 512; i < end; i += 16) {
    v128.store(i, i32x4.add(v128.load(i), one));
  }
  return readPositions(at, sum128(freqs + slot));
}

function readTail(at: usize, count: u32): void {
  const to = docs + ((<usize>inBlock) << 2);
  for (let i: usize = 0; i < (<usize>count) << 2; i += 4) {
    store<u32>(to + i, readVarint(at));
    at = varintEnd;
  }
}

function readTextTail(at: usize, count: u32): void {
  const slot = (<usize>inBlock) << 2;
  let total: u32 = 0;
  for (let i = slot, end = slot + ((<usize>count) << 2); i < end; i += 4) {
    const code = readVarint(at);
    at = varintEnd;
    let freq: u32 = 1;
    if ((code & 1) == 0) {
      freq = readVarint(at) + 2;
      at = varintEnd;
    }
    store<u32>(docs + i, code >> 1);
    store<u32>(freqs + i, freq);
    total += freq;
  }
  readPositions(at, total);
}

function readPositions(at: usize, count: u32): usize {
  const to = placePositions(count);
  if (count < PACKED_POSITIONS_MIN) {
    for (let i: usize = 0; i < (<usize>count) << 2; i += 4) {
      store<u32>(to + i, readVarint(at));
      at = varintEnd;
    }
    return at;
  }
  const bits = <u32>load<u8>(at++);
  unpackRow(at, count, bits, to);
  return at + rowBytes(count, bits);
}

/** Turns the gaps just read into document numbers; returns the last. */
function numberDocuments(count: u32, previous: i32): i32 {
  const from = docs + ((<usize>inBlock) << 2);
  for (let at = from, end = from + ((<usize>count) << 2); at < end; at += 4) {
    previous += <i32>load<u32>(at) + 1;
    store<u32>(at, previous);
  }
  return previous;
}
