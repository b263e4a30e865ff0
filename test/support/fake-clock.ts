/** A clock that only moves when it is told to, or when somebody sleeps. */
import type { Clock } from '#src/base/time.js';

export class FakeClock implements Clock {
  #elapsedMs = 0;
  #setMs = 0;
  /** Called with the time slept to, as it is reached. */
  onWake: (elapsedMs: number) => void = () => undefined;

  /** @param startMs wall clock at the beginning, ms since the epoch */
  constructor(private readonly startMs: number) {}

  now(): number {
    return this.startMs + this.#elapsedMs + this.#setMs;
  }

  elapsed(): number {
    return this.#elapsedMs;
  }

  /** Sets the wall clock by so much; the monotonic one knows nothing of it. */
  setWall(byMs: number): void {
    this.#setMs += byMs;
  }

  advance(ms: number): void {
    this.#elapsedMs += ms;
  }

  /** Is over at once: time jumps to its end. */
  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    this.advance(ms);
    this.onWake(this.#elapsedMs);
    signal?.throwIfAborted();
  }
}
