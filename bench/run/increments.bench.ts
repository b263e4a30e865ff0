/** Small partitions, trigger after trigger, each beside a trigger that finds nothing. */
import { join } from 'node:path';
import { PHASES, type Phase } from '#src/coordinator/phases.js';
import type { CoverageRule } from '#src/partition/coverage.js';
import type { Pool } from '#src/shard/pool.js';
import { runAsCommand } from '../harness/command.js';
import { type Corpus, corpus } from '../harness/corpus.js';
import { land } from '../harness/feed.js';
import { openIndex, openPool, type TimedRun, timedRun, withFolder } from '../harness/index-run.js';
import { summarize } from '../harness/latency.js';
import { type Plot, scenario, type Table } from '../harness/scenario.js';
import { median, robustSlope } from '../harness/statistics.js';

/** One way of keeping the delta: `window` partitions of it, or 0 for all since the base. */
interface Series {
  readonly window: number;
  readonly triggers: readonly TimedRun[];
  readonly controls: readonly TimedRun[];
}

/** Triggers that only warm threads, kernels and code up. */
const WARM_UP_TRIGGERS = 20;

export const increments = scenario({
  name: 'increments',
  describe:
    'Small disjoint partitions, one a trigger, from landing to committed; every trigger is followed by a control trigger that finds ' +
    'nothing. Window 1: the new partition alone is the delta, nothing is merged. Window w: the delta is merged anew from w parts ' +
    'each time (layout `window`), so that cost should stay level. Window 0: all partitions since the base, so that merging grows.',
  defaults: { docs: 1_000, triggers: 1_000, windows: [1, 12], growingTriggers: 100, threads: 2 },
  smoke: { docs: 50, triggers: 4, windows: [1, 3], growingTriggers: 3 },
  async run(options, log) {
    const { docs, windows, growingTriggers, threads } = options;
    const plans = [
      ...windows.map((window) => ({ window, triggers: options.triggers })),
      ...(growingTriggers > 0 ? [{ window: 0, triggers: growingTriggers }] : []),
    ];
    const partitions = Math.max(...plans.map(({ triggers }) => triggers)) + WARM_UP_TRIGGERS + 1;
    const source = await corpus({ docs: docs * partitions, partitions, updateRatio: 0, tombstoneRatio: 0 });
    const pool = openPool(threads);
    try {
      const all: Series[] = [];
      for (const { window, triggers } of plans) {
        log(`window ${window}: ${triggers} triggers`);
        all.push(await runSeries(source, pool, window, triggers));
      }
      return {
        tables: [latencyTable(all), phaseTable(all), growthTable(all)],
        plots: all.map(seriesPlot),
        figures: Object.assign({}, ...all.map(figuresOf)) as Record<string, number>,
        notes: notesOf(all),
      };
    } finally {
      await pool.close();
    }
  },
});

/** Lands partition after partition under a base of one and runs a trigger and its control for each. */
async function runSeries(source: Corpus, pool: Pool, window: number, count: number): Promise<Series> {
  const { everyMs } = source.options;
  const coverage: CoverageRule =
    window === 0
      ? { mode: 'disjoint', onGap: 'widen' }
      : { mode: 'windowed', spanMs: window * everyMs, onGap: 'publish' };
  return withFolder(async (folder) => {
    const live = join(folder, 'source');
    land(source, 0, live);
    const index = await openIndex(live, join(folder, 'index'), { coverage });
    try {
      await timedRun(index, pool, { base: true });
      const [triggers, controls]: TimedRun[][] = [[], []];
      for (let n = 1; n <= count + WARM_UP_TRIGGERS; n++) {
        land(source, n, live);
        const trigger = await timedRun(index, pool);
        const control = await timedRun(index, pool);
        if (!trigger.report.committed || control.report.committed)
          throw new Error(`trigger ${n} and its control are not what they should be`);
        if (n <= WARM_UP_TRIGGERS) continue;
        triggers!.push(trigger);
        controls!.push(control);
      }
      return { window, triggers: triggers!, controls: controls! };
    } finally {
      index.close();
    }
  });
}

const wallsOf = (runs: readonly TimedRun[]) => runs.map(({ wallMs }) => wallMs);
const cpusOf = (runs: readonly TimedRun[]) => runs.map(({ cpuMs }) => cpuMs);
const phasesOf = (runs: readonly TimedRun[], phase: Phase) => runs.map(({ report }) => report.phases[phase]);
const perThousand = (numbers: readonly number[]) => robustSlope(numbers) * 1_000;

/** Tail of the triggers over that of the controls, in units of the median: what is asked to be at most 1. */
function tailRatio({ triggers, controls }: Series): number {
  const work = summarize(wallsOf(triggers));
  return (work.p99 - summarize(wallsOf(controls)).p99) / work.p50;
}

function latencyTable(all: readonly Series[]): Table {
  return {
    title: 'From landing to committed, ms',
    columns: ['window', '', 'triggers', 'p50', 'p95', 'p99', 'max', 'CPU p50', 'CPU p99', '(p99 - control p99) / p50'],
    rows: all.flatMap((series) => {
      const row = (name: string, runs: readonly TimedRun[], tail: string | number) => {
        const { count, p50, p95, p99, max } = summarize(wallsOf(runs));
        const cpu = summarize(cpusOf(runs));
        return [series.window, name, count, p50, p95, p99, max, cpu.p50, cpu.p99, tail];
      };
      return [row('trigger', series.triggers, tailRatio(series)), row('control', series.controls, '')];
    }),
  };
}

function phaseTable(all: readonly Series[]): Table {
  return {
    title: 'Phases of a trigger, ms, medians',
    columns: ['window', ...PHASES],
    rows: all.map(({ window, triggers }) => [window, ...PHASES.map((phase) => median(phasesOf(triggers, phase)))]),
  };
}

function growthTable(all: readonly Series[]): Table {
  return {
    title: 'Growth, ms more after 1,000 triggers (Theil-Sen slope)',
    columns: ['window', 'trigger', 'control', 'CPU', ...PHASES],
    rows: all.map(({ window, triggers, controls }) => [
      window,
      perThousand(wallsOf(triggers)),
      perThousand(wallsOf(controls)),
      perThousand(cpusOf(triggers)),
      ...PHASES.map((phase) => perThousand(phasesOf(triggers, phase))),
    ]),
  };
}

function figuresOf(series: Series): Record<string, number> {
  const { window, triggers, controls } = series;
  const name = window === 0 ? 'growing' : `window${window}`;
  const { p50, p99 } = summarize(wallsOf(triggers));
  return {
    [`${name}P50Ms`]: p50,
    [`${name}P99Ms`]: p99,
    [`${name}ControlP99Ms`]: summarize(wallsOf(controls)).p99,
    [`${name}TailRatio`]: tailRatio(series),
    [`${name}CpuMs`]: median(cpusOf(triggers)) - median(cpusOf(controls)),
    [`${name}GrowthMsPer1000`]: perThousand(wallsOf(triggers)),
    [`${name}MergeGrowthMsPer1000`]: perThousand(phasesOf(triggers, 'merge')),
  };
}

function seriesPlot({ window, triggers, controls }: Series): Plot {
  const points = (runs: readonly TimedRun[]) => wallsOf(runs).map((y, x) => ({ x, y }));
  return {
    name: window === 0 ? 'growing' : `window-${window}`,
    title: window === 0 ? 'All partitions since the base' : `A window of ${window}`,
    x: { label: 'trigger' },
    y: { label: 'ms from landing to committed', scale: 'log' },
    series: [
      { name: 'trigger', points: points(triggers), draw: 'dots' },
      { name: 'control: nothing new', points: points(controls), draw: 'dots' },
    ],
  };
}

function notesOf(all: readonly Series[]): string[] {
  const tell = ({ window, triggers, controls }: Series) => {
    const total = perThousand(wallsOf(triggers));
    const merge = perThousand(phasesOf(triggers, 'merge'));
    const name = window === 0 ? 'All partitions since the base' : `Window ${window}`;
    return (
      `${name}: a trigger costs ${total.toFixed(1)} ms more after 1,000 of them; ${merge.toFixed(1)} ms of it in the phase \`merge\`, ` +
      `which holds the writing of the new part${window === 1 ? '' : ' and the merging of the whole delta'}; ` +
      `a control trigger (listing and newest manifest alone) ${perThousand(wallsOf(controls)).toFixed(1)} ms.`
    );
  };
  return [
    ...all.map(tell),
    'Nothing is removed during a series: partitions stay under the source, old generations in the index, as without retention.',
    'CPU is of the whole process, garbage collection and all threads included.',
  ];
}

await runAsCommand(increments, import.meta.url);
