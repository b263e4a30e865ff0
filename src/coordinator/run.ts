/**
 * One run, top to bottom: select, read, build, merge, seal, commit.
 *
 * Parts come first, then the segment, then kill bitmaps, then the manifest; whatever fails on the way leaves the generation before as
 * it is, and what was finished is found again by its name.
 */

import { randomUUID } from 'node:crypto';
import { describeError, TidemarkError } from '../base/errors.js';
import { type Clock, toIso } from '../base/time.js';
import { commitManifest } from '../commit/commit.js';
import { openInput } from '../decode/input.js';
import { threadKernel } from '../kernel/kernel.js';
import type { Manifest } from '../manifest/manifest.js';
import { partKey } from '../manifest/names.js';
import { readNewest } from '../manifest/newest.js';
import { cancelFlag, type Pool, raiseCancel } from '../shard/pool.js';
import { objectSource } from '../store/byte-source.js';
import type { Store } from '../store/store.js';
import { partHash } from './build-part.js';
import { buildParts } from './build-parts.js';
import { composeManifest, type NextGeneration } from './compose-manifest.js';
import type { RunContext, RunProgress } from './context.js';
import { passGate } from './gate.js';
import { knownTypesOf } from './known-types.js';
import { mergeParts } from './merge-delta.js';
import { type PartRecord, readPartRecord } from './part-record.js';
import { type Phase, PhaseTimer } from './phases.js';
import { type RunReport, reportOf } from './report.js';
import { type KnownTypes, resolveTypes } from './resolve-plan.js';
import { sealKills } from './seal-kills.js';
import { type SelectedPartition, type SelectionResult, selectForRun } from './select-partitions.js';
import type { IndexSettings, SchemaSettings } from './settings.js';

/** What outlives a run. */
export interface RunDependencies {
  readonly source: Store;
  readonly index: Store;
  readonly pool: Pool;
  readonly clock: Clock;
}

export interface RunOptions {
  /** Build everything that is ready as a new base. */
  readonly base: boolean;
  /** Commit without the partitions whose data is bad. */
  readonly passOver: boolean;
  /** Partitions after this instant are left alone, ms since the epoch. */
  readonly until?: number | undefined;
  /** Epoch to commit under; that of the newest manifest unless told. */
  readonly epoch?: number | undefined;
  readonly shardRows?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onPhase?: (phase: Phase) => void;
  readonly onProgress?: (progress: RunProgress) => void;
}

/** How often a run starts over after another writer of the same epoch was first, or after its input changed while it was read. */
const MAX_RESTARTS = 5;

/** Does one run. Fails with the error that stopped it; the index is then as it was. */
export async function runOnce(deps: RunDependencies, settings: IndexSettings, options: RunOptions): Promise<RunReport> {
  for (let restarts = 0; ; restarts++) {
    const result = await attempt(deps, settings, options, restarts < MAX_RESTARTS);
    if (result === 'changed') continue;
    if ('report' in result) return result.report;
    const { other } = result;
    if (options.epoch !== undefined && other.epoch > options.epoch) {
      throw new TidemarkError('fenced', `generation ${other.generation} was committed under epoch ${other.epoch}`, {
        fix: 'another daemon has taken over; this one must stop',
      });
    }
    if (restarts >= MAX_RESTARTS) {
      throw new TidemarkError('store', `another writer was first ${restarts + 1} times in a row`, {
        where: { generation: other.generation },
        fix: 'find out who else writes to this index',
      });
    }
  }
}

/** A source object that was rewritten or removed under our hands is pinned anew: the run starts over from a fresh listing. */
async function attempt(
  deps: RunDependencies,
  settings: IndexSettings,
  options: RunOptions,
  mayRestart: boolean,
): Promise<Attempt | 'changed'> {
  try {
    return await tryRun(deps, settings, options);
  } catch (error) {
    if (mayRestart && error instanceof TidemarkError && error.code === 'changed') return 'changed';
    throw error;
  }
}

type Attempt = { readonly report: RunReport } | { readonly other: Manifest };

async function tryRun(deps: RunDependencies, settings: IndexSettings, options: RunOptions): Promise<Attempt> {
  const phases = new PhaseTimer(deps.clock, options.onPhase);
  const signal = options.signal ?? new AbortController().signal;
  const previous = await phases.time('select', () => readNewest(deps.index, { signal }));
  const { source } = deps;
  const selected = await phases.time('select', () =>
    selectForRun({
      source,
      settings: settings.source,
      manifest: previous,
      forBase: options.base,
      until: options.until,
      now: deps.clock.now(),
      signal,
    }),
  );
  if (selected.selection.partitions.length === 0) return { report: nothingToDo(previous, selected, phases) };
  const context = await openContext(deps, settings, options, previous, selected, phases, signal);
  requireSchema(previous, context.fingerprint, options.base);
  const late = lateTimes(previous, selected, context.fingerprint);
  if (!hasWork(selected, late, options.base)) return { report: nothingToDo(previous, selected, phases) };
  const { manifest, built } = await makeNext(context, settings, options, previous, selected, late);
  const result = await phases.time('commit', () => commitManifest(deps.index, manifest, signal));
  if (!result.committed) return { other: result.other };
  return { report: committedReport(manifest, phases, built) };
}

/** Everything up to the commit. A failure stops the workers that are still busy with this run. */
async function makeNext(
  context: RunContext,
  settings: IndexSettings,
  options: RunOptions,
  previous: Manifest | undefined,
  selected: SelectionResult,
  late: ReadonlySet<number>,
): Promise<{ readonly manifest: Manifest; readonly built: number }> {
  try {
    const next = await buildNext(context, selected, late, previous, options);
    return await context.phases.time('seal', () => sealNext(context, next, previous, settings, options));
  } catch (error) {
    raiseCancel(context.cancel);
    throw error;
  }
}

function requireSchema(previous: Manifest | undefined, fingerprint: string, base: boolean): void {
  if (previous === undefined || base || previous.schema.fingerprint === fingerprint) return;
  throw new TidemarkError('config', 'the schema is not the one that the index was built with', {
    where: { generation: previous.generation },
    fix: 'go back to the old schema, or build a new base with this one: tidemark build --base',
  });
}

/** Committed partitions whose objects are not those that were committed: changed, added to, or gone. */
function lateTimes(previous: Manifest | undefined, selected: SelectionResult, fingerprint: string): Set<number> {
  const late = new Set<number>();
  const now = new Map(selected.selection.partitions.map((partition) => [partition.time, partition]));
  for (const { time, part } of previous?.coverage.partitions ?? []) {
    const partition = now.get(time);
    if (partition === undefined || partHash(fingerprint, partition) !== part) late.add(time);
  }
  return late;
}

function hasWork({ selection }: SelectionResult, late: ReadonlySet<number>, base: boolean): boolean {
  if (selection.closeReason === 'refused') {
    throw new TidemarkError('gate', 'the partitions at hand leave a gap in what the delta must cover', {
      where: {
        gap: selection.gaps
          .map(({ from, to }) => `${from === undefined ? '..' : toIso(from)} to ${toIso(to)}`)
          .join(', '),
      },
      fix: 'bring the missing partitions, or set source.coverage.onGap to widen or publish',
    });
  }
  return base || late.size > 0 || selection.closeReason === 'complete';
}

function skippedOf({ selection }: SelectionResult): RunReport['skipped'] {
  return selection.skipped.map(({ time, reason, detail }) => ({ time: toIso(time), reason, detail }));
}

function nothingToDo(previous: Manifest | undefined, selected: SelectionResult, phases: PhaseTimer): RunReport {
  return reportOf(previous, {
    committed: false,
    closeReason: 'empty',
    skipped: skippedOf(selected),
    builtDocs: 0,
    phases: phases.times,
    totalMs: phases.totalMs,
    freshnessMs: null,
  });
}

function committedReport(manifest: Manifest, phases: PhaseTimer, builtDocs: number): RunReport {
  return reportOf(manifest, {
    committed: true,
    closeReason: manifest.closeReason,
    skipped: manifest.coverage.skipped.map(({ time, reason, detail }) => ({ time: toIso(time), reason, detail })),
    builtDocs,
    phases: phases.times,
    totalMs: phases.totalMs,
    freshnessMs: manifest.freshnessMs,
  });
}

async function openContext(
  deps: RunDependencies,
  settings: IndexSettings,
  options: RunOptions,
  previous: Manifest | undefined,
  selected: SelectionResult,
  phases: PhaseTimer,
  signal: AbortSignal,
): Promise<RunContext> {
  const knownTypes = options.base ? new Map() : await knownTypesOf(deps.index, previous);
  const schema = await resolveSchema(deps, settings, selected, knownTypes);
  const cancel = cancelFlag();
  signal.addEventListener('abort', () => raiseCancel(cancel), { once: true });
  return {
    ...deps,
    sourceConfig: settings.source.store,
    indexConfig: settings.index,
    kernel: threadKernel(),
    phases,
    schema,
    fingerprint: settings.fingerprintOf(schema),
    knownTypes,
    maxRejectRatio: settings.maxRejectRatio,
    shards: options.shardRows === undefined ? {} : { shardRows: options.shardRows },
    cancel,
    signal,
    ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
    plan: undefined,
  };
}

/** Fields typed `numeric` take their column's type: it is looked up in the newest object selected, once. */
async function resolveSchema(
  deps: RunDependencies,
  settings: IndexSettings,
  selected: SelectionResult,
  known: KnownTypes,
): Promise<SchemaSettings> {
  const { schema } = settings;
  if (schema.fields.every(({ name, type }) => type !== 'numeric' || known.has(name))) {
    return resolveTypes(schema, [], known);
  }
  const object = selected.selection.partitions.at(-1)!.objects[0]!;
  const file = await openInput(objectSource(deps.source, object), object);
  try {
    return resolveTypes(schema, [{ key: object.key, file }], known);
  } finally {
    file.close();
  }
}

interface BuiltGeneration {
  readonly base: PartRecord | undefined;
  readonly delta: PartRecord | undefined;
  readonly next: Pick<NextGeneration, 'covered' | 'skipped' | 'coverage' | 'gap' | 'gaps' | 'newestModified'>;
  readonly builtDocs: number;
}

async function buildNext(
  context: RunContext,
  selected: SelectionResult,
  late: ReadonlySet<number>,
  previous: Manifest | undefined,
  options: RunOptions,
): Promise<BuiltGeneration> {
  const { selection } = selected;
  const known = new Set(previous?.coverage.partitions.map(({ part }) => part));
  const { parts, bad } = await buildParts(context, selection.partitions, options.passOver);
  if (parts.length === 0) throw bad[0]!.error;
  const records = parts.map(({ record }) => record);
  const merged = await context.phases.time('merge', () => mergeParts(context, records));
  const covered = parts.map(({ partition }) => ({
    time: partition.time,
    part: partHash(context.fingerprint, partition),
    state: late.has(partition.time) ? ('late' as const) : ('read' as const),
  }));
  const quarantined = bad.map(({ partition, error }) => ({
    time: partition.time,
    reason: 'quarantined' as const,
    detail: describeError(error),
  }));
  const builtDocs = parts
    .filter((_, i) => !known.has(covered[i]!.part))
    .reduce((sum, { record }) => sum + record.segment.docs, 0);
  const next = {
    covered,
    skipped: [...selection.skipped, ...quarantined].sort((a, b) => a.time - b.time),
    coverage: selection.coverage,
    gap: selection.gap || bad.length > 0,
    gaps: selection.gaps,
    newestModified: newestModified(parts.map(({ partition }) => partition)),
  };
  if (!options.base) return { base: undefined, delta: merged, next, builtDocs };
  const kept = await deltaBeyond(context, previous, records);
  return { base: merged, delta: kept.delta, next: { ...next, covered: kept.covered }, builtDocs };
}

function newestModified(partitions: readonly SelectedPartition[]): number | undefined {
  return partitions.at(-1)?.newestModified;
}

/** A new base takes its delta along: the parts beyond it, merged anew in the same commit. */
async function deltaBeyond(context: RunContext, previous: Manifest | undefined, base: readonly PartRecord[]) {
  const watermark = Math.max(...base.flatMap(({ partitions }) => partitions));
  const same = previous?.schema.fingerprint === context.fingerprint;
  const covered = same ? previous.coverage.partitions.filter(({ time }) => time > watermark) : [];
  const records: PartRecord[] = [];
  for (const { part } of covered) {
    const record = await readPartRecord(context.index, partKey(part));
    if (record !== undefined) records.push(record);
  }
  const delta = records.length === 0 ? undefined : await mergeParts(context, records);
  return { delta, covered };
}

async function sealNext(
  context: RunContext,
  built: BuiltGeneration,
  previous: Manifest | undefined,
  settings: IndexSettings,
  options: RunOptions,
): Promise<{ readonly manifest: Manifest; readonly built: number }> {
  const entryOf = ({ segment, partitions }: PartRecord) => ({
    name: segment.key,
    bytes: segment.bytes,
    sha256: segment.sha256,
    docs: segment.docs,
    partitions: { count: partitions.length, runs: [[partitions[0]!, partitions.at(-1)!] as [number, number]] },
  });
  const base =
    built.base === undefined
      ? previous?.base
      : { segments: [entryOf(built.base)], watermark: built.base.partitions.at(-1)! };
  const delta = built.delta === undefined ? [] : [entryOf(built.delta)];
  const { kills, moved } = await sealKills(context, [...(base?.segments ?? []), ...delta]);
  const rejected = (built.base?.rejected ?? 0) + (built.delta?.rejected ?? 0);
  const manifest = await composeManifest(context, previous, {
    ...built.next,
    base,
    delta,
    kills,
    moved,
    rejected,
    epoch: options.epoch ?? previous?.epoch ?? 1,
    nonce: randomUUID(),
  });
  passGate(manifest.counts, previous, settings.gate);
  return { manifest, built: built.builtDocs };
}
