// Huffman codes of limited length, as DEFLATE writes them: lengths by the in-place method of Moffat and Katajainen ("In-place
// calculation of minimum-redundancy codes", 1995), cut to the limit by moving leaves, then canonical codes, bits reversed.

import { countSymbol } from './deflate-symbols';

/** Symbols of the largest alphabet, literals and lengths. */
const MAX_SYMBOLS = 288;

/** Symbols in use as `frequency << 9 | symbol`, ascending. */
const sorted: usize = memory.data(MAX_SYMBOLS * 4, 16);
/** Their weights, then parents, then depths. */
const nodes: usize = memory.data(MAX_SYMBOLS * 4, 16);
/** Symbols of each length, and the next code of it. */
const perLength: usize = memory.data(16 * 4, 16);
const nextCode: usize = memory.data(16 * 4, 16);
const digits: usize = memory.data(256 * 4, 16);

/**
 * Makes the code of `symbols` (at most 288) with u32 frequencies below 2^16: one u32 a symbol at `codes`, `reversed bits << 5 | length`, 0
 * where the symbol does not occur. At least two symbols get a code, since decoders differ about fewer.
 */
export function buildCode(frequencies: usize, symbols: u32, maxBits: u32, codes: usize): void {
  memory.fill(codes, 0, (<usize>symbols) << 2);
  const used = gather(frequencies, symbols);
  sortAscending(used);
  for (let i: u32 = 0; i < used; i++) store<u32>(nodes + (i << 2), load<u32>(sorted + (i << 2)) >> 9);
  toDepths(used);
  countLengths(used, maxBits);
  assignLengths(maxBits, codes);
  assignCodes(symbols, maxBits, codes);
}

function gather(frequencies: usize, symbols: u32): u32 {
  let at = sorted;
  for (let symbol: u32 = 0; symbol < symbols; symbol++) {
    const frequency = load<u32>(frequencies + (symbol << 2));
    store<u32>(at, (frequency << 9) | symbol);
    at += frequency != 0 ? 4 : 0;
  }
  // Symbols 0 and 1 fill up.
  let used = <u32>((at - sorted) >> 2);
  for (; used < 2; used++) {
    store<u32>(at, (1 << 9) | (used == 1 && (load<u32>(sorted) & 511) == 0 ? 1 : 0));
    at += 4;
  }
  return used;
}

/** By frequency, two digits of eight bits: by insertion the alphabet of a text took 3-6 % of a block's time. */
function sortAscending(used: u32): void {
  sortByDigit(sorted, nodes, used, 9);
  sortByDigit(nodes, sorted, used, 17);
}

function sortByDigit(from: usize, to: usize, used: u32, shift: u32): void {
  memory.fill(digits, 0, 256 * 4);
  const end = from + ((<usize>used) << 2);
  for (let at = from; at < end; at += 4) countSymbol(digits, (load<u32>(at) >> shift) & 255);
  // Counts -> where the next key of the digit goes.
  let next = to;
  for (let digit = digits; digit < digits + 256 * 4; digit += 4) {
    const count = load<u32>(digit);
    store<u32>(digit, <u32>next);
    next += (<usize>count) << 2;
  }
  for (let at = from; at < end; at += 4) {
    const key = load<u32>(at);
    const place = digits + ((<usize>((key >> shift) & 255)) << 2);
    const goesTo = <usize>load<u32>(place);
    store<u32>(goesTo, key);
    store<u32>(place, <u32>(goesTo + 4));
  }
}

function node(i: i32): u32 {
  return load<u32>(nodes + ((<usize>i) << 2));
}

function setNode(i: i32, value: u32): void {
  store<u32>(nodes + ((<usize>i) << 2), value);
}

/** Weights ascending -> depths descending. */
function toDepths(used: u32): void {
  const n = <i32>used;
  let leaf = 0;
  let root = 0;
  // Joins the two lightest of leaves and trees; a joined tree keeps the number of its parent.
  for (let next = 0; next < n - 1; next++) {
    let weight: u32 = 0;
    for (let child = 0; child < 2; child++) {
      if (leaf >= n || (root < next && node(root) < node(leaf))) {
        weight += node(root);
        setNode(root++, <u32>next);
      } else {
        weight += node(leaf++);
      }
    }
    setNode(next, weight);
  }
  setNode(n - 2, 0);
  for (let i = n - 3; i >= 0; i--) setNode(i, node(<i32>node(i)) + 1);
  // Inner nodes' depths -> leaves' depths, from the root down.
  let available = 1;
  let inner = n - 2;
  let next = n - 1;
  for (let depth: u32 = 0; available > 0; depth++) {
    let taken = 0;
    while (inner >= 0 && node(inner) == depth) {
      taken++;
      inner--;
    }
    for (; available > taken; available--) setNode(next--, depth);
    available = taken << 1;
  }
}

/** Leaves beyond the limit move up to it; each step then makes room for one by splitting the deepest leaf above. */
function countLengths(used: u32, maxBits: u32): void {
  memory.fill(perLength, 0, 64);
  let excess: u32 = 0;
  for (let i: u32 = 0; i < used; i++) {
    const depth = min<u32>(load<u32>(nodes + (i << 2)), maxBits);
    const slot = perLength + (depth << 2);
    store<u32>(slot, load<u32>(slot) + 1);
    excess += 1 << (maxBits - depth);
  }
  for (excess -= 1 << maxBits; excess > 0; excess--) {
    let bits = maxBits - 1;
    while (load<u32>(perLength + (bits << 2)) == 0) bits--;
    const slot = perLength + (bits << 2);
    store<u32>(slot, load<u32>(slot) - 1);
    store<u32>(slot, load<u32>(slot, 4) + 2, 4);
    const deepest = perLength + (maxBits << 2);
    store<u32>(deepest, load<u32>(deepest) - 1);
  }
}

/** The rarest symbols get the longest codes. */
function assignLengths(maxBits: u32, codes: usize): void {
  let at = sorted;
  for (let bits = maxBits; bits > 0; bits--) {
    for (let left = load<u32>(perLength + (bits << 2)); left > 0; left--) {
      store<u32>(codes + ((load<u32>(at) & 511) << 2), bits);
      at += 4;
    }
  }
}

/** Lengths, one u32 a symbol, counted in `perLength` -> codes in the order of symbols (RFC 1951, 3.2.2). */
function assignCodes(symbols: u32, maxBits: u32, codes: usize): void {
  let code: u32 = 0;
  for (let bits: u32 = 1; bits <= maxBits; bits++) {
    code = (code + (bits > 1 ? load<u32>(perLength + ((bits - 1) << 2)) : 0)) << 1;
    store<u32>(nextCode + (bits << 2), code);
  }
  for (let symbol: u32 = 0; symbol < symbols; symbol++) {
    const slot = codes + (symbol << 2);
    const bits = load<u32>(slot);
    if (bits == 0) continue;
    const next = nextCode + (bits << 2);
    const value = load<u32>(next);
    store<u32>(next, value + 1);
    store<u32>(slot, (reversed(value, bits) << 5) | bits);
  }
}

function reversed(code: u32, bits: u32): u32 {
  code = ((code & 0x5555) << 1) | ((code >> 1) & 0x5555);
  code = ((code & 0x3333) << 2) | ((code >> 2) & 0x3333);
  code = ((code & 0x0f0f) << 4) | ((code >> 4) & 0x0f0f);
  code = ((code & 0x00ff) << 8) | (code >> 8);
  return code >> (16 - bits);
}

/** The same for lengths that are given at `codes`, one u32 each: the fixed codes of the format. */
export function codesOfLengths(symbols: u32, maxBits: u32, codes: usize): void {
  memory.fill(perLength, 0, 64);
  for (let symbol: u32 = 0; symbol < symbols; symbol++) {
    const slot = perLength + (load<u32>(codes + (symbol << 2)) << 2);
    store<u32>(slot, load<u32>(slot) + 1);
  }
  assignCodes(symbols, maxBits, codes);
}
