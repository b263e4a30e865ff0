/** Holds counts and ratios against their baselines. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../harness/command.js';
import { describeMachine, machineKey } from '../harness/machine.js';
import { median, quantile } from '../harness/statistics.js';
import { type Counts, countAll } from './counts.js';
import { measureRatios, type Ratios } from './ratios.js';

const BASELINES = join(ROOT, 'bench/baselines/gate.json');

/**
 * Counts are exact: two runs never differ. What is tolerated is the size of a change that nobody would look for a reason of;
 * more than it, for better or worse, is written down as a new baseline by whoever causes it.
 */
const COUNT_TOLERANCE = 0.03;

/**
 * Of a ratio: what the slowest of the baseline's own runs was above their median, within these bounds. A phase fails when it lies above
 * that in so many measurements one after the other, each in a fresh process: noise seldom lasts, a slower program does.
 * `bench/baselines/README.md` has the measured spreads.
 */
const LEAST_RATIO_TOLERANCE = 0.12;
const MOST_RATIO_TOLERANCE = 0.18;
const TRIES = 3;

interface RatioBaseline {
  readonly median: number;
  readonly low: number;
  readonly high: number;
  readonly runs: number;
}

interface Baselines {
  readonly counts: Counts;
  /** By machine: a ratio depends on caches and on the compiler. */
  readonly ratios: Readonly<Record<string, Readonly<Record<string, RatioBaseline>>>>;
}

export interface Verdict {
  readonly name: string;
  readonly value: number;
  readonly baseline: number;
  /** Values above it fail. */
  readonly limit: number;
  readonly ok: boolean;
}

/** One verdict a figure. Ratios are judged only where this kind of machine has a baseline; counts everywhere. */
export async function judge(): Promise<Verdict[]> {
  const baselines = readBaselines();
  const counts = judgeCounts(await countAll(), baselines.counts);
  const own = baselines.ratios[machineKey(describeMachine())];
  return own === undefined ? counts : [...counts, ...(await judgeRatios(own))];
}

function judgeCounts(counts: Counts, baselines: Counts): Verdict[] {
  const names = new Set([...Object.keys(counts), ...Object.keys(baselines)]);
  return [...names].map((name) => {
    const value = counts[name] ?? Number.NaN;
    const baseline = baselines[name] ?? Number.NaN;
    const limit = baseline * (1 + COUNT_TOLERANCE);
    return { name, value, baseline, limit, ok: value <= limit };
  });
}

/** The lowest ratio of up to three measurements a phase; a further one only where some phase is above its limit. */
async function judgeRatios(baselines: Readonly<Record<string, RatioBaseline>>): Promise<Verdict[]> {
  let best: Ratios = {};
  for (let attempt = 1; ; attempt++) {
    const ratios = await measureRatios();
    best = Object.fromEntries(
      Object.entries(ratios).map(([phase, value]) => [phase, Math.min(value, best[phase] ?? value)]),
    );
    const verdicts = Object.entries(best).map(([phase, value]) => verdictOf(phase, value, baselines[phase]));
    if (attempt === TRIES || verdicts.every(({ ok }) => ok)) return verdicts;
  }
}

function verdictOf(phase: string, value: number, baseline: RatioBaseline | undefined): Verdict {
  const limit = baseline === undefined ? Number.NaN : baseline.median * (1 + toleranceOf(baseline));
  return { name: `${phase} time`, value, baseline: baseline?.median ?? Number.NaN, limit, ok: value <= limit };
}

function toleranceOf({ median: middle, high }: RatioBaseline): number {
  return Math.min(MOST_RATIO_TOLERANCE, Math.max(LEAST_RATIO_TOLERANCE, high / middle - 1));
}

/** A table for the terminal. */
export function formatVerdicts(verdicts: readonly Verdict[]): string {
  const line = ({ name, value, baseline, limit, ok }: Verdict) => {
    const share = (value / baseline).toFixed(3);
    return `${ok ? 'ok      ' : 'FAILED  '}${name.padEnd(22)} ${share} of the baseline, limit ${(limit / baseline).toFixed(3)}`;
  };
  return verdicts.map(line).join('\n');
}

/** Counts once and measures ratios `runs` times, each in this process; keeps baselines of other machines. */
export async function updateBaselines(runs: number, log: (line: string) => void): Promise<void> {
  const before = existsSync(BASELINES) ? readBaselines() : { counts: {}, ratios: {} };
  const counts = await countAll();
  const measured: Ratios[] = [];
  for (let run = 0; run < runs; run++) {
    measured.push(await measureRatios());
    log(`run ${run + 1} of ${runs}`);
  }
  const own = Object.keys(measured[0] ?? {}).map((phase): [string, RatioBaseline] => {
    const values = measured.map((ratios) => ratios[phase]!);
    const digits = (number: number) => Number(number.toPrecision(4));
    const range = { low: digits(quantile(values, 0)), high: digits(quantile(values, 1)) };
    return [phase, { median: digits(median(values)), ...range, runs }];
  });
  const ratios =
    own.length === 0 ? before.ratios : { ...before.ratios, [machineKey(describeMachine())]: Object.fromEntries(own) };
  writeFileSync(BASELINES, `${JSON.stringify({ counts, ratios }, null, 2)}\n`);
}

function readBaselines(): Baselines {
  return JSON.parse(readFileSync(BASELINES, 'utf8')) as Baselines;
}
