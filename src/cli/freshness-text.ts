/** The tables of `bench freshness`. */
import type { DayPlan, DayResult } from '../freshness/day.js';
import { expectedMs, type Rates } from '../freshness/rates.js';
import type { Spread } from '../freshness/summary.js';
import { formatCount, formatTable } from './format.js';

export interface DayFacts {
  readonly results: readonly DayResult[];
  readonly rates: Rates;
  readonly machine: string;
  readonly plan: DayPlan;
  /** Of a partition, on average. */
  readonly docs: number;
  readonly svg: string;
}

const HEAD = ['freshness, s', 'p50', 'p99', 'worst', 'worst, no fault near', 'lag p50', 'lag worst'] as const;
const RIGHT = [1, 2, 3, 4, 5, 6];
/** Partitions of the usual six minutes in the window of 5 h. */
const WINDOW_PARTITIONS = 50;

export function formatDay(facts: DayFacts): string {
  const { results, rates, machine, plan, docs, svg } = facts;
  const runMs = expectedMs(rates, docs, WINDOW_PARTITIONS * docs);
  const wholeMs = expectedMs(rates, WINDOW_PARTITIONS * docs, WINDOW_PARTITIONS * docs);
  const counts = new Map<string, number>();
  for (const { kind } of plan.faults) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const lines = [
    `${formatCount(plan.arrivals.length)} partitions of ${formatCount(docs)} documents on average, five to seven minutes apart; window 5 h`,
    `measured on ${machine}: a run ${seconds(runMs)} s, the whole window anew ${seconds(wholeMs)} s, process start ${seconds(rates.startMs)} s`,
    '',
    'A plain day',
    ...table(results.filter(({ isDisturbed }) => !isDisturbed)),
    '',
    `The same day with ${[...counts].map(([kind, count]) => `${kind} ${count}`).join(', ')}`,
    ...table(results.filter(({ isDisturbed }) => isDisturbed)),
    '',
    ...besideTheReport(results),
    `plot: ${svg}`,
  ];
  return `${lines.join('\n')}\n`;
}

function table(results: readonly DayResult[]): string[] {
  const rows = results.map(({ model, freshness, worstUndisturbedMs, lag }) => [
    model.name,
    ...[freshness.p50Ms, freshness.p99Ms, freshness.worstMs, worstUndisturbedMs, lag.p50Ms, lag.worstMs].map(seconds),
  ]);
  return formatTable([[...HEAD], ...rows], RIGHT);
}

/** The field report names two figures; ours stand beside them, from the day without faults. */
function besideTheReport(results: readonly DayResult[]): string[] {
  const plain = results.filter(({ isDisturbed }) => !isDisturbed);
  const batch = plain[0]!;
  const rows = plain
    .filter(({ model }) => model.kind === 'daemon')
    .map(({ model, freshness, lag, latency }) => [
      model.name,
      `${seconds(batch.freshness.worstMs)} s -> ${seconds(freshness.worstMs)} s`,
      change(batch.latency.p50Ms, latency.p50Ms),
      change(batch.lag.p50Ms, lag.p50Ms),
    ]);
  return formatTable([
    ['beside the field report', 'worst freshness', 'median latency from slot end', 'from slot start'],
    ['the report: batch to micro-batch', 'about 10 min -> 30 s', 'halved, end to end', ''],
    ...rows,
  ]);
}

const change = (from: number, to: number) =>
  `${seconds(from)} s -> ${seconds(to)} s, ${Math.round(100 * (to / from - 1))} %`;

export function jsonOfDay({ results, rates, machine, plan, docs, svg }: DayFacts): object {
  return {
    ...{ partitions: plan.arrivals.length, docs, machine, svg, rates },
    faults: plan.faults,
    results: results.map(({ model, isDisturbed, freshness, lag, worstUndisturbedMs, partitions, latency }) => ({
      ...{ model: model.name, kind: model.kind, parameters: model.parameters, faults: isDisturbed },
      ...{ partitions, freshness, lag, latency, worstUndisturbedMs },
    })),
  };
}

export interface LiveFacts {
  readonly every: string;
  readonly settle: string;
  readonly landed: number;
  readonly seen: number;
  readonly freshness: Spread;
  /** One trigger + settle + 2 s. */
  readonly boundMs: number;
}

export function formatLive({ every, settle, landed, seen, freshness, boundMs }: LiveFacts): string {
  const { p50Ms, p99Ms, worstMs } = freshness;
  const rows = [
    ['trigger', 'settle', 'landed', 'seen', 'p50 s', 'p99 s', 'worst s', 'bound s'],
    [every, settle, `${landed}`, `${seen}`, ...[p50Ms, p99Ms, worstMs, boundMs].map(seconds)],
  ];
  return `${formatTable(rows, [2, 3, 4, 5, 6, 7]).join('\n')}\n`;
}

/** With as many digits as matter. */
function seconds(ms: number): string {
  if (Number.isNaN(ms)) return '-';
  return ms < 100_000 ? (ms / 1000).toFixed(2) : `${Math.round(ms / 1000)}`;
}
