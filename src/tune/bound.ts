/** Which phases a build's time goes to, and what each of them waits for. */

import { PHASES, type Phase } from '../coordinator/phases.js';
import { median } from './interval.js';
import type { Measurement } from './measurement.js';

/** What a phase is bound by. */
export type Limit = 'processors' | 'one-thread' | 'waiting';

export interface PhaseBound {
  readonly phase: Phase;
  /** Of the build's time, 0 to 1. */
  readonly share: number;
  readonly wallMs: number;
  /** CPU time over time: how many threads were at work on average. */
  readonly busy: number;
  readonly limit: Limit;
}

/** Below it a phase is not worth a sentence. */
const LEAST_SHARE = 0.05;
/** Share of what could be busy above which it counts as fully busy; the rest is starting and ending together. */
const FULL = 0.8;
/** Threads at work up to which a phase counts as one thread's. */
const ALONE = 1.3;

/** Longest first. `cores` bounds what can be busy at once. */
export function phaseBounds(measurements: readonly Measurement[], threads: number, cores: number): PhaseBound[] {
  const possible = Math.min(threads, cores);
  const walls = PHASES.map((phase) => ({
    phase,
    wallMs: median(measurements.map(({ phases }) => phases[phase].wallMs)),
    cpuMs: median(measurements.map(({ phases }) => phases[phase].cpuMs)),
  }));
  const total = walls.reduce((sum, { wallMs }) => sum + wallMs, 0);
  return walls
    .map(({ phase, wallMs, cpuMs }): PhaseBound => {
      const busy = wallMs > 0 ? cpuMs / wallMs : 0;
      return { phase, wallMs, share: total > 0 ? wallMs / total : 0, busy, limit: limitOf(busy, possible) };
    })
    .filter(({ share }) => share >= LEAST_SHARE)
    .sort((a, b) => b.share - a.share);
}

function limitOf(busy: number, possible: number): Limit {
  if (busy < FULL) return 'waiting';
  if (busy >= FULL * possible) return 'processors';
  return busy <= ALONE ? 'one-thread' : 'processors';
}

/** A sentence a phase: `merge is 48 % of the run with 1.0 of 2 threads busy: one thread works and the others wait for it`. */
export function describeBound({ phase, share, busy, limit }: PhaseBound, threads: number): string {
  const head = `${phase} is ${Math.round(share * 100)} % of the run with ${busy.toFixed(1)} of ${threads} threads busy`;
  switch (limit) {
    case 'processors':
      return `${head}: bound by the processors`;
    case 'one-thread':
      return `${head}: one thread works and the others wait for it`;
    case 'waiting':
      return `${head}: it waits, for the store, the disk or other programs`;
  }
}
