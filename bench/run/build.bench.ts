/** One partition from file to committed segment on warm workers: by number of threads, with its phases. */
import { PHASES, type Phase } from '#src/coordinator/phases.js';
import { runAsCommand } from '../harness/command.js';
import { corpus } from '../harness/corpus.js';
import { buildAnew, openPool, type TimedRun } from '../harness/index-run.js';
import { recentPeakMemoryBytes, resetPeakMemory } from '../harness/machine.js';
import { measure } from '../harness/measure.js';
import { type Plot, type Result, scenario, type Table } from '../harness/scenario.js';
import { median, pairedRatio } from '../harness/statistics.js';

export const build = scenario({
  name: 'build',
  describe:
    'One partition from opening its file to the committed segment, on warm workers, numbers of threads interleaved. ' +
    'Without a source the bench corpus: 200,000 documents, 62.9 MB of text, snappy Parquet of ten row groups.',
  defaults: { source: '', docs: 200_000, groupRows: 20_000, threads: [1, 2], warmUps: 2, rounds: 9, shardRows: 0 },
  smoke: { docs: 2_000, groupRows: 500, warmUps: 0, rounds: 1 },
  async run(options, log) {
    const { docs, groupRows, threads, shardRows } = options;
    const source = options.source === '' ? (await corpus({ docs, groupRows })).uri : options.source;
    const pools = threads.map((count) => openPool(count));
    resetPeakMemory();
    try {
      const variants = pools.map((pool): [string, () => Promise<TimedRun>] => [
        String(pool.threads),
        () => buildAnew(source, pool, { shardRows: shardRows === 0 ? undefined : shardRows }),
      ]);
      const samples = await measure(Object.fromEntries(variants), {
        ...options,
        onRound: (round, rounds) => log(`round ${round} of ${rounds}`),
      });
      return resultOf(threads.map((count) => [count, samples.get(String(count))!]));
    } finally {
      for (const pool of pools) await pool.close();
    }
  },
});

type Runs = readonly (readonly [threads: number, runs: readonly TimedRun[]])[];

function resultOf(runs: Runs): Result {
  const figures: Record<string, number> = { peakMemoryBytes: recentPeakMemoryBytes() };
  for (const [threads, own] of runs) {
    figures[`threads${threads}Ms`] = median(own.map(({ wallMs }) => wallMs));
    figures[`threads${threads}CpuMs`] = median(own.map(({ cpuMs }) => cpuMs));
  }
  const { report } = runs[0]![1][0]!;
  figures.segmentBytes = report.segments.reduce((sum, { bytes }) => sum + bytes, 0);
  const scaling = scalingTable(runs);
  if (runs.length > 1) {
    const [first, last] = [runs[0]!, runs.at(-1)!];
    figures.scalingRatio = pairedRatio(wallsOf(first[1]), wallsOf(last[1])).value;
  }
  return {
    tables: [timesTable(runs), ...(runs.length > 1 ? [scaling] : [])],
    plots: runs.length > 1 ? [threadsPlot(runs)] : [],
    figures,
    notes: [
      `${report.docs.toLocaleString('en-US')} documents, segment of ${(figures.segmentBytes / 1e6).toFixed(1)} MB.`,
      `Peak memory of the process with all its pools ${(figures.peakMemoryBytes! / 1e6).toFixed(0)} MB.`,
    ],
  };
}

function timesTable(runs: Runs): Table {
  const phaseOf = (own: readonly TimedRun[], phase: Phase) => median(own.map(({ report }) => report.phases[phase]));
  return {
    title: 'Time by threads, ms, medians',
    columns: ['threads', 'wall', 'fastest', 'slowest', 'CPU', ...PHASES, 'documents/s'],
    rows: runs.map(([threads, own]) => {
      const walls = wallsOf(own);
      return [
        threads,
        median(walls),
        Math.min(...walls),
        Math.max(...walls),
        median(own.map(({ cpuMs }) => cpuMs)),
        ...PHASES.map((phase) => phaseOf(own, phase)),
        Math.round(own[0]!.report.docs / (median(walls) / 1_000)),
      ];
    }),
  };
}

function scalingTable(runs: Runs): Table {
  const [single, own] = runs[0]!;
  return {
    title: 'Scaling: paired ratio of times, with 95 % interval',
    columns: ['threads', 'times faster', 'low', 'high'],
    rows: runs.slice(1).map(([threads, others]) => {
      const { value, low, high } = pairedRatio(wallsOf(own), wallsOf(others));
      return [`${single} to ${threads}`, value, low, high];
    }),
  };
}

function threadsPlot(runs: Runs): Plot {
  const points = runs.map(([threads, own]) => {
    const walls = wallsOf(own);
    return { x: threads, y: median(walls), low: Math.min(...walls), high: Math.max(...walls) };
  });
  const ideal = runs.map(([threads]) => ({ x: threads, y: (points[0]!.y * points[0]!.x) / threads }));
  return {
    name: 'threads',
    title: 'Time against threads',
    x: { label: 'threads' },
    y: { label: 'ms from file to committed segment' },
    series: [
      { name: 'measured: median, fastest to slowest', points },
      { name: 'if work were shared out without loss', points: ideal, draw: 'line' },
    ],
  };
}

function wallsOf(runs: readonly TimedRun[]): number[] {
  return runs.map(({ wallMs }) => wallMs);
}

await runAsCommand(build, import.meta.url);
