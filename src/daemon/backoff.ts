/** How long a watchdog waits before it starts a process that ended by itself. */

/** Of the first crash in a row. */
const FIRST_MS = 200;
const MAX_MS = 60_000;
/** A process that lived that long was no crash on start: the count begins anew. */
const STABLE_MS = 60_000;

export class Backoff {
  #inARow = 0;

  /** Crashes in a row by now. */
  get crashes(): number {
    return this.#inARow;
  }

  /** Notes a crash after `livedMs` and gives the wait: 0.2 s, then twice as long each time, up to a minute. */
  next(livedMs: number): number {
    this.#inARow = livedMs >= STABLE_MS ? 1 : this.#inARow + 1;
    return Math.min(MAX_MS, FIRST_MS * 2 ** (this.#inARow - 1));
  }
}
