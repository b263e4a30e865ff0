/** A clock that stands still until it is moved, and wakes the sleepers whose time has come: for deadlines in the middle of a run. */
import type { Clock } from '#src/base/time.js';

interface Sleeper {
  readonly atMs: number;
  wake(): void;
}

export class ManualClock implements Clock {
  #elapsedMs = 0;
  #sleepers: Sleeper[] = [];

  /** @param startMs wall clock at the beginning, ms since the epoch */
  constructor(private readonly startMs: number) {}

  now(): number {
    return this.startMs + this.#elapsedMs;
  }

  elapsed(): number {
    return this.#elapsedMs;
  }

  /** How many wait. */
  get sleeping(): number {
    return this.#sleepers.length;
  }

  advance(ms: number): void {
    this.#elapsedMs += ms;
    const due = this.#sleepers.filter(({ atMs }) => atMs <= this.#elapsedMs);
    this.#sleepers = this.#sleepers.filter(({ atMs }) => atMs > this.#elapsedMs);
    for (const sleeper of due) sleeper.wake();
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const sleeper: Sleeper = { atMs: this.#elapsedMs + ms, wake: resolve };
      this.#sleepers.push(sleeper);
      signal?.addEventListener('abort', () => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
        reject(signal.reason);
      });
    });
  }
}
