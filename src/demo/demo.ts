/** The demo: real partitions land in a local store, the daemon indexes them, searches answer over base and delta. */
import type { Clock } from '../base/time.js';
import type { RunReport } from '../coordinator/report.js';
import { type RunDependencies, runOnce } from '../coordinator/run.js';
import type { IndexSettings } from '../coordinator/settings.js';
import { runDaemon } from '../daemon/loop.js';
import { withRunSignal } from '../daemon/run-signal.js';
import { analyze } from '../kernel/analyze.js';
import { openIndex } from '../search/index-reader.js';
import type { SearchResult } from '../search/search.js';
import type { Store } from '../store/store.js';
import type { Log } from '../telemetry/log.js';
import { DEADLINE_MS, FEED_EVERY_MS, QUERIES, TERMS, TRIGGER_EVERY_MS } from './configuration.js';
import { type Arrival, arrivalsOf, land } from './feeder.js';

export interface DemoOptions {
  readonly deps: RunDependencies;
  readonly settings: IndexSettings;
  /** The partition that becomes the base, and those that follow it. */
  readonly data: { readonly base: Store; readonly deltas: Store };
  /** As fast as it goes instead of at a pace that can be watched. */
  readonly isOnce: boolean;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly onRun: (run: DemoRun) => void;
}

/** One run with the partitions it brought in, ms since the epoch. */
export interface DemoRun {
  readonly partitions: readonly number[];
  readonly report: RunReport;
}

export interface DemoResult {
  readonly runs: readonly DemoRun[];
  readonly searches: readonly (SearchResult & { readonly query: string })[];
  readonly terms: readonly { readonly field: string; readonly term: string; readonly docFreq: number }[];
}

/** Feeds every partition, has each indexed, and searches; fails with the error that stopped it. */
export async function runDemo(options: DemoOptions): Promise<DemoResult> {
  const { deps, settings, data, clock, signal } = options;
  const { partition: template } = settings.source;
  const bases = await arrivalsOf(data.base, template, clock);
  const deltas = await arrivalsOf(data.deltas, template, clock);
  const times = [...bases, ...deltas].map(({ time }) => time);
  const runs: DemoRun[] = [];
  let watermark = Number.NEGATIVE_INFINITY;
  const note = (report: RunReport) => {
    if (!report.committed || report.watermark === null) return;
    const reached = Date.parse(report.watermark);
    const run = { partitions: times.filter((time) => time > watermark && time <= reached), report };
    watermark = reached;
    runs.push(run);
    options.onRun(run);
  };

  for (const arrival of bases) await land(arrival, data.base, deps.source, signal);
  if (!options.isOnce) await clock.sleep(settings.source.ready.settleMs, signal);
  note(await runOnce(deps, settings, { base: true, passOver: false, signal }));
  await (options.isOnce ? stepThrough : follow)(options, deltas, note);
  return { runs, ...(await askIndex(deps.index, clock)) };
}

/** One partition, one run, and so on. */
async function stepThrough(
  { deps, settings, data, signal }: DemoOptions,
  arrivals: readonly Arrival[],
  note: (report: RunReport) => void,
): Promise<void> {
  for (const arrival of arrivals) {
    await land(arrival, data.deltas, deps.source, signal);
    const run = (runSignal: AbortSignal) =>
      runOnce(deps, settings, { base: false, passOver: false, signal: runSignal });
    note(await withRunSignal(signal, run));
  }
}

/** The daemon at its own pace while the feeder lands partitions at another; ends when the last one is indexed. */
async function follow(
  options: DemoOptions,
  arrivals: readonly Arrival[],
  note: (report: RunReport) => void,
): Promise<void> {
  const { deps, settings, data, clock, log } = options;
  const done = new AbortController();
  const signal = AbortSignal.any([options.signal, done.signal]);
  const last = arrivals.at(-1)?.time;
  const feed = async () => {
    for (const arrival of arrivals) {
      await land(arrival, data.deltas, deps.source, signal);
      await clock.sleep(FEED_EVERY_MS, signal);
    }
  };
  const onRun = (_: string, report: RunReport) => {
    note(report);
    if (report.watermark !== null && Date.parse(report.watermark) === last) done.abort();
  };
  const feeding = feed().catch((error: unknown) => {
    if (signal.aborted) return;
    done.abort();
    throw error;
  });
  const pace = { everyMs: TRIGGER_EVERY_MS, deadlineMs: DEADLINE_MS };
  await Promise.all([feeding, runDaemon([{ name: 'demo', deps, settings }], { ...pace, clock, log, signal, onRun })]);
  options.signal.throwIfAborted();
}

async function askIndex(index: Store, clock: Clock): Promise<Pick<DemoResult, 'searches' | 'terms'>> {
  const reader = await openIndex(index, { analyze, clock });
  const searches = [];
  for (const query of QUERIES) searches.push({ query, ...(await reader.search(query, { k: 3 })) });
  const terms = [];
  for (const [field, term] of TERMS) {
    for await (const entry of reader.terms(field, term)) {
      if (entry.term === term) terms.push({ field, term, docFreq: entry.docFreq });
      break;
    }
  }
  return { searches, terms };
}
