// Byte strings out of pages: PLAIN values (u32 length, bytes) and dictionary indices, into offsets and one run of bytes.

import { alloc, release, SLACK } from './arena';
import { addSlots, rejectSlot, slotCount } from './page-slots';
import { validateUtf8 } from './utf8';
import { copyWide } from './wide-copy';

/** Bytes of one column in one read; beyond it the caller takes another way. Keeps every sum below 2^32. */
const MOST_BYTES: u64 = 1 << 30;

/** i32, one more than slots. */
export let byteOffsets: usize = 0;
/** Where the values begin, and the end of those that are there. */
export let byteData: usize = 0;
export let byteEnd: usize = 0;
/** Longest value in bytes. */
export let byteLongest: u32 = 0;
/** Not 0: an LSB bitmap of values that were no UTF-8; they read as null. */
export let byteInvalid: usize = 0;
let home: usize = 0;
let limit: usize = 0;
let broken: bool = false;

/** A dictionary entry is 8 bytes: u32 address, u32 length. */
let entries: usize = 0;
let entryCount: u32 = 0;
let entriesBroken: bool = false;

/** Room for `slots` values of about `bytes` bytes together; it grows where they turn out longer. */
export function beginBytes(slots: u32, bytes: u32): void {
  byteOffsets = alloc((<usize>slots + 1) << 2);
  store<u32>(byteOffsets, 0);
  home = alloc(<usize>bytes + SLACK);
  byteData = home;
  byteEnd = home;
  limit = home + bytes;
  byteLongest = 0;
  byteInvalid = 0;
  broken = false;
  entryCount = 0;
  entriesBroken = false;
}

/** Makes room for `bytes` more; what is there moves to the top of the arena where it does not suffice. */
function reserveBytes(bytes: u64): bool {
  const have = byteEnd - byteData;
  if (<u64>have + bytes > MOST_BYTES) return false;
  if (bytes <= <u64>(limit - byteEnd)) return true;
  const room = have + <usize>bytes + (have >> 1);
  const moved = alloc(room + SLACK);
  memory.copy(moved, byteData, have);
  byteData = moved;
  byteEnd = moved + have;
  limit = moved + room;
  return true;
}

/** Takes over the values of a PLAIN dictionary page, which stays in memory as long as the column. */
export function addByteDictionary(at: usize, end: usize, count: u32): bool {
  // Each value takes four bytes at least: a garbled count costs no memory.
  if (<usize>count > (end - at) >> 2) return false;
  entries = alloc((<usize>count) << 3);
  entryCount = count;
  let bad: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    if (end - at < 4) return false;
    const length = <usize>load<u32>(at);
    at += 4;
    if (length > end - at) return false;
    const entry = entries + ((<usize>i) << 3);
    store<u32>(entry, <u32>at);
    store<u32>(entry, <u32>length, 4);
    bad |= validateUtf8(at, <u32>length);
    at += length;
  }
  entriesBroken = bad != 0;
  return true;
}

/** PLAIN values from `[at, end)`: passes over `skip` of them, then fills `count` slots. */
export function takePlainBytes(at: usize, end: usize, levels: usize, count: u32, skip: u32): bool {
  for (; skip > 0; skip--) {
    if (end - at < 4) return false;
    const length = <usize>load<u32>(at);
    at += 4;
    if (length > end - at) return false;
    at += length;
  }
  if (!reserveBytes(end - at)) return false;
  let to = byteEnd;
  let slot = byteOffsets + ((<usize>slotCount) << 2);
  let longest = byteLongest;
  let inside: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    slot += 4;
    if (levels == 0 || load<u8>(levels + i)) {
      if (end - at < 4) return false;
      const length = <usize>load<u32>(at);
      at += 4;
      if (length > end - at) return false;
      // A value that begins inside a character makes valid text only together with its neighbour.
      inside |= <u32>(length != 0) & <u32>((load<u8>(at) & 0xc0) == 0x80);
      copyWide(to, at, length);
      longest = max<u32>(longest, <u32>length);
      at += length;
      to += length;
    }
    store<u32>(slot, <u32>(to - byteData));
  }
  if (inside != 0 || validateUtf8(byteEnd, <u32>(to - byteEnd)) != 0) broken = true;
  byteEnd = to;
  byteLongest = longest;
  addSlots(levels, count);
  return true;
}

/** Values of the dictionary by their u32 indices at `ids`, one for each slot that has a value. `most` = the largest of the indices. */
export function takeByteIds(ids: usize, present: u32, most: u32, levels: usize, count: u32): bool {
  if (present > 0 && most >= entryCount) return false;
  let bytes: u64 = 0;
  for (let i: u32 = 0; i < present; i++) bytes += load<u32>(entryOf(ids, i), 4);
  if (!reserveBytes(bytes)) return false;
  let to = byteEnd;
  let slot = byteOffsets + ((<usize>slotCount) << 2);
  let longest = byteLongest;
  let next: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    slot += 4;
    if (levels == 0 || load<u8>(levels + i)) {
      const entry = entryOf(ids, next++);
      const length = load<u32>(entry, 4);
      copyWide(to, load<u32>(entry), length);
      longest = max<u32>(longest, length);
      to += length;
    }
    store<u32>(slot, <u32>(to - byteData));
  }
  if (entriesBroken) broken = true;
  byteEnd = to;
  byteLongest = longest;
  addSlots(levels, count);
  return true;
}

function entryOf(ids: usize, index: u32): usize {
  return entries + ((<usize>load<u32>(ids + ((<usize>index) << 2))) << 3);
}

/** Drops all scratch: the values come to lie where they were meant to, behind the offsets; broken ones are taken out. */
export function finishBytes(): void {
  if (byteData != home) {
    const have = byteEnd - byteData;
    memory.copy(home, byteData, have);
    byteData = home;
    byteEnd = home + have;
  }
  release(byteEnd);
  if (broken) rejectBroken();
}

/** Looks at value by value, as only a column with a broken one needs. */
function rejectBroken(): void {
  const bitmapBytes = (<usize>slotCount + 7) >> 3;
  byteInvalid = alloc(bitmapBytes);
  memory.fill(byteInvalid, 0, bitmapBytes);
  let to = byteData;
  let start: u32 = 0;
  byteLongest = 0;
  for (let i: u32 = 0; i < slotCount; i++) {
    const slot = byteOffsets + ((<usize>i) << 2);
    const end = load<u32>(slot, 4);
    const length = end - start;
    if (validateUtf8(byteData + start, length) == 0) {
      memory.copy(to, byteData + start, length);
      to += length;
      byteLongest = max<u32>(byteLongest, length);
    } else {
      const at = byteInvalid + (i >> 3);
      store<u8>(at, load<u8>(at) | ((<u8>1) << (<u8>(i & 7))));
      rejectSlot(i);
    }
    start = end;
    store<u32>(slot, <u32>(to - byteData), 4);
  }
  byteEnd = to;
}
