/** The clock of a replayed day: it stands still while code works and jumps where somebody sleeps or work is charged. */
import type { Clock } from '../base/time.js';

export class VirtualClock implements Clock {
  #now: number;
  readonly #startMs: number;
  /** Told how long somebody wants to sleep; moves the clock, or wakes the sleeper by aborting its signal. */
  onSleep: (ms: number) => Promise<void> = async (ms) => this.advance(ms);

  /** @param startMs wall clock at the beginning, ms since the epoch */
  constructor(startMs: number) {
    this.#startMs = startMs;
    this.#now = startMs;
  }

  now(): number {
    return this.#now;
  }

  elapsed(): number {
    return this.#now - this.#startMs;
  }

  advance(ms: number): void {
    this.#now += Math.max(0, ms);
  }

  advanceTo(time: number): void {
    this.advance(time - this.#now);
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    await this.onSleep(ms);
    signal?.throwIfAborted();
  }
}
