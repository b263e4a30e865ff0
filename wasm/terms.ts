// The term table of one field of one shard: bytes -> term id, in order of first appearance.
//
// A slot is 16 bytes, so that one cache line holds four and a probe for a term of up to eight bytes looks nowhere else:
//
//   0        8                  12
//   | prefix | hash:24 length:8 | term id + 1 |      prefix = first 8 bytes, zero-padded; length 255 = 255 or more
//
// A term is 16 bytes: u32 address, u32 length, u32 occurrences, u32 free for the inverter.

import { alloc, allocZeroed } from './arena';
import { equalBytes, prefixOf } from './bytes';

const SLOT: usize = 16;
export const TERM: usize = 16;
const FIRST_SLOTS: u32 = 1 << 13;
const HASH_MULTIPLIER: u64 = 0x9e3779b97f4a7c15; // 2^64 / golden ratio, odd

let slots: usize = 0;
let mask: u32 = 0;
let heapTop: usize = 0;
let heapEnd: usize = 0;
let capacity: u32 = 0;

export let terms: usize = 0;
export let termCount: u32 = 0;

/** Starts an empty table for at most `maxTerms` terms of at most `maxBytes` bytes together. */
export function beginTerms(maxTerms: u32, maxBytes: usize): void {
  slots = allocZeroed(<usize>FIRST_SLOTS * SLOT);
  mask = FIRST_SLOTS - 1;
  capacity = maxTerms;
  terms = alloc(<usize>maxTerms * TERM);
  heapTop = alloc(maxBytes + 8);
  heapEnd = heapTop + maxBytes;
  termCount = 0;
}

function hashOf(at: usize, length: u32, prefix: u64): u64 {
  let hash = (prefix ^ <u64>length) * HASH_MULTIPLIER;
  if (length > 8) {
    let i: u32 = 8;
    for (; i + 8 <= length; i += 8) hash = (rotl<u64>(hash, 23) ^ load<u64>(at + i)) * HASH_MULTIPLIER;
    if (i < length) hash = (rotl<u64>(hash, 23) ^ prefixOf(at + i, length - i)) * HASH_MULTIPLIER;
  }
  return hash ^ (hash >> 29);
}

/** The id of the term; adds it at its first appearance. Counts one occurrence. */
export function internTerm(at: usize, length: u32): u32 {
  const prefix = prefixOf(at, length);
  const hash = hashOf(at, length, prefix);
  const tag = (<u32>(hash >> 32) & 0xffffff00) | min<u32>(length, 255);
  let index = <u32>hash & mask;
  while (true) {
    const slot = slots + <usize>index * SLOT;
    const held = load<u32>(slot, 12);
    if (held == 0) return addTerm(slot, prefix, tag, at, length);
    if (load<u64>(slot) == prefix && load<u32>(slot, 8) == tag) {
      const term = terms + <usize>(held - 1) * TERM;
      if (length <= 8 || (load<u32>(term, 4) == length && equalBytes(load<u32>(term) + 8, at + 8, length - 8))) {
        store<u32>(term, load<u32>(term, 8) + 1, 8);
        return held - 1;
      }
    }
    index = (index + 1) & mask;
  }
}

function addTerm(slot: usize, prefix: u64, tag: u32, at: usize, length: u32): u32 {
  const id = termCount;
  if (id >= capacity || heapTop + length > heapEnd) unreachable();
  memory.copy(heapTop, at, length);
  const term = terms + <usize>id * TERM;
  store<u32>(term, <u32>heapTop);
  store<u32>(term, length, 4);
  store<u32>(term, 1, 8);
  heapTop += length;
  store<u64>(slot, prefix);
  store<u32>(slot, tag, 8);
  store<u32>(slot, id + 1, 12);
  termCount = id + 1;
  if (termCount << 1 > mask) growTable();
  return id;
}

/** Doubles the slots twice over; the old ones are left to the arena's reset. */
function growTable(): void {
  const old = slots;
  const oldCount = mask + 1;
  const count = oldCount << 2;
  slots = allocZeroed(<usize>count * SLOT);
  mask = count - 1;
  for (let i: u32 = 0; i < oldCount; i++) {
    const from = old + <usize>i * SLOT;
    const held = load<u32>(from, 12);
    if (held == 0) continue;
    const term = terms + <usize>(held - 1) * TERM;
    let index = <u32>hashOf(load<u32>(term), load<u32>(term, 4), load<u64>(from)) & mask;
    while (load<u32>(slots + <usize>index * SLOT, 12) != 0) index = (index + 1) & mask;
    memory.copy(slots + <usize>index * SLOT, from, SLOT);
  }
}
