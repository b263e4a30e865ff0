/** Tries again where that may help, within a budget that all requests of a store share. */
import type { Clock } from '../base/time.js';

/** What a failed attempt calls for; `undefined` = no further attempt. */
export type Backoff = 'short' | 'long' | undefined;

/** Waits, doubling from the base: a lost connection is back at once, a store that asks to slow down wants real room. */
const BASE_MS = { short: 50, long: 400 } as const;
const CAP_MS = 5_000;

/** Five waits: about 1.5 s for lost connections, 12 s (6 s on average) for a store that asks to slow down. */
const MAX_ATTEMPTS = 6;

/** A store that fails all over gets at most this many attempts more; an hour's honest hiccups stay far below. */
const BUDGET = 100;
/** What a success gives back, so that the extra load of a failing store stays at a tenth. */
const REFILL = 0.1;

/** The retries that a store may still make. */
export interface RetryBudget {
  left: number;
}

export function newRetryBudget(): RetryBudget {
  return { left: BUDGET };
}

export interface RetryOptions {
  readonly clock: Clock;
  readonly budget: RetryBudget;
  readonly signal: AbortSignal | undefined;
  readonly backoffOf: (error: unknown) => Backoff;
  readonly onRetry: () => void;
}

/**
 * Runs `attempt` until it succeeds, fails for good, or attempts, budget or signal end. Waits are random between none and the
 * doubled base ("full jitter"), so that clients that failed together do not come back together.
 */
export async function withRetry<T>(options: RetryOptions, attempt: (number: number) => Promise<T>): Promise<T> {
  const { clock, budget, signal, backoffOf, onRetry } = options;
  for (let number = 1; ; number++) {
    try {
      const result = await attempt(number);
      budget.left = Math.min(BUDGET, budget.left + REFILL);
      return result;
    } catch (error) {
      signal?.throwIfAborted();
      const backoff = backoffOf(error);
      if (backoff === undefined || number === MAX_ATTEMPTS || budget.left < 1) throw error;
      budget.left--;
      onRetry();
      await clock.sleep(Math.random() * Math.min(CAP_MS, BASE_MS[backoff] * 2 ** (number - 1)), signal);
    }
  }
}
