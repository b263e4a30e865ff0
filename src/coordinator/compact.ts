/**
 * Compaction: base and old partitions of the delta become a new base, and the delta is recomputed for it in the same commit. Live
 * documents are the same before and after, which is checked before anyone may see it.
 */

import { randomUUID } from 'node:crypto';
import { TidemarkError } from '../base/errors.js';
import { toIso } from '../base/time.js';
import { commitManifest } from '../commit/commit.js';
import type { Manifest } from '../manifest/manifest.js';
import { readNewest } from '../manifest/newest.js';
import { composeManifest, statisticsOf } from './compose-manifest.js';
import type { RunContext, RunDependencies } from './context.js';
import { readCoveredParts } from './covered-parts.js';
import { type Fold, planFold, spanOf } from './fold.js';
import { type FoldedBase, foldBase } from './fold-base.js';
import { askGoldenQueries } from './golden-queries.js';
import { indexContext } from './index-context.js';
import { mergeParts } from './merge-delta.js';
import { entryOf } from './next-generation.js';
import { openIndexSegment } from './open-segments.js';
import { type PartRecord, readPartRecord } from './part-record.js';
import { PhaseTimer } from './phases.js';
import { sealKills } from './seal-kills.js';
import { sealPatches } from './seal-patches.js';
import type { IndexSettings } from './settings.js';
import { withCancel } from './with-cancel.js';

export interface CompactReport {
  readonly committed: boolean;
  /** Of the newest manifest: unchanged where there was nothing to fold. */
  readonly generation: number;
  readonly baseWatermark: string | null;
  /** Partitions that went from the delta into the base. */
  readonly folded: number;
  /** Documents and deletions that the new base is without. */
  readonly purged: number;
  readonly droppedTombstones: number;
  readonly docs: number;
  readonly live: number;
  readonly totalMs: number;
}

/** Races lost to runs: each of them took a build, while what a lost one repeats here is the delta alone. */
const MAX_RACES = 10;

/** Folds once. Keeps the epoch; fails with code `not-found` in an index without a generation. */
export async function compactIndex(
  deps: RunDependencies,
  settings: IndexSettings,
  signal: AbortSignal = new AbortController().signal,
): Promise<CompactReport> {
  const phases = new PhaseTimer(deps.clock);
  let upTo: number | undefined;
  for (let race = 0; race < MAX_RACES; race++) {
    const previous = await readNewest(deps.index, { signal });
    if (previous === undefined) {
      throw new TidemarkError('not-found', 'there is no index here: nothing was committed yet', {
        where: { index: deps.index.uri },
        fix: 'build one with tidemark build, or name another place',
      });
    }
    const context = compactContext(deps, settings, previous, phases, signal);
    const fold = planFold(previous, spanOf(settings.source.coverage), upTo);
    upTo = fold.upTo;
    const made = await withCancel(context, () => makeBase(context, previous, fold));
    if (made === undefined) return reportOf(previous, false, undefined, fold, phases);
    const rows = await sealBase(context, previous, fold, made, settings);
    const manifest = await sealPatches(deps.index, rows, previous, []);
    const result = await commitManifest(deps.index, manifest, signal);
    if (result.committed) return reportOf(manifest, true, made.base, fold, phases);
  }
  throw new TidemarkError('store', `another writer was first ${MAX_RACES} times in a row`, {
    where: { index: deps.index.uri },
    fix: 'compact while less is committed',
  });
}

interface MadeBase {
  readonly base: FoldedBase;
  readonly delta: PartRecord | undefined;
}

/** Undefined where the base would be what it is. */
async function makeBase(context: RunContext, previous: Manifest, fold: Fold): Promise<MadeBase | undefined> {
  const { phases, index } = context;
  const inputs = [...(await baseRecords(context, previous)), ...(await readCoveredParts(index, fold.fold))];
  if (inputs.length === 0) return undefined;
  const rest = await readCoveredParts(index, fold.rest);
  const delta = rest.length === 0 ? undefined : await phases.time('merge', () => mergeParts(context, rest));
  const opened = delta === undefined ? undefined : await openIndexSegment({ index }, entryOf(delta));
  const base = await phases.time('merge', () => foldBase(context, inputs, opened?.reader));
  const isSame = previous.base?.segments.length === 1 && base.record.segment.key === previous.base.segments[0]!.name;
  return isSame ? undefined : { base, delta };
}

async function baseRecords({ index }: RunContext, { base }: Manifest): Promise<PartRecord[]> {
  const records: PartRecord[] = [];
  for (const { name } of base?.segments ?? []) {
    const record = await readPartRecord(index, name);
    if (record === undefined) {
      throw new TidemarkError('corrupt', 'the record of a base segment is not there', {
        where: { segment: name },
        fix: 'build a new base: tidemark build --base',
      });
    }
    records.push(record);
  }
  return records;
}

async function sealBase(
  context: RunContext,
  previous: Manifest,
  fold: Fold,
  { base, delta }: MadeBase,
  settings: IndexSettings,
): Promise<Manifest> {
  const watermark = base.record.partitions.at(-1)!;
  const entries = { base: [entryOf(base.record)], delta: delta === undefined ? [] : [entryOf(delta)] };
  const segments = [...entries.base, ...entries.delta];
  const opened = await Promise.all(segments.map((entry) => openIndexSegment({ index: context.index }, entry)));
  const readers = opened.map(({ reader }) => reader);
  const baseNames = entries.base.map(({ name }) => name);
  // Another base: nothing is carried over.
  const { kills, set } = await context.phases.time('seal', () =>
    sealKills(context, undefined, segments, { readers, baseNames, covered: fold.rest }),
  );
  const { coverage } = previous;
  const manifest = composeManifest(context, previous, {
    base: { segments: entries.base, watermark },
    delta: entries.delta,
    kills,
    moved: set.moved,
    covered: fold.rest,
    skipped: coverage.skipped.filter(({ time }) => time > watermark),
    coverage: undefined,
    gap: coverage.gap,
    gaps: coverage.gaps.filter(({ to }) => to > watermark),
    newestModified: undefined,
    // What was late for the old base is in neither.
    lateBeyondBase: coverage.lateBeyondBase,
    rejected: base.record.rejected + (delta?.rejected ?? 0),
    statistics: statisticsOf(readers),
    epoch: previous.epoch,
    nonce: randomUUID(),
  });
  requireSameLive(previous, manifest);
  // The new base has document numbers of its own: patches are resolved for it anew.
  const patched = await sealPatches(context.index, manifest, previous, []);
  await askGoldenQueries(context.index, context.clock, patched, settings.gate.queries ?? []);
  return patched;
}

/** A compaction moves documents; it neither makes nor loses one. */
function requireSameLive(before: Manifest, after: Manifest): void {
  if (before.counts.live === after.counts.live) return;
  throw new TidemarkError(
    'gate',
    `the compacted index has ${after.counts.live} live documents, the one before ${before.counts.live}`,
    { fix: 'nothing was committed; run tidemark check, and report this with its answer' },
  );
}

function compactContext(
  deps: RunDependencies,
  settings: IndexSettings,
  previous: Manifest,
  phases: PhaseTimer,
  signal: AbortSignal,
): RunContext {
  return {
    ...indexContext(deps, settings, previous, phases, signal),
    schema: { ...settings.schema, replace: previous.schema.replace },
    fingerprint: previous.schema.fingerprint,
    knownTypes: new Map(),
    keptParts: new Map(),
  };
}

function reportOf(
  manifest: Manifest,
  committed: boolean,
  base: FoldedBase | undefined,
  fold: Fold,
  phases: PhaseTimer,
): CompactReport {
  return {
    committed,
    generation: manifest.generation,
    baseWatermark: manifest.base === null ? null : toIso(manifest.base.watermark),
    folded: committed ? fold.fold.length : 0,
    purged: base?.purged ?? 0,
    droppedTombstones: base?.droppedTombstones ?? 0,
    docs: manifest.counts.docs,
    live: manifest.counts.live,
    totalMs: phases.totalMs,
  };
}
