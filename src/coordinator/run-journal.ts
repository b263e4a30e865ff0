/**
 * The journal of a run: every decision with its evidence, one JSON object under `runs/`. It is written when the run is over, and
 * neither its absence nor a failure to write it means anything to the index; a crash before it loses nothing else.
 */
import { createHash } from 'node:crypto';
import { describeError, TidemarkError } from '../base/errors.js';
import { toIso } from '../base/time.js';
import type { CoveredPartition, Manifest } from '../manifest/manifest.js';
import { RATES_KEY, RUN_PREFIX, runKey } from '../manifest/names.js';
import type { PartitionListing } from '../partition/listing.js';
import type { Store } from '../store/store.js';
import type { RunContext, RunOptions } from './context.js';
import type { RunPlan } from './plan-run.js';
import type { RunReport } from './report.js';
import type { SelectionResult } from './select-partitions.js';

/** 1: the first. */
const JOURNAL_FORMAT = 1;
/** Ignored names listed; the listing's hash covers data only. */
const MAX_IGNORED = 20;
/** Journals are pruned once in so many generations: a listing each. */
const PRUNE_EVERY = 64;

/** How a run ended, and with what. */
export interface RunEnd {
  /** What was selected in the end. */
  readonly selected: SelectionResult;
  readonly plan: RunPlan | undefined;
  readonly previous: Manifest | undefined;
  readonly manifest?: Manifest | undefined;
  readonly report?: RunReport | undefined;
  readonly error?: unknown;
}

/** Writes it, and drops those that are older than they are kept; never fails. */
export async function writeJournal(context: RunContext, options: RunOptions, end: RunEnd): Promise<void> {
  if (options.journal === undefined) return;
  const generation = (end.previous?.generation ?? 0) + 1;
  try {
    const bytes = new TextEncoder().encode(`${JSON.stringify(journalOf(context, options, end))}\n`);
    await context.index.put(runKey(generation, nameOf(end)), bytes);
    if (generation % PRUNE_EVERY === 0) await pruneJournals(context.index, options.journal.keepMs);
  } catch {
    // The run is over and its outcome stands; the next one writes a journal of its own.
  }
}

/** Failed runs of one kind share a name, so that a failure at every tick does not pile up journals. */
function nameOf({ report, error }: RunEnd): string {
  if (report?.committed) return 'committed';
  if (error === undefined) return 'overtaken';
  return `failed-${error instanceof TidemarkError ? error.code : 'internal'}`;
}

/** Deletes journals that are older than `keepMs` by the store's own clock; gives how many. */
export async function pruneJournals(store: Store, keepMs: number): Promise<number> {
  let pruned = 0;
  for (let token: string | undefined; ; ) {
    const page = await store.list({ prefix: RUN_PREFIX, ...(token === undefined ? {} : { token }) });
    for (const { key, lastModified } of page.objects) {
      if (key === RATES_KEY || lastModified >= page.date - keepMs) continue;
      await store.delete(key);
      pruned++;
    }
    if (page.next === undefined) return pruned;
    token = page.next;
  }
}

/** Times as ISO-8601, durations in ms, sizes in bytes. */
export function journalOf(context: RunContext, options: RunOptions, end: RunEnd): object {
  const { selection, listing } = end.selected;
  const { manifest, report, plan, previous, error } = end;
  return {
    format: JOURNAL_FORMAT,
    at: toIso(context.clock.now()),
    generation: (previous?.generation ?? 0) + 1,
    epoch: options.epoch ?? previous?.epoch ?? 1,
    base: options.base,
    schema: context.fingerprint,
    listing: listingEvidence(listing),
    selection: {
      closeReason: selection.closeReason,
      latest: selection.latest === undefined ? null : toIso(selection.latest),
      coverage: spanOf(selection.coverage),
      gap: selection.gap,
      gaps: selection.gaps.map(spanOf),
      fresh: selection.fresh.map(({ time }) => toIso(time)),
      skipped: selection.skipped.map(({ time, ...rest }) => ({ time: toIso(time), ...rest })),
      late: lateOf(manifest?.coverage.partitions ?? []),
    },
    parts: context.notes.parts.map(({ time, ...rest }) => ({ time: toIso(time), ...rest })),
    merges: context.notes.merges,
    deadline: options.deadline === undefined ? null : deadlineEvidence(options.deadline, plan),
    gate: manifest === undefined ? null : { passed: true, counts: manifest.counts },
    commit:
      manifest === undefined
        ? null
        : { committed: report?.committed === true, generation: manifest.generation, nonce: manifest.nonce },
    outcome: report?.outcome ?? (error === undefined ? null : 'failed'),
    degradeStep: context.notes.steps.at(-1) ?? null,
    phases: context.phases.times,
    totalMs: context.phases.totalMs,
    freshnessMs: report?.freshnessMs ?? null,
    error: error === undefined ? null : { code: codeOf(error), message: describeError(error) },
  };
}

const codeOf = (error: unknown): string => (error instanceof TidemarkError ? error.code : 'internal');

const spanOf = (span: { readonly from: number | undefined; readonly to: number } | undefined) =>
  span === undefined ? null : { from: span.from === undefined ? null : toIso(span.from), to: toIso(span.to) };

const lateOf = (partitions: readonly CoveredPartition[]): string[] =>
  partitions.filter(({ state }) => state === 'late').map(({ time }) => toIso(time));

/** What was seen: enough to tell whether another listing is the same one. */
function listingEvidence({ partitions, ignored, future, date, listCalls }: PartitionListing): object {
  const objects = partitions.flatMap((partition) => partition.objects);
  const hash = createHash('sha256');
  for (const { key, size, etag, lastModified } of objects) hash.update(JSON.stringify([key, size, etag, lastModified]));
  return {
    date: toIso(date),
    listCalls,
    partitions: partitions.length,
    objects: objects.length,
    bytes: objects.reduce((sum, { size }) => sum + size, 0),
    sha256: hash.digest('hex'),
    future: future.map(({ time, prefix }) => ({ time: toIso(time), prefix })),
    ignored: ignored.slice(0, MAX_IGNORED),
    ignoredCount: ignored.length,
  };
}

function deadlineEvidence(
  { budgetMs, onMiss }: NonNullable<RunOptions['deadline']>,
  plan: RunPlan | undefined,
): object {
  if (plan === undefined) return { budgetMs, onMiss };
  const { remainingMs, work, model, decision, prediction, budgets } = plan;
  return { budgetMs, onMiss, remainingMs, work, model, prediction, budgets, ladder: decision };
}
