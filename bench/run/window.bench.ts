/** A window of cached parts and one new partition: what merging and committing the delta costs. */
import { rmSync } from 'node:fs';
import { join, sep } from 'node:path';
import type { Pool } from '#src/shard/pool.js';
import { runAsCommand } from '../harness/command.js';
import { type Corpus, corpus, partitionFolder } from '../harness/corpus.js';
import { land } from '../harness/feed.js';
import {
  keepFiles,
  type OpenIndex,
  openIndex,
  openPool,
  type TimedRun,
  timedRun,
  withFolder,
} from '../harness/index-run.js';
import { type Plot, scenario, type Table } from '../harness/scenario.js';
import { median } from '../harness/statistics.js';

/** Runs over one number of cached parts. */
interface Window {
  readonly parts: number;
  /** Everything a trigger does: the new partition built, the delta merged. */
  readonly whole: readonly TimedRun[];
  /** The same with the new part there already: merging and committing alone. */
  readonly mergeOnly: readonly TimedRun[];
}

export const window = scenario({
  name: 'window',
  describe:
    'A delta of w cached parts and a new one, merged and committed on warm workers. Each round runs a whole trigger, then removes the ' +
    'delta and its manifest but not the new part, and runs again: that is merging and committing alone.',
  defaults: { docs: 5_000, windows: [1, 10, 60, 300], threads: 2, warmUps: 1, rounds: 5 },
  smoke: { docs: 50, windows: [1, 3], warmUps: 0, rounds: 1 },
  async run(options, log) {
    const { docs, threads, warmUps, rounds } = options;
    const sizes = options.windows.toSorted((a, b) => a - b);
    const partitions = sizes.at(-1)! + 1;
    const source = await corpus({ docs: docs * partitions, partitions, updateRatio: 0, tombstoneRatio: 0 });
    const pool = openPool(threads);
    try {
      const windows = await withFolder(async (folder) => {
        const live = join(folder, 'source');
        const index = await openIndex(live, join(folder, 'index'));
        const done: Window[] = [];
        let landed = 0;
        for (const parts of sizes) {
          for (; landed < parts; landed++) land(source, landed, live);
          await timedRun(index, pool);
          log(`window of ${parts}`);
          done.push(
            await measureWindow({ source, live, folder: join(folder, 'index'), index, pool }, parts, warmUps, rounds),
          );
        }
        index.close();
        return done;
      });
      return {
        tables: [mergeTable(windows), triggerTable(windows)],
        plots: [windowPlot(windows)],
        figures: Object.fromEntries(windows.map((one) => [`window${one.parts}MBperS`, mergeRate(one)])),
        notes: [
          'MB/s are of the merged segment: its bytes over the time of merging the delta, sealing and committing it.',
          'No document is superseded here, and the footer of every part is opened anew at each trigger.',
        ],
      };
    } finally {
      await pool.close();
    }
  },
});

interface Site {
  readonly source: Corpus;
  readonly live: string;
  readonly folder: string;
  readonly index: OpenIndex;
  readonly pool: Pool;
}

async function measureWindow(site: Site, parts: number, warmUps: number, rounds: number): Promise<Window> {
  const { source, live, folder, index, pool } = site;
  const restore = keepFiles(folder);
  const [whole, mergeOnly]: TimedRun[][] = [[], []];
  for (let round = 0; round < warmUps + rounds; round++) {
    land(source, parts, live);
    const first = await timedRun(index, pool);
    restore((path) => path.includes(`${sep}parts${sep}`));
    const second = await timedRun(index, pool);
    restore();
    rmSync(join(live, partitionFolder(source, parts)), { recursive: true });
    if (!first.report.committed || !second.report.committed)
      throw new Error('a trigger with a new partition committed nothing');
    if (round < warmUps) continue;
    whole!.push(first);
    mergeOnly!.push(second);
  }
  return { parts, whole: whole!, mergeOnly: mergeOnly! };
}

function workMs({ report: { phases } }: TimedRun): number {
  return phases.merge + phases.seal + phases.commit;
}

function segmentBytes({ mergeOnly }: Window): number {
  return mergeOnly[0]!.report.segments.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** Merged segment bytes a second, in MB. */
function mergeRate(window: Window): number {
  return segmentBytes(window) / median(window.mergeOnly.map(workMs)) / 1e3;
}

function mergeTable(windows: readonly Window[]): Table {
  const phase = (runs: readonly TimedRun[], name: 'select' | 'merge' | 'seal' | 'commit') =>
    median(runs.map(({ report }) => report.phases[name]));
  return {
    title: 'Merging and committing the delta, ms, medians',
    columns: ['cached parts', 'documents', 'segment MB', 'wall', 'select', 'merge', 'seal', 'commit', 'CPU', 'MB/s'],
    rows: windows.map((window) => {
      const { parts, mergeOnly } = window;
      return [
        parts,
        mergeOnly[0]!.report.docs,
        segmentBytes(window) / 1e6,
        median(mergeOnly.map(({ wallMs }) => wallMs)),
        phase(mergeOnly, 'select'),
        phase(mergeOnly, 'merge'),
        phase(mergeOnly, 'seal'),
        phase(mergeOnly, 'commit'),
        median(mergeOnly.map(({ cpuMs }) => cpuMs)),
        mergeRate(window),
      ];
    }),
  };
}

function triggerTable(windows: readonly Window[]): Table {
  return {
    title: 'The whole trigger, the new partition built as well, ms, medians',
    columns: ['cached parts', 'wall', 'CPU', 'without the merge of the delta'],
    rows: windows.map(({ parts, whole, mergeOnly }) => {
      const wall = median(whole.map(({ wallMs }) => wallMs));
      const merging = median(mergeOnly.map(({ wallMs }) => wallMs));
      return [parts, wall, median(whole.map(({ cpuMs }) => cpuMs)), wall - merging];
    }),
  };
}

function windowPlot(windows: readonly Window[]): Plot {
  const points = (runsOf: (window: Window) => readonly TimedRun[]) =>
    windows.map((window) => ({ x: window.parts, y: median(runsOf(window).map(({ wallMs }) => wallMs)) }));
  return {
    name: 'parts',
    title: 'Time of a trigger against the window',
    x: { label: 'cached parts' },
    y: { label: 'ms' },
    series: [
      { name: 'whole trigger', points: points(({ whole }) => whole) },
      { name: 'merge and commit', points: points(({ mergeOnly }) => mergeOnly) },
    ],
  };
}

await runAsCommand(window, import.meta.url);
