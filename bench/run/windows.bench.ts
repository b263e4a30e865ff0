/** What a trigger with one new partition costs beside a window of w older ones, in both layouts of the delta. */
import { join } from 'node:path';
import { systemClock } from '#src/base/time.js';
import { mergeAhead } from '#src/coordinator/merge-tiers.js';
import { PHASES } from '#src/coordinator/phases.js';
import type { RunReport } from '#src/coordinator/report.js';
import { runOnce } from '#src/coordinator/run.js';
import { RunMemory } from '#src/coordinator/run-memory.js';
import type { Pool } from '#src/shard/pool.js';
import { runAsCommand } from '../harness/command.js';
import { type Corpus, corpus } from '../harness/corpus.js';
import { land } from '../harness/feed.js';
import { type OpenIndex, openIndex, openPool, withFolder } from '../harness/index-run.js';
import { type Plot, scenario, type Table } from '../harness/scenario.js';
import { median } from '../harness/statistics.js';

const LAYOUTS = ['window', 'tiered'] as const;
type Layout = (typeof LAYOUTS)[number];

/** Triggers beside one size of window. */
interface Measured {
  readonly layout: Layout;
  readonly parts: number;
  readonly triggers: readonly Trigger[];
}

interface Trigger {
  readonly report: RunReport;
  /** Merging small segments between this trigger and the next. */
  readonly slackMs: number;
}

/** Below so many parts every trigger has an index of its own: a few more would be another window. */
const SMALL_WINDOW = 5;

export const windows = scenario({
  name: 'windows',
  describe:
    'A trigger with one new partition beside w older ones, as a daemon makes it: warm workers, what a process remembers between runs, rows ' +
    'that update and delete older ones. Layout `window` merges all parts into one segment; `tiered` makes the new part a segment of its own ' +
    'and merges small ones between triggers. Triggers are measured one after the other from w parts on.',
  defaults: { docs: 1_000, windows: [1, 10, 60, 300], threads: 2, rounds: 7 },
  smoke: { docs: 50, windows: [1, 6], rounds: 2 },
  async run(options, log) {
    const { docs, threads, rounds } = options;
    const sizes = options.windows.toSorted((a, b) => a - b);
    const partitions = sizes.at(-1)! + rounds;
    const source = await corpus({ docs: docs * partitions, partitions, updateRatio: 0.1, tombstoneRatio: 0.01 });
    const pool = openPool(threads);
    try {
      const all: Measured[] = [];
      for (const layout of LAYOUTS) {
        for (const parts of sizes) {
          log(`${layout}, ${parts} older partitions`);
          const isSmall = parts < SMALL_WINDOW;
          const triggers: Trigger[] = [];
          for (let i = 0; i < (isSmall ? rounds : 1); i++) {
            triggers.push(...(await measure({ source, pool, layout }, parts, isSmall ? 1 : rounds)));
          }
          all.push({ layout, parts, triggers });
        }
      }
      return {
        tables: [phaseTable(all)],
        plots: [windowsPlot(all)],
        figures: Object.fromEntries(all.map((one) => [`${one.layout}${one.parts}Ms`, totalMs(one)])),
        notes: [
          'Slack is the time of merging small segments after a trigger: nobody waits for it; the mean over the triggers.',
        ],
      };
    } finally {
      await pool.close();
    }
  },
});

interface Site {
  readonly source: Corpus;
  readonly pool: Pool;
  readonly layout: Layout;
}

/** Brings an index to `parts` partitions and measures the triggers after that. */
async function measure({ source, pool, layout }: Site, parts: number, rounds: number): Promise<Trigger[]> {
  return withFolder(async (folder) => {
    const live = join(folder, 'source');
    const index = await openIndex(live, join(folder, 'index'), { versioned: true });
    const memory = new RunMemory();
    let landed = 0;
    // Tiers come about trigger by trigger; one segment is the same however it was come by.
    const stride = layout === 'tiered' ? 1 : parts;
    try {
      while (landed < parts) {
        for (let i = 0; i < stride; i++) land(source, landed++, live);
        await trigger(index, pool, layout, memory);
      }
      const triggers: Trigger[] = [];
      for (let round = 0; round < rounds; round++) {
        land(source, landed++, live);
        triggers.push(await trigger(index, pool, layout, memory));
      }
      return triggers;
    } finally {
      index.close();
    }
  });
}

async function trigger(
  { settings, source, index }: OpenIndex,
  pool: Pool,
  layout: Layout,
  memory: RunMemory,
): Promise<Trigger> {
  const deps = { source, index, pool, clock: systemClock, memory };
  const delta = { layout, mergeBudgetMs: Number.POSITIVE_INFINITY };
  const report = await runOnce(deps, { ...settings, delta }, { base: false, passOver: false });
  if (!report.committed) throw new Error('a trigger with a new partition committed nothing');
  const since = systemClock.elapsed();
  const { signal } = new AbortController();
  if (layout === 'tiered') while (await mergeAhead(memory, Number.POSITIVE_INFINITY, signal));
  return { report, slackMs: systemClock.elapsed() - since };
}

function totalMs({ triggers }: Measured): number {
  return median(triggers.map(({ report }) => report.totalMs));
}

function phaseTable(all: readonly Measured[]): Table {
  return {
    title: 'Work of a trigger, ms, medians',
    columns: ['layout', 'older partitions', 'whole', ...PHASES, 'slack', 'segments'],
    rows: all.map((one) => [
      one.layout,
      one.parts,
      Math.round(totalMs(one)),
      ...PHASES.map((phase) => Math.round(median(one.triggers.map(({ report }) => report.phases[phase])))),
      Math.round(one.triggers.reduce((sum, { slackMs }) => sum + slackMs, 0) / one.triggers.length),
      median(one.triggers.map(({ report }) => report.segments.length)),
    ]),
  };
}

function windowsPlot(all: readonly Measured[]): Plot {
  return {
    name: 'layouts',
    title: 'A trigger with one new partition, against the window beside it',
    x: { label: 'older partitions', scale: 'log' },
    y: { label: 'ms, median', scale: 'log' },
    series: LAYOUTS.map((layout) => ({
      name: layout,
      points: all.filter((one) => one.layout === layout).map((one) => ({ x: one.parts, y: totalMs(one) })),
    })),
  };
}

await runAsCommand(windows, import.meta.url);
