// The term table of one field of one shard: bytes -> term id, in order of first appearance.
//
// A slot is 16 bytes, so that one cache line holds four and a probe for a term of up to eight bytes looks nowhere else:
//
//   0        8                  12
//   | prefix | hash:24 length:8 | term id + 1 |      prefix = first 8 bytes, zero-padded; length 255 = 255 or more
//
// Slots stand in the order of their hashes' highest bits: doubling the table reads it from front to back and needs no term's
// bytes. A term is 8 bytes: u32 address, u32 length; how often it occurs is counted later, over the row of ids, where the
// counts fit into the cache.

import { alloc, allocZeroed } from './arena';
import { equalBytes, PREFIX_MASKS } from './bytes';

const SLOT: usize = 16;
export const TERM: usize = 8;
const FIRST_BITS: u64 = 13;
/** Bits of the hash that a slot keeps. Beyond 2^24 slots a table stays as it is and fills up; shards are far below. */
const MOST_BITS: u64 = 24;
const HASH_MULTIPLIER: u64 = 0x9e3779b97f4a7c15; // 2^64 / golden ratio, odd

/**
 * Tokens hashed ahead of their look-up. All slots of a batch are touched before the first is compared, so that the processor
 * waits for many cache lines at once; a batch of 64 keeps its hashes in 1 KiB.
 */
export const BATCH: u32 = 64;
const hashed: usize = memory.data(64 * 16, 16);

let slots: usize = 0;
let bits: u64 = 0;
let mask: u32 = 0;
let growAt: u32 = 0;
let heapTop: usize = 0;
let heapEnd: usize = 0;
let capacity: u32 = 0;
/** Keeps the touching loads alive. */
let touched: u32 = 0;

export let terms: usize = 0;
export let termCount: u32 = 0;

/** Starts an empty table for at most `maxTerms` terms of at most `maxBytes` bytes together. */
export function beginTerms(maxTerms: u32, maxBytes: usize): void {
  terms = alloc(<usize>maxTerms * TERM);
  heapTop = alloc(maxBytes + 8);
  heapEnd = heapTop + maxBytes;
  capacity = maxTerms;
  termCount = 0;
  openTable(FIRST_BITS);
}

function openTable(tableBits: u64): void {
  bits = tableBits;
  const count = <u32>1 << <u32>tableBits;
  slots = allocZeroed(<usize>count * SLOT);
  mask = count - 1;
  // Three quarters full: half as many cache lines as at three eighths, for one more probe in ten.
  growAt = count - (count >> 2);
}

/** Branches only beyond 16 bytes: lengths of words follow no pattern that a processor could learn. */
// @ts-ignore: decorator
@inline
function hashOf(at: usize, length: u32, prefix: u64): u64 {
  const isLong = length > 8;
  const last = load<u64>(at + <usize>select<u32>(length - 8, 0, isLong));
  let hash = (prefix ^ <u64>length) * HASH_MULTIPLIER;
  hash = (rotl<u64>(hash, 23) ^ select<u64>(last, 0, isLong)) * HASH_MULTIPLIER;
  if (length > 16) hash = hashRest(at, length, hash);
  return hash ^ (hash >> 29);
}

/** Mixes in the bytes from the eighth up to the last eight. */
function hashRest(at: usize, length: u32, hash: u64): u64 {
  for (let i: u32 = 8; i + 8 < length; i += 8) hash = (rotl<u64>(hash, 23) ^ load<u64>(at + i)) * HASH_MULTIPLIER;
  return hash;
}

/**
 * Writes the ids of up to `BATCH` tokens, u32 each, to `out`; terms are added at their first appearance. `pairs` = (u32 address,
 * u32 length) of each token; eight bytes behind each may be read.
 */
export function internBatch(pairs: usize, count: u32, out: usize): void {
  const shift = 64 - bits;
  let line: u32 = 0;
  let to = hashed;
  for (let pair = pairs, end = pairs + ((<usize>count) << 3); pair < end; pair += 8) {
    const at = <usize>load<u32>(pair);
    const length = load<u32>(pair, 4);
    const prefix = load<u64>(at) & load<u64>(PREFIX_MASKS + ((<usize>min<u32>(length, 8)) << 3));
    const hash = hashOf(at, length, prefix);
    store<u64>(to, prefix);
    store<u64>(to, hash, 8);
    line |= load<u32>(slots + (<usize>(hash >> shift)) * SLOT);
    to += 16;
  }
  touched = line;
  for (let i: u32 = 0; i < count; i++) {
    const from = hashed + ((<usize>i) << 4);
    const pair = pairs + ((<usize>i) << 3);
    store<u32>(out + ((<usize>i) << 2), find(load<u32>(pair), load<u32>(pair, 4), load<u64>(from), load<u64>(from, 8)));
  }
}

// @ts-ignore: decorator
@inline
function find(at: usize, length: u32, prefix: u64, hash: u64): u32 {
  const tag = (<u32>(hash >> 32) & 0xffffff00) | min<u32>(length, 255);
  let slot = slots + (<usize>(hash >> (64 - bits))) * SLOT;
  while (true) {
    const held = load<u32>(slot, 12);
    if (held == 0) return addTerm(slot, prefix, tag, at, length);
    if (load<u64>(slot) == prefix && load<u32>(slot, 8) == tag) {
      if (length <= 8 || holds(held - 1, at, length)) return held - 1;
    }
    slot += SLOT;
    if (slot > slots + <usize>mask * SLOT) slot = slots;
  }
}

function holds(id: u32, at: usize, length: u32): bool {
  const term = terms + <usize>id * TERM;
  return load<u32>(term, 4) == length && equalBytes(load<u32>(term) + 8, at + 8, length - 8);
}

function addTerm(slot: usize, prefix: u64, tag: u32, at: usize, length: u32): u32 {
  const id = termCount;
  if (id >= capacity || heapTop + length > heapEnd) unreachable();
  memory.copy(heapTop, at, length);
  const term = terms + <usize>id * TERM;
  store<u32>(term, <u32>heapTop);
  store<u32>(term, length, 4);
  heapTop += length;
  store<u64>(slot, prefix);
  store<u32>(slot, tag, 8);
  store<u32>(slot, id + 1, 12);
  termCount = id + 1;
  if (termCount >= growAt) growTable();
  return id;
}

/** Doubles the table; the old one is left to the arena's reset. */
function growTable(): void {
  if (bits == MOST_BITS) {
    if (termCount == mask) unreachable();
    growAt++;
    return;
  }
  const old = slots;
  const oldEnd = old + ((<usize>mask + 1) << 4);
  openTable(bits + 1);
  const shift = 32 - <u32>bits;
  const last = slots + <usize>mask * SLOT;
  for (let from = old; from < oldEnd; from += SLOT) {
    if (load<u32>(from, 12) == 0) continue;
    let slot = slots + (<usize>(load<u32>(from, 8) >> shift)) * SLOT;
    while (load<u32>(slot, 12) != 0) slot = slot == last ? slots : slot + SLOT;
    v128.store(slot, v128.load(from));
  }
}
