/**
 * Leaving at a tick boundary. Every index leaves between two of its runs; while another one's run is still at work, those that
 * could leave keep their ticks, so that a slow index costs a fast one nothing. After `patienceMs` each leaves at its next boundary.
 */
import type { Clock } from '../base/time.js';

export class Drain {
  readonly #working = new Set<string>();
  readonly #waiting = new Set<() => void>();
  #sinceMs: number | undefined;

  constructor(
    signal: AbortSignal | undefined,
    private readonly patienceMs: number,
    private readonly clock: Clock,
  ) {
    const begin = () => {
      this.#sinceMs ??= this.clock.elapsed();
      this.#wakeAll();
    };
    if (signal?.aborted) begin();
    signal?.addEventListener('abort', begin, { once: true });
  }

  /** Whether an index that is between two runs may leave now. */
  get mayLeave(): boolean {
    if (this.#sinceMs === undefined) return false;
    return this.#working.size === 0 || this.clock.elapsed() - this.#sinceMs >= this.patienceMs;
  }

  begin(index: string): void {
    this.#working.add(index);
  }

  end(index: string): void {
    this.#working.delete(index);
    if (this.#sinceMs !== undefined) this.#wakeAll();
  }

  /** Calls `wake` whenever the answer of `mayLeave` may have changed, until the function given back is called. */
  onChange(wake: () => void): () => void {
    this.#waiting.add(wake);
    return () => this.#waiting.delete(wake);
  }

  #wakeAll(): void {
    for (const wake of [...this.#waiting]) wake();
  }
}
