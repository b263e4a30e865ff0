/** What a daemon counts while it runs, an index. */
import type { RunReport } from '../coordinator/report.js';
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

/** What an index's runs came to. */
export interface IndexStatus {
  /** Runs by how they ended: an outcome, `idle`, or `failed`. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** When the last run ended well, on the monotonic clock. */
  readonly goodMs: number | undefined;
  /** Of the last run that ended well. */
  readonly report: RunReport | undefined;
  readonly lastFreshnessMs: number | undefined;
  readonly isFenced: boolean;
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
  readonly #outcomes: Record<string, number> = {};
  #status: Omit<IndexStatus, 'outcomes'> = {
    goodMs: undefined,
    report: undefined,
    lastFreshnessMs: undefined,
    isFenced: false,
  };
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

  /** A run ended well. */
  good(report: RunReport, elapsedMs: number): void {
    this.#count(report.committed ? report.outcome : 'idle');
    const { lastFreshnessMs } = this.#status;
    this.#status = {
      ...this.#status,
      ...{ report, goodMs: elapsedMs },
      lastFreshnessMs: report.committed ? (report.freshnessMs ?? undefined) : lastFreshnessMs,
    };
  }

  /** A run failed or was given up, or the lead is lost. */
  bad(how: 'failed' | 'abandoned' | 'fenced'): void {
    this.#count(how);
    if (how === 'fenced') this.#status = { ...this.#status, isFenced: true };
  }

  get status(): IndexStatus {
    return { ...this.#status, outcomes: { ...this.#outcomes } };
  }

  #count(outcome: string): void {
    this.#outcomes[outcome] = (this.#outcomes[outcome] ?? 0) + 1;
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
