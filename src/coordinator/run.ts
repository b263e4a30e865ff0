/**
 * One run, top to bottom: select, read, build, merge, seal, commit.
 *
 * Parts come first, then the segment, then kill bitmaps, then the manifest; whatever fails on the way leaves the generation before as
 * it is, and what was finished is found again by its name.
 */

import { TidemarkError } from '../base/errors.js';
import { commitManifest } from '../commit/commit.js';
import type { Manifest } from '../manifest/manifest.js';
import { readNewest } from '../manifest/newest.js';
import { MAX_ABANDONED, untilDeadline } from './abandon.js';
import { knownBad } from './bad-parts.js';
import { type BuiltPatches, buildPatches } from './build-patches.js';
import type { RunContext, RunDependencies, RunOptions } from './context.js';
import { changedPartitions, hasWork } from './find-work.js';
import { askGoldenQueries } from './golden-queries.js';
import { noteLate, withLate } from './late-beyond-base.js';
import { buildNext, sealNext } from './next-generation.js';
import { openContext } from './open-context.js';
import { outcomeNow } from './outcome.js';
import { makerOf } from './part-maker.js';
import { patchGeneration } from './patch-generation.js';
import { PhaseTimer } from './phases.js';
import { type PlannedRun, planRun } from './plan-run.js';
import { committedReport, idleReport, type RunReport } from './report.js';
import { writeJournal } from './run-journal.js';
import { keepHistory, learn, recallHistory } from './run-rates.js';
import { sealPatches } from './seal-patches.js';
import { type SelectionResult, selectForRun } from './select-partitions.js';
import { hasPatches, type SelectedPatches, selectPatches } from './select-patches.js';
import type { IndexSettings } from './settings.js';
import { withCancel } from './with-cancel.js';

export type { RunDependencies, RunOptions } from './context.js';

/** How often a run starts over after another writer of the same epoch was first, or after its input changed while it was read. */
const MAX_RESTARTS = 5;

/**
 * Does one run. Fails with the error that stopped it (code `deadline` where it was abandoned at its deadline); the index is then as
 * it was.
 */
export async function runOnce(deps: RunDependencies, settings: IndexSettings, options: RunOptions): Promise<RunReport> {
  const { deadline, signal = new AbortController().signal } = options;
  if (deadline?.onMiss !== 'abandon') return runToEnd(deps, settings, options);
  const { clock, index, pool } = deps;
  const history = await recallHistory(index, pool.threads, signal);
  if (history.abandoned >= MAX_ABANDONED) return runToEnd(deps, settings, options);
  try {
    return await untilDeadline(clock, deadline, signal, (run) => runToEnd(deps, settings, { ...options, ...run }));
  } catch (error) {
    if (error instanceof TidemarkError && error.code === 'deadline') {
      await keepHistory(index, pool.threads, { ...history, abandoned: history.abandoned + 1 });
    }
    throw error;
  }
}

async function runToEnd(deps: RunDependencies, settings: IndexSettings, options: RunOptions): Promise<RunReport> {
  let asked = options;
  for (let restarts = 0; ; restarts++) {
    const result = await attempt(deps, settings, asked, restarts < MAX_RESTARTS);
    if (result === 'changed') continue;
    if ('report' in result) return result.report;
    const { other } = result;
    requireLead(other, options.epoch);
    // A base that lost the race is the same base again, with another delta: whatever landed meanwhile is left to that.
    if (options.base) asked = { ...options, until: result.baseWatermark };
    if (restarts >= MAX_RESTARTS) {
      throw new TidemarkError('store', `another writer was first ${restarts + 1} times in a row`, {
        where: { generation: other.generation },
        fix: 'find out who else writes to this index',
      });
    }
  }
}

/** A daemon that meets a higher epoch than its own has lost the lead, whether before its run or at the commit. */
function requireLead(newest: Manifest | undefined, epoch: number | undefined): void {
  if (newest === undefined || epoch === undefined || newest.epoch <= epoch) return;
  throw new TidemarkError('fenced', `generation ${newest.generation} was committed under epoch ${newest.epoch}`, {
    fix: 'another daemon has taken over; this one must stop',
  });
}

/** `other`: another writer's manifest stands where ours should. */
type Attempt =
  | { readonly report: RunReport }
  | { readonly other: Manifest; readonly baseWatermark?: number | undefined };

/**
 * An object that was rewritten or removed under our hands is pinned anew: the run starts over from a fresh listing. It may be a segment
 * that is open since an earlier run: another writer put the same bytes again under the same name, and they have another etag.
 */
async function attempt(
  deps: RunDependencies,
  settings: IndexSettings,
  options: RunOptions,
  mayRestart: boolean,
): Promise<Attempt | 'changed'> {
  try {
    return await tryRun(deps, settings, options);
  } catch (error) {
    if (!(error instanceof TidemarkError) || error.code !== 'changed') throw error;
    deps.memory?.segments.clear();
    if (mayRestart) return 'changed';
    throw error;
  }
}

async function tryRun(deps: RunDependencies, settings: IndexSettings, options: RunOptions): Promise<Attempt> {
  const phases = new PhaseTimer(deps.clock, options.onPhase);
  const signal = options.signal ?? new AbortController().signal;
  const previous = await phases.time('select', () =>
    deps.memory === undefined ? readNewest(deps.index, { signal }) : deps.memory.newest(deps.index, signal),
  );
  requireLead(previous, options.epoch);
  const { base: forBase, until } = options;
  const { source: settingsOfSource } = settings;
  const listed = await phases.time('select', () =>
    selectForRun({
      source: deps.source,
      index: deps.index,
      settings: settingsOfSource,
      manifest: previous,
      forBase,
      until,
      now: deps.clock.now(),
      signal,
      known: deps.memory?.source,
      maker: makerOf(settings.stored),
    }),
  );
  const late = await phases.time('select', () => noteLate(deps, settings, previous, listed.listing.swept));
  const patches = await phases.time('select', () => selectPatches(deps, settings, options, previous, signal));
  const hasRows = listed.selection.partitions.length > 0;
  if (!hasRows && (previous === undefined || !patches.some(hasPatches))) {
    return { report: withLate(deps, idleReport(previous, listed, phases), previous, late) };
  }
  const context = await openContext(deps, settings, options, previous, listed, phases, signal);
  const done = await withCancel(context, () => runInContext(context, settings, options, previous, listed, patches));
  return 'report' in done ? { report: withLate(deps, done.report, previous, late) } : done;
}

async function runInContext(
  context: RunContext,
  settings: IndexSettings,
  options: RunOptions,
  previous: Manifest | undefined,
  listed: SelectionResult,
  patches: readonly SelectedPatches[],
): Promise<Attempt> {
  const { phases } = context;
  requireSchema(previous, context.fingerprint, options.base);
  const changed = changedPartitions(context, previous, listed);
  const bad = options.passOver ? await phases.time('select', () => knownBad(context, changed)) : new Map();
  const selected = bad.size === 0 ? listed : listed.without(bad);
  const built = await buildPatches(context, patches, options.passOver);
  if (!hasWork(context, selected, previous, options.base)) {
    return commitPatches(context, settings, previous, built, selected, options);
  }
  const planned = await planRun(context, selected, previous, settings, options);
  try {
    return await buildAndCommit(planned, settings, options, previous, built);
  } catch (error) {
    const cause = context.signal.aborted ? context.signal.reason : error;
    await writeJournal(context, options, { ...planned, previous, error: cause });
    throw error;
  }
}

async function buildAndCommit(
  planned: PlannedRun,
  settings: IndexSettings,
  options: RunOptions,
  previous: Manifest | undefined,
  built: readonly BuiltPatches[],
): Promise<Attempt> {
  const { context, plan } = planned;
  const { phases } = context;
  const next = await buildNext(context, planned.selected, previous, settings, options);
  if (next.base === undefined && next.delta.length === 0) {
    return commitPatches(context, settings, previous, built, next.selected, options);
  }
  const sealed = await phases.time('seal', () => sealNext(context, next, previous, settings, options));
  const patched = await phases.time('seal', () => sealPatches(context.index, sealed.manifest, previous, built));
  await passQueries(context, settings, options, patched);
  options.commitTo?.();
  const manifest = { ...patched, ...outcomeNow(context, options, plan?.prediction.phases.commit ?? 0) };
  const result = await phases.time('commit', () => commitManifest(context.index, manifest, context.signal));
  if (!result.committed) return { other: result.other, baseWatermark: manifest.base?.watermark };
  requireLead(result.newest, options.epoch);
  context.memory?.noteCommit(manifest, context, sealed.kills);
  const committed = committedReport(manifest, next.selected, phases, next.builtDocs, next.late);
  const report = { ...committed, ...outcomeNow(context, options, 0) };
  await closeBooks(planned, options, previous, { selected: next.selected, manifest, report });
  return { report };
}

/** The generation is visible: what is written now may be lost without harm. */
async function closeBooks(
  { context, plan, history }: PlannedRun,
  options: RunOptions,
  previous: Manifest | undefined,
  end: { readonly selected: SelectionResult; readonly manifest: Manifest; readonly report: RunReport },
): Promise<void> {
  if (plan === undefined) return;
  const { notes, phases, index, pool } = context;
  const { select, ...predicted } = phases.times;
  const tookMs = Object.values(predicted).reduce((sum, ms) => sum + ms, 0);
  await writeJournal(context, options, { ...end, plan, previous });
  const ratio = tookMs / plan.prediction.totalMs;
  await keepHistory(index, pool.threads, learn(history, notes, phases.times, end.report.builtDocs, ratio));
}

/** No rows are new: the segments stay, and patches alone make a generation; without any there is nothing to commit. */
async function commitPatches(
  context: RunContext,
  settings: IndexSettings,
  previous: Manifest | undefined,
  built: readonly BuiltPatches[],
  selected: SelectionResult,
  options: RunOptions,
): Promise<Attempt> {
  const { phases } = context;
  if (previous === undefined || built.length === 0) return { report: idleReport(previous, selected, phases) };
  const manifest = await patchGeneration(context, previous, built, options);
  await passQueries(context, settings, options, manifest);
  const result = await phases.time('commit', () => commitManifest(context.index, manifest, context.signal));
  if (!result.committed) return { other: result.other };
  requireLead(result.newest, options.epoch);
  const kills = context.memory?.killsOf(previous);
  if (kills !== undefined) context.memory?.noteCommit(manifest, context, kills);
  return { report: committedReport(manifest, selected, phases, 0, new Set()) };
}

/** The last thing before a commit: the sealed generation answers what it must. */
async function passQueries(
  { index, clock, phases }: RunContext,
  { gate }: IndexSettings,
  options: RunOptions,
  manifest: Manifest,
): Promise<void> {
  if (options.forceGate) return;
  await phases.time('seal', () => askGoldenQueries(index, clock, manifest, gate.queries ?? []));
}

function requireSchema(previous: Manifest | undefined, fingerprint: string, base: boolean): void {
  if (previous === undefined || base || previous.schema.fingerprint === fingerprint) return;
  throw new TidemarkError('config', 'the schema is not the one that the index was built with', {
    where: { generation: previous.generation },
    fix: 'go back to the old schema, or build a new base with this one: tidemark build --base',
  });
}
