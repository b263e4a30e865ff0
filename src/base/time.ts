/** The clock room: the only place that reads the time or sets a timer. Everything else is handed a `Clock`. */

import { hrtime } from 'node:process';

/** Instants are milliseconds since 1970-01-01T00:00:00Z. */
export interface Clock {
  /** Wall clock, ms since the epoch. */
  now(): number;
  /** Monotonic time in ms, for durations only. */
  elapsed(): number;
  /** Resolves after `ms`, or rejects with the signal's reason when it aborts first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const onAbort = () => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      }, ms);
      signal?.addEventListener('abort', onAbort, { once: true });
    }),
};

/** Nanoseconds a µs. */
const NS = 1000;

/** µs on the machine's monotonic clock: one zero for all threads, where `elapsed` may have one a thread; V8's profiles count by it too. */
export function sharedUs(): number {
  return Number(hrtime.bigint()) / NS;
}

/** ISO-8601 UTC, as every time in JSON and logs. */
export function toIso(ms: number): string {
  return new Date(ms).toISOString();
}
