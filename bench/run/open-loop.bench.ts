/** Latency on the trigger grid, counted from the tick at which a partition was due, whether or not a run was ready for it. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { nextTick } from '#src/daemon/grid.js';
import type { Pool } from '#src/shard/pool.js';
import { runAsCommand } from '../harness/command.js';
import { type Corpus, corpus } from '../harness/corpus.js';
import { land } from '../harness/feed.js';
import { type OpenIndex, openIndex, openPool, timedRun, withFolder } from '../harness/index-run.js';
import { LatencyHistogram } from '../harness/latency.js';
import { type Plot, scenario, type Table } from '../harness/scenario.js';

/** One rate of input on one grid. */
interface Load {
  readonly docs: number;
  /** From the scheduled tick to the commit that holds the tick's partition. */
  readonly scheduled: LatencyHistogram;
  /** Of the runs alone: what is seen when the waiting before a run is left out. */
  readonly service: LatencyHistogram;
  readonly skippedTicks: number;
  readonly busyShare: number;
}

const WARM_UP_TICKS = 5;

export const openLoop = scenario({
  name: 'open-loop',
  describe:
    'A partition lands at every tick of the grid, whatever the runs before it are doing; its latency is counted from that scheduled ' +
    'tick to the commit that holds it, so that no wait is left out (no coordinated omission). Runs follow the grid of the daemon: never ' +
    'two at once, and one that overshoots skips ticks.',
  defaults: { docs: [1_000, 5_000, 20_000], everyMs: 1_000, ticks: 60, window: 12, threads: 2 },
  smoke: { docs: [50], everyMs: 60, ticks: 5, window: 3 },
  async run(options, log) {
    const { everyMs, ticks, window, threads } = options;
    const pool = openPool(threads);
    const loads: Load[] = [];
    try {
      for (const docs of options.docs) {
        const partitions = ticks + WARM_UP_TICKS + 1;
        const source = await corpus({ docs: docs * partitions, partitions, updateRatio: 0, tombstoneRatio: 0 });
        log(`${docs} documents every ${everyMs} ms, ${ticks} ticks`);
        loads.push(await runLoad(source, pool, { docs, everyMs, ticks: ticks + WARM_UP_TICKS, window }));
      }
    } finally {
      await pool.close();
    }
    return {
      tables: [latencyTable(loads)],
      plots: [curvePlot(loads)],
      figures: Object.fromEntries(loads.map(({ docs, scheduled }) => [`docs${docs}P99Ms`, scheduled.summary.p99])),
      notes: [
        `The grid is ${everyMs} ms wide, the delta the newest ${window} partitions, merged anew at every trigger.`,
        'Where p99 from the tick lies far above p99 of the runs, the load is more than the grid can take.',
      ],
    };
  },
});

interface Grid {
  readonly docs: number;
  readonly everyMs: number;
  readonly ticks: number;
  readonly window: number;
}

async function runLoad(source: Corpus, pool: Pool, grid: Grid): Promise<Load> {
  return withFolder(async (folder) => {
    const live = join(folder, 'source');
    land(source, 0, live);
    const spanMs = grid.window * source.options.everyMs;
    const index = await openIndex(live, join(folder, 'index'), {
      coverage: { mode: 'windowed', spanMs, onGap: 'publish' },
    });
    try {
      await timedRun(index, pool, { base: true });
      return await followGrid(source, live, index, pool, grid);
    } finally {
      index.close();
    }
  });
}

/** Feeder and daemon, each by the clock; partition n is due at tick n - 1. */
async function followGrid(source: Corpus, live: string, index: OpenIndex, pool: Pool, grid: Grid): Promise<Load> {
  const { everyMs, ticks, docs } = grid;
  const [scheduled, service] = [new LatencyHistogram(), new LatencyHistogram()];
  const start = performance.now() + everyMs;
  const dueOf = (tick: number) => start + tick * everyMs;
  const landed = Array.from({ length: ticks }, (_, tick) =>
    sleep(dueOf(tick) - performance.now()).then(() => land(source, tick + 1, live)),
  );
  let [done, skippedTicks, busyMs, tick] = [0, 0, 0, 0];
  while (done < ticks) {
    await sleep(Math.max(0, dueOf(tick) - performance.now()));
    await landed[Math.min(tick, ticks - 1)];
    const { report, wallMs } = await timedRun(index, pool);
    const end = performance.now();
    if (tick >= WARM_UP_TICKS) service.record(wallMs);
    busyMs += wallMs;
    const newest = (Date.parse(report.watermark!) - source.options.startMs) / source.options.everyMs;
    for (; done < newest; done++) if (done >= WARM_UP_TICKS) scheduled.record(end - dueOf(done));
    const next = nextTick(tick, end - start, everyMs);
    skippedTicks += next.skipped;
    tick = next.tick;
  }
  return { docs, scheduled, service, skippedTicks, busyShare: busyMs / (performance.now() - start) };
}

function latencyTable(loads: readonly Load[]): Table {
  return {
    title: 'Latency from the scheduled tick, ms',
    columns: [
      'documents a tick',
      'ticks',
      'p50',
      'p95',
      'p99',
      'max',
      'p50 of the runs',
      'p99 of the runs',
      'ticks skipped',
      'busy %',
    ],
    rows: loads.map(({ docs, scheduled, service, skippedTicks, busyShare }) => {
      const { count, p50, p95, p99, max } = scheduled.summary;
      return [docs, count, p50, p95, p99, max, service.summary.p50, service.summary.p99, skippedTicks, busyShare * 100];
    }),
  };
}

function curvePlot(loads: readonly Load[]): Plot {
  return {
    name: 'latency',
    title: 'Latency from the scheduled tick',
    x: { label: 'one in so many ticks takes longer', scale: 'log' },
    y: { label: 'ms' },
    series: loads.map(({ docs, scheduled }) => ({
      name: `${docs} documents a tick`,
      points: scheduled.curve.filter(({ share }) => share < 1).map(({ share, ms }) => ({ x: 1 / (1 - share), y: ms })),
    })),
  };
}

await runAsCommand(openLoop, import.meta.url);
