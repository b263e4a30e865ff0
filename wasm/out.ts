// The output of a call: one buffer at the top of the arena that grows in place. Nothing else may be allocated while it is open.

import { alloc, extend } from './arena';

const STEP: usize = 1 << 18;

export let outStart: usize = 0;
export let outPos: usize = 0;
let outEnd: usize = 0;

/** Opens an empty output behind all that is allocated. */
export function openOut(): void {
  outStart = alloc(STEP);
  outPos = outStart;
  outEnd = outStart + STEP;
}

/** Makes room for `bytes` more; the output never moves. */
export function ensureOut(bytes: usize): void {
  if (outPos + bytes <= outEnd) return;
  const more = max<usize>(outPos + bytes - outEnd, max<usize>(STEP, (outEnd - outStart) >> 1));
  extend(more);
  outEnd += more;
}

/** Moves the write position, after bytes were stored at `outPos`. */
export function setOut(at: usize): void {
  outPos = at;
}
