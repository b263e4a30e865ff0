/** Both models over the same day, plain and disturbed: the rows of the table and the dots of the plot. */
import type { Plot } from '../plot/plot.js';
import { type Arrival, arrivalsOfDay, type DayOptions, delayArrivals } from './arrivals.js';
import { type BatchParameters, replayBatchDay } from './batch-day.js';
import { type DaemonParameters, type DayBench, replayDaemonDay } from './daemon-day.js';
import { type Fault, isUndisturbed, planFaults } from './faults.js';
import type { Rates } from './rates.js';
import { type FreshnessSummary, type Seen, summarize } from './summary.js';

export type Model =
  | { readonly name: string; readonly kind: 'batch'; readonly parameters: BatchParameters }
  | { readonly name: string; readonly kind: 'daemon'; readonly parameters: DaemonParameters };

/** One model under one kind of day. */
export interface DayResult extends FreshnessSummary {
  readonly model: Model;
  readonly isDisturbed: boolean;
  /** Worst freshness of partitions that no fault touched: from two triggers before they landed until they were seen. */
  readonly worstUndisturbedMs: number;
  readonly seen: readonly Seen[];
}

export interface DayPlan {
  readonly arrivals: readonly Arrival[];
  /** The same with what the exporter held back. */
  readonly disturbed: readonly Arrival[];
  readonly faults: readonly Fault[];
}

export function planDay(options: DayOptions): DayPlan {
  const arrivals = arrivalsOfDay(options);
  const faults = planFaults(arrivals, options.seed);
  const held = faults.find(({ kind }) => kind === 'lag');
  return { arrivals, disturbed: held === undefined ? arrivals : delayArrivals(arrivals, held.from, held.to), faults };
}

/** Replays one model; a daemon needs a bench that was not used before. */
export async function replayDay(
  { arrivals, disturbed, faults }: DayPlan,
  model: Model,
  isDisturbed: boolean,
  rates: Rates,
  seed: number,
  openBench: () => Promise<DayBench>,
): Promise<DayResult> {
  const landing = isDisturbed ? disturbed : arrivals;
  const wrong = isDisturbed ? faults : [];
  const seen =
    model.kind === 'batch'
      ? replayBatchDay(landing, model.parameters, rates, wrong, seed)
      : await replayDaemonDay(landing, model.parameters, rates, wrong, seed, await openBench());
  const marginMs = 2 * model.parameters.everyMs;
  const clear = seen.filter(({ landedAt, visibleAt }) => isUndisturbed(wrong, landedAt, visibleAt, marginMs));
  return { model, isDisturbed, seen, ...summarize(seen), worstUndisturbedMs: summarize(clear).freshness.worstMs };
}

const SECOND_MS = 1_000;
const HOUR_MS = 3_600 * SECOND_MS;

/** Freshness over the hours of the day, a dot a partition. */
export function plotDay(results: readonly DayResult[], startMs: number, title: string): Plot {
  return {
    name: 'freshness',
    title,
    legend: 'above',
    x: { label: 'hour of the day at which the partition landed' },
    y: { label: 'freshness, s', scale: 'log' },
    series: results.map(({ model, seen }) => ({
      name: model.name,
      draw: 'dots',
      points: seen.map(({ landedAt, visibleAt }) => ({
        x: (landedAt - startMs) / HOUR_MS,
        y: Math.max(1, visibleAt - landedAt) / SECOND_MS,
      })),
    })),
  };
}
