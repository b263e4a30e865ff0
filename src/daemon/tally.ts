/** What a daemon counts while it runs, an index. */
import type { SkipReason } from './grid.js';

export interface IndexTally {
  /** Ticks that had a run. */
  readonly ticks: number;
  /** Runs that a hint started between two ticks. */
  readonly hinted: number;
  readonly failedRuns: number;
  readonly skipped: Readonly<Record<SkipReason, number>>;
  /** The tick that would be next: where a successor goes on. */
  readonly nextTick: number;
}

/** What a loop did until it ended. */
export interface DaemonSummary {
  readonly ticks: number;
  readonly hinted: number;
  readonly skippedTicks: number;
  readonly failedRuns: number;
  readonly indexes: Readonly<Record<string, IndexTally>>;
}

/** Counts up one index. */
export class Tally {
  #ticks = 0;
  #hinted = 0;
  #failedRuns = 0;
  #nextTick: number;
  readonly #skipped: Record<SkipReason, number> = { busy: 0, abandoned: 0, paused: 0 };

  constructor(firstTick: number) {
    this.#nextTick = firstTick;
  }

  get ticks(): number {
    return this.#ticks;
  }

  ran(occasion: 'tick' | 'hint', failed: boolean): void {
    if (occasion === 'tick') this.#ticks++;
    else this.#hinted++;
    if (failed) this.#failedRuns++;
  }

  /** Ticks without a run; gives how many there were for this reason by now. */
  skip(reason: SkipReason, ticks: number): number {
    this.#skipped[reason] += ticks;
    return this.#skipped[reason];
  }

  next(tick: number): void {
    this.#nextTick = tick;
  }

  get values(): IndexTally {
    return {
      ticks: this.#ticks,
      hinted: this.#hinted,
      failedRuns: this.#failedRuns,
      skipped: { ...this.#skipped },
      nextTick: this.#nextTick,
    };
  }
}

/** All indexes of a daemon in one. */
export function summaryOf(tallies: ReadonlyMap<string, Tally>): DaemonSummary {
  const indexes = Object.fromEntries([...tallies].map(([name, tally]) => [name, tally.values]));
  const sum = (read: (tally: IndexTally) => number) => Object.values(indexes).reduce((all, one) => all + read(one), 0);
  return {
    ticks: sum(({ ticks }) => ticks),
    hinted: sum(({ hinted }) => hinted),
    skippedTicks: sum(({ skipped }) => skipped.busy + skipped.abandoned + skipped.paused),
    failedRuns: sum(({ failedRuns }) => failedRuns),
    indexes,
  };
}
