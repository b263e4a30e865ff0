/** The trigger grid: ticks at `start + n * every` on the monotonic clock, whatever a run takes and whatever is done to the wall clock. */

/** Why a tick had no run: one before it was still at work, was given up, or the process did not get to run at all. */
export type SkipReason = 'busy' | 'abandoned' | 'paused';

export interface NextTick {
  /** Its number: it is due at `start + tick * every`. */
  readonly tick: number;
  /** Ticks that passed while the run before was at work. */
  readonly skipped: number;
}

/** Where a daemon begins: the grid of the one before it, so that ticks are numbered on, or one of its own. */
export interface GridStart {
  /** When tick 0 was due, on this process's `elapsed`; it may lie before the process began. */
  readonly startMs: number;
  /** First tick to run, by the name of the index. */
  readonly ticks: Readonly<Record<string, number>>;
}

/**
 * The tick after `tick`, as seen at `elapsedMs` since the grid began: the first one that is not over yet. A tick that is
 * due this very moment counts.
 */
export function nextTick(tick: number, elapsedMs: number, everyMs: number): NextTick {
  const next = Math.max(tick + 1, Math.ceil(elapsedMs / everyMs));
  return { tick: next, skipped: next - tick - 1 };
}

/**
 * The tick to run by a sleeper that meant to wake for `tick` and looks at the grid `elapsedMs` after it began. A little late is that
 * tick still; whole ticks late means that the process was stopped, starved or asleep, and those ticks are gone.
 */
export function wokenTick(tick: number, elapsedMs: number, everyMs: number): NextTick {
  const skipped = Math.max(0, Math.floor(elapsedMs / everyMs) - tick);
  return { tick: tick + skipped, skipped };
}
