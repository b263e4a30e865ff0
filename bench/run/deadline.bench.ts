/** The largest partition that meets a deadline, found by search: cold, and with a cached window to merge; and what becomes of more. */
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '#src/base/time.js';
import { buildArguments, runNode } from '../harness/child.js';
import { runAsCommand } from '../harness/command.js';
import { type Corpus, corpus, partitionFolder } from '../harness/corpus.js';
import { land, place } from '../harness/feed.js';
import { keepFiles, openIndex, openPool, timedRun, withFolder } from '../harness/index-run.js';
import { scenario, type Table } from '../harness/scenario.js';
import { type LadderRig, type LadderRun, ladderTable, runLadder } from './ladder-cases.js';

interface Trial {
  /** Files of the partition. */
  readonly files: number;
  readonly ms: number;
  readonly peakMemoryBytes: number;
}

interface Found {
  readonly trials: readonly Trial[];
  readonly best: Trial | undefined;
  /** What ended the search above the best. */
  readonly stop: string;
}

/** A trial that is predicted to need more of the machine's memory than this is not made: swapping would freeze the machine. */
const MEMORY_SHARE = 0.7;

export const deadline = scenario({
  name: 'deadline',
  describe:
    'The largest partition whose run ends within the deadline: sizes double until one misses, then the gap is halved down to one file. ' +
    'Cold: `tidemark build` as a fresh process. Windowed: warm workers, an index with a window of cached partitions, so that the new ' +
    'partition is built and the whole window merged anew. Ladder: what runs do under that deadline with the largest partition, with twice ' +
    'that in one partition and in two, from rates that the search has taught.',
  defaults: {
    deadlineMs: 30_000,
    docsPerFile: 100_000,
    maxFiles: 128,
    windowParts: 60,
    windowDocs: 20_000,
    threads: 2,
    budgetS: 1_200,
  },
  smoke: { deadlineMs: 60_000, docsPerFile: 200, maxFiles: 2, windowParts: 3, windowDocs: 50, budgetS: 60 },
  async run(options, log) {
    const { docsPerFile, windowParts, windowDocs } = options;
    const partitions = windowParts + 1;
    const gen = { updateRatio: 0, tombstoneRatio: 0 };
    const windowed = await corpus({ ...gen, docs: windowDocs * partitions, partitions });
    const found: [name: string, found: Found][] = [];
    let ladder: readonly LadderRun[] = [];
    await withFolder(async (folder) => {
      const fill = partitionFiller(docsPerFile);
      const cold = (files: number) => coldTrial(fill, join(folder, 'cold'), files);
      found.push(['cold', await search(cold, options, log)]);
      await withWindow(windowed, join(folder, 'windowed'), options, fill, async (trial, rig) => {
        const windowedFound = await search(trial, options, log);
        found.push(['windowed', windowedFound]);
        ladder = await runLadder(rig, windowedFound.best?.files ?? 1, log);
      });
    });
    return {
      tables: [...found.map(([name, { trials }]) => trialTable(name, trials, docsPerFile)), ladderTable(ladder)],
      plots: [
        {
          name: 'trials',
          title: 'Trials',
          x: { label: 'documents' },
          y: { label: 'ms' },
          series: found.map(([name, { trials }]) => ({
            name,
            points: trials.map(({ files, ms }) => ({ x: files * docsPerFile, y: ms })),
          })),
        },
      ],
      figures: Object.fromEntries(found.map(([name, { best }]) => [`${name}Docs`, (best?.files ?? 0) * docsPerFile])),
      notes: found.map(
        ([name, { best, stop }]) =>
          `${name}: ${((best?.files ?? 0) * docsPerFile).toLocaleString('en-US')} documents in ${best?.ms.toFixed(0) ?? '-'} ms, ` +
          `deadline ${options.deadlineMs} ms; ${stop}.`,
      ),
    };
  },
});

/** Puts a partition of so many files into a folder. */
type Fill = (folder: string, files: number) => Promise<void>;

/**
 * Files are the partitions of one corpus, documents of their own in each and one vocabulary in all; the corpus is made anew at twice
 * the size when it runs out.
 */
function partitionFiller(docsPerFile: number): Fill {
  return async (folder, files) => {
    const partitions = 2 ** Math.ceil(Math.log2(files));
    const made = await corpus({ docs: docsPerFile * partitions, partitions, updateRatio: 0, tombstoneRatio: 0 });
    mkdirSync(folder, { recursive: true });
    for (let n = 0; n < files; n++) {
      const from = join(made.uri, partitionFolder(made, n));
      for (const file of readdirSync(from))
        place(join(from, file), join(folder, `${String(n).padStart(5, '0')}-${file}`));
    }
  };
}

async function coldTrial(fill: Fill, folder: string, files: number): Promise<Trial> {
  const source = join(folder, 'source');
  await fill(join(source, 'dt=2026-01-01/hour=00/minute=00'), files);
  const { wallMs, peakMemoryBytes } = await runNode(buildArguments(source, join(folder, 'index')));
  rmSync(folder, { recursive: true });
  return { files, ms: wallMs, peakMemoryBytes };
}

/** An index whose window is cached; a trial lands one large partition behind it and takes everything back afterwards. */
async function withWindow(
  window: Corpus,
  folder: string,
  options: Omit<LadderRig, 'index' | 'pool' | 'places' | 'fill' | 'restore'> & { readonly threads: number },
  fill: Fill,
  use: (trial: (files: number) => Promise<Trial>, rig: LadderRig) => Promise<void>,
): Promise<void> {
  const live = join(folder, 'source');
  const cached = window.options.partitions - 1;
  for (let n = 0; n < cached; n++) land(window, n, live);
  const index = await openIndex(live, join(folder, 'index'));
  const pool = openPool(options.threads);
  try {
    await timedRun(index, pool);
    const restore = keepFiles(join(folder, 'index'));
    const places = [cached, cached + 1].map((n) => join(live, partitionFolder(window, n)));
    const trial = async (files: number) => {
      await fill(places[0]!, files);
      // A deadline far away: nothing is degraded, and the ladder's rates are learned.
      const deadline = { tickMs: systemClock.elapsed(), budgetMs: 1e9, onMiss: 'finish' } as const;
      const { wallMs } = await timedRun(index, pool, { deadline });
      restore();
      rmSync(places[0]!, { recursive: true });
      return { files, ms: wallMs, peakMemoryBytes: process.memoryUsage.rss() };
    };
    // The layout is left to the ladder: its prediction alone decides when the window is no longer folded.
    const settings = { ...index.settings, delta: { layout: 'auto', mergeBudgetMs: Number.MAX_VALUE } } as const;
    await use(trial, { index: { ...index, settings }, pool, ...options, places, fill, restore });
  } finally {
    await pool.close();
    index.close();
  }
}

interface Bounds {
  readonly deadlineMs: number;
  readonly maxFiles: number;
  readonly budgetS: number;
}

/** Doubles, then halves the gap; stops by size, memory or its own time. */
async function search(
  trial: (files: number) => Promise<Trial>,
  { deadlineMs, maxFiles, budgetS }: Bounds,
  log: (line: string) => void,
): Promise<Found> {
  const end = performance.now() + budgetS * 1_000;
  const trials: Trial[] = [];
  let best: Trial | undefined;
  let tooLarge = maxFiles + 1;
  let stop = `the search ended at its largest size, ${maxFiles} files`;
  for (let files = 1; files < tooLarge; ) {
    if (performance.now() > end) return { trials, best, stop: `the search ended after its ${budgetS} s` };
    const last = trials.at(-1);
    if (last !== undefined && (last.peakMemoryBytes / last.files) * files > totalmem() * MEMORY_SHARE) {
      tooLarge = files;
      stop = 'more would not fit into memory';
    } else {
      const next = await trial(files);
      log(`${files} files: ${next.ms.toFixed(0)} ms`);
      trials.push(next);
      if (next.ms <= deadlineMs) best = next;
      else [tooLarge, stop] = [files, 'the next size missed it'];
    }
    const done = best?.files ?? 0;
    const wish = tooLarge > maxFiles ? Math.min(done * 2, maxFiles) : Math.floor((done + tooLarge) / 2);
    if (wish <= done) break;
    files = wish;
  }
  return { trials, best, stop };
}

function trialTable(name: string, trials: readonly Trial[], docsPerFile: number): Table {
  return {
    title: `Trials, ${name}`,
    columns: ['documents', 'ms', 'documents/s', 'memory MB'],
    rows: trials.map(({ files, ms, peakMemoryBytes }) => [
      files * docsPerFile,
      ms,
      Math.round((files * docsPerFile) / (ms / 1_000)),
      peakMemoryBytes / 1e6,
    ]),
  };
}

await runAsCommand(deadline, import.meta.url);
