// Reads a posting list back, block by block, and hands it to the list writer under new document numbers.

import { readVarint, varintEnd } from './bytes';
import { rowBytes, unpack128, unpackRow } from './pack';
import { addDocument, addPosting, BLOCK, PACKED_POSITIONS_MIN } from './postings';

const gaps: usize = memory.data(128 * 4, 16);
const freqs: usize = memory.data(128 * 4, 16);

/** Room for the positions of one block; set by `setPositionRoom`. */
let positions: usize = 0;

/** `at` has room for every position of the largest block that will be read. */
export function setPositionRoom(at: usize): void {
  positions = at;
}

/** Appends the list at `at`, whose documents are numbered from `docBase`, to the list being written. */
export function copyList(at: usize, docFreq: u32, docBase: u32, text: bool): void {
  let previous: i32 = <i32>docBase - 1;
  for (let left = docFreq; left > 0; ) {
    if (left >= BLOCK) {
      at = text ? readTextBlock(at) : readBlock(at);
      left -= BLOCK;
      previous = text ? emitText(BLOCK, previous) : emit(BLOCK, previous);
    } else {
      at = text ? readTextTail(at, left) : readTail(at, left);
      previous = text ? emitText(left, previous) : emit(left, previous);
      left = 0;
    }
  }
}

function readBlock(at: usize): usize {
  const first = readVarint(at);
  at = varintEnd;
  const gapBits = <u32>load<u8>(at++);
  unpack128(at, gapBits, gaps);
  store<u32>(gaps, first);
  return at + ((<usize>gapBits) << 4);
}

function readTextBlock(at: usize): usize {
  const first = readVarint(at);
  at = varintEnd;
  const gapBits = <u32>load<u8>(at);
  const freqBits = <u32>load<u8>(at + 1);
  at += 2;
  unpack128(at, gapBits, gaps);
  store<u32>(gaps, first);
  at += (<usize>gapBits) << 4;
  unpack128(at, freqBits, freqs);
  at += (<usize>freqBits) << 4;
  let count: u32 = 0;
  for (let i: usize = 0; i < 512; i += 4) {
    const freq = load<u32>(freqs + i) + 1;
    store<u32>(freqs + i, freq);
    count += freq;
  }
  return readPositions(at, count);
}

function readTail(at: usize, count: u32): usize {
  for (let i: u32 = 0; i < count; i++) {
    store<u32>(gaps + ((<usize>i) << 2), readVarint(at));
    at = varintEnd;
  }
  return at;
}

function readTextTail(at: usize, count: u32): usize {
  let total: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const code = readVarint(at);
    at = varintEnd;
    let freq: u32 = 1;
    if ((code & 1) == 0) {
      freq = readVarint(at) + 2;
      at = varintEnd;
    }
    store<u32>(gaps + ((<usize>i) << 2), code >> 1);
    store<u32>(freqs + ((<usize>i) << 2), freq);
    total += freq;
  }
  return readPositions(at, total);
}

function readPositions(at: usize, count: u32): usize {
  if (count < PACKED_POSITIONS_MIN) {
    for (let i: u32 = 0; i < count; i++) {
      store<u32>(positions + ((<usize>i) << 2), readVarint(at));
      at = varintEnd;
    }
    return at;
  }
  const bits = <u32>load<u8>(at++);
  unpackRow(at, count, bits, positions);
  return at + rowBytes(count, bits);
}

function emit(count: u32, previous: i32): i32 {
  for (let i: u32 = 0; i < count; i++) {
    previous += <i32>load<u32>(gaps + ((<usize>i) << 2)) + 1;
    addDocument(<u32>previous);
  }
  return previous;
}

function emitText(count: u32, previous: i32): i32 {
  let from = positions;
  for (let i: u32 = 0; i < count; i++) {
    previous += <i32>load<u32>(gaps + ((<usize>i) << 2)) + 1;
    const freq = load<u32>(freqs + ((<usize>i) << 2));
    addPosting(<u32>previous, freq, from);
    from += (<usize>freq) << 2;
  }
  return previous;
}
