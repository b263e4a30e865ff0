/** What a run takes, as measured: lines through real runs of the daemon, and how far single runs lie off them. */
import { z } from 'zod';

const positive = z.number().nonnegative();

/** One real run, as its report tells. */
const measuredRun = z.object({
  /** Documents of the partition that was new. */
  newDocs: positive,
  /** Documents of all partitions in the delta, the new one included. */
  windowDocs: positive,
  /** Phases read and build, ms. */
  buildMs: positive,
  /** Phases merge and seal, ms. */
  mergeMs: positive,
  /** Phases select and commit, ms. */
  fixedMs: positive,
});

export const ratesSchema = z.object({
  /** Where it was measured, for people. */
  machine: z.string(),
  /** From the start of the process to the end of its first trigger that finds nothing new, ms. */
  startMs: positive,
  runs: z.array(measuredRun).min(2),
});

export type MeasuredRun = z.output<typeof measuredRun>;
export type MeasuredRates = z.output<typeof ratesSchema>;

/** `ms = fixedMs + buildMs(newDocs) + mergeMs(windowDocs)`. */
export interface Rates {
  readonly startMs: number;
  readonly fixedMs: number;
  readonly build: Line;
  readonly merge: Line;
  /** Measured over predicted, of every run, ascending: what single runs are scaled by. */
  readonly spread: readonly number[];
}

export interface Line {
  readonly baseMs: number;
  readonly msPerDoc: number;
}

export function fitRates({ startMs, runs }: MeasuredRates): Rates {
  const build = fitLine(runs.map(({ newDocs, buildMs }) => [newDocs, buildMs]));
  const merge = fitLine(runs.map(({ windowDocs, mergeMs }) => [windowDocs, mergeMs]));
  const fixedMs = median(runs.map((run) => run.fixedMs));
  const rates = { startMs, fixedMs, build, merge };
  const spread = runs
    .map((run) => (run.buildMs + run.mergeMs + run.fixedMs) / expectedMs(rates, run.newDocs, run.windowDocs))
    .sort((a, b) => a - b);
  return { ...rates, spread };
}

/** A run that builds `newDocs` and merges `windowDocs`, ms. */
export function expectedMs(rates: Omit<Rates, 'spread'>, newDocs: number, windowDocs: number): number {
  return rates.fixedMs + at(rates.build, newDocs) + at(rates.merge, windowDocs);
}

/** The same scaled as one of the measured runs was, chosen by `chance` of [0, 1). */
export function drawnMs(rates: Rates, newDocs: number, windowDocs: number, chance: number): number {
  const ratio = rates.spread[Math.floor(chance * rates.spread.length)]!;
  return expectedMs(rates, newDocs, windowDocs) * ratio;
}

const at = ({ baseMs, msPerDoc }: Line, docs: number) => baseMs + msPerDoc * docs;

/** A line by the median of all slopes (Theil and Sen): one slow run does not turn it. Never falls, never starts below zero. */
function fitLine(points: readonly (readonly [docs: number, ms: number])[]): Line {
  const slopes: number[] = [];
  for (const [i, [x, y]] of points.entries()) {
    for (const [otherX, otherY] of points.slice(i + 1)) {
      if (otherX !== x) slopes.push((otherY - y) / (otherX - x));
    }
  }
  const msPerDoc = slopes.length === 0 ? 0 : Math.max(0, median(slopes));
  return { msPerDoc, baseMs: Math.max(0, median(points.map(([x, y]) => y - msPerDoc * x))) };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}
