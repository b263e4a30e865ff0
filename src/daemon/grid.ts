/** The trigger grid: ticks at `start + n * every`, whatever a run takes. */

export interface NextTick {
  /** Its number: it is due at `start + tick * every`. */
  readonly tick: number;
  /** Ticks that passed while the run before was at work. */
  readonly skipped: number;
}

/**
 * The tick after `tick`, as seen at `elapsedMs` since the grid began: the first one that is not over yet. A tick that is
 * due this very moment counts.
 */
export function nextTick(tick: number, elapsedMs: number, everyMs: number): NextTick {
  const next = Math.max(tick + 1, Math.ceil(elapsedMs / everyMs));
  return { tick: next, skipped: next - tick - 1 };
}
