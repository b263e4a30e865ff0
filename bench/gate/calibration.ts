/**
 * A fixed piece of work that phases are timed against: how fast this machine is at this moment. It is never tuned: every baseline
 * stands on it.
 */

/** 1 MiB of words: beyond the first cache, within the second, as a shard's tables are. */
const SLOTS = 1 << 18;
const STEPS = 600_000;

const table = new Uint32Array(SLOTS);

/** Hashing and scattered updates of a table, what building an index is made of; takes some milliseconds. */
export function calibrate(): number {
  let hash = 0x9e3779b9;
  for (let step = 0; step < STEPS; step++) {
    hash = Math.imul(hash ^ (hash >>> 15), 0x21f0aaad) + step;
    const slot = (hash >>> 8) & (SLOTS - 1);
    table[slot] = (table[slot]! + hash) >>> 0;
  }
  return table[hash & (SLOTS - 1)]!;
}
