// Where tokens are written: one list of pairs, and the memory that changed bytes of tokens lie in. Reserved per column.
//
//   list     | begin, end | begin, end | ..    addresses while scanning; `finishTokens` makes them (address, length)
//   mirror   | lower-cased ASCII at the same offset as in the value
//   changed  | lower-cased tokens with other code points, one behind the other

import { alloc } from './arena';

/** Scanners write whole batches of ends before they know how many are real, and store 64 bytes at a time. */
const OVERRUN_BYTES: usize = 256;

let list: usize = 0;
/** One past the last begin or end written. */
export let listEnd: usize = 0;
export let mirror: usize = 0;
let changed: usize = 0;
export let changedEnd: usize = 0;

/**
 * Reserves for values of up to `maxValueLength` bytes; once per column, in the arena, so again after every `reset`.
 * Takes 6.5 bytes per byte of the longest value. Two neighbouring ASCII bytes never begin a token each, and other code
 * points are two bytes or more, so there is at most one token per two bytes; lower-casing makes three bytes of two at most.
 */
export function reserveTokens(maxValueLength: u32): void {
  const length = <usize>maxValueLength;
  list = alloc((length << 2) + OVERRUN_BYTES);
  mirror = alloc(length + OVERRUN_BYTES);
  changed = alloc(length + (length >> 1) + OVERRUN_BYTES);
}

/** Where the pairs (u32 address, u32 byte length) of the last `tokenize` stand. */
export function tokenBuffer(): usize {
  return list;
}

export function clearTokens(): void {
  listEnd = list;
  changedEnd = changed;
}

export function pushToken(begin: usize, end: usize): void {
  store<u32>(listEnd, begin);
  store<u32>(listEnd, end, 4);
  listEnd += 8;
}

export function setListEnd(end: usize): void {
  listEnd = end;
}

export function setChangedEnd(end: usize): void {
  changedEnd = end;
}

/** Turns (begin, end) into (address, length) in place, two tokens at a time; behind the last one garbage may be turned too. */
export function finishTokens(): void {
  for (let at = list; at < listEnd; at += 16) {
    const ends = v128.load(at);
    v128.store(at, i32x4.sub(ends, i64x2.shl(ends, 32)));
  }
}

export function tokenCount(): u32 {
  return <u32>((listEnd - list) >> 3);
}

/** Drops the tokens made of underscores alone, which join words but are none. */
export function dropUnderscores(): void {
  let to = list;
  for (let at = list; at < listEnd; at += 8) {
    const begin = <usize>load<u32>(at);
    const length = load<u32>(at, 4);
    let letters: u32 = 0;
    while (letters < length && load<u8>(begin + letters) == 0x5f) letters++;
    if (letters == length) continue;
    store<u64>(to, load<u64>(at));
    to += 8;
  }
  listEnd = to;
}
