/**
 * Hints that something may have landed: they start a run early and mean nothing else. A lost hint costs the wait for the next tick, a false
 * one costs a listing; what is read is decided by the listing alone.
 */

export class Hints {
  #wanted: number | undefined;
  #wake: () => void = () => undefined;
  #taken = 0;

  /**
   * @param afterMs how long after a hint a run is worth it: a partition counts only once it has settled
   * @param gapMs least time between the start of a run and that of one that a hint asks for: bounds what a flood of hints costs
   */
  constructor(
    readonly afterMs: number,
    readonly gapMs: number,
  ) {}

  /** Notes a hint that came in at `elapsedMs`. The last one counts: it tells of the newest object. */
  note(elapsedMs: number): void {
    this.#taken++;
    this.#wanted = elapsedMs + this.afterMs;
    this.#wake();
  }

  /** Hints by now. */
  get count(): number {
    return this.#taken;
  }

  /** When a run is wanted, on the monotonic clock; undefined without a hint. */
  dueMs(lastRunMs: number): number | undefined {
    return this.#wanted === undefined ? undefined : Math.max(this.#wanted, lastRunMs + this.gapMs);
  }

  /** A run begins at `elapsedMs`: hints that it answers are done with; one whose objects have yet to settle stays. */
  begin(elapsedMs: number): void {
    if (this.#wanted !== undefined && this.#wanted <= elapsedMs) this.#wanted = undefined;
  }

  /** Calls `wake` with the next hint. */
  onHint(wake: () => void): void {
    this.#wake = wake;
  }
}
