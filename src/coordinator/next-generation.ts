/** The next generation, from parts to manifest: everything between selecting and committing. */

import { randomUUID } from 'node:crypto';
import type { KillSet } from '../kills/resolve.js';
import type { Manifest } from '../manifest/manifest.js';
import { partName } from './build-part.js';
import { buildParts } from './build-parts.js';
import { composeManifest, type NextGeneration, statisticsOf } from './compose-manifest.js';
import type { RunContext, RunOptions } from './context.js';
import { readCoveredParts } from './covered-parts.js';
import { layoutFor } from './delta-layout.js';
import { type DeltaPiece, type NamedPart, planDelta } from './delta-plan.js';
import { hasWork, lateTimes } from './find-work.js';
import { passGate } from './gate.js';
import { lateCount } from './late-beyond-base.js';
import { mergeParts } from './merge-delta.js';
import { mergePieces, takeMerged } from './merge-tiers.js';
import { openIndexSegment } from './open-segments.js';
import type { PartRecord } from './part-record.js';
import { type SealedEntry, sealKills } from './seal-kills.js';
import type { SelectedPartition, SelectionResult } from './select-partitions.js';
import type { IndexSettings } from './settings.js';

/** Merged segments that are not visible yet. Without segments of its own there is nothing to commit. */
export interface BuiltGeneration {
  /** What was selected in the end, bad partitions set aside. */
  readonly selected: SelectionResult;
  readonly base: PartRecord | undefined;
  /** In time order. */
  readonly delta: readonly PartRecord[];
  readonly covered: NextGeneration['covered'];
  /** Documents of parts that were not there before. */
  readonly builtDocs: number;
  /** Times of committed partitions whose objects are others now. */
  readonly late: ReadonlySet<number>;
}

/** Builds the parts, sets bad ones aside where that is allowed, and merges what is left. */
export async function buildNext(
  context: RunContext,
  selected: SelectionResult,
  previous: Manifest | undefined,
  settings: IndexSettings,
  options: RunOptions,
): Promise<BuiltGeneration> {
  const known = new Set(previous?.coverage.partitions.map(({ part }) => part));
  let current = selected;
  let plan = await planParts(context, current, previous, settings, options);
  let built = await buildParts(context, plan.needed, options.passOver);
  while (built.bad.size > 0) {
    // Without the bad ones coverage may ask for others; parts that are built already are found by their names.
    current = current.without(built.bad);
    const worth = hasWork(context, current, previous, options.base);
    plan = await planParts(context, worth ? current : undefined, previous, settings, options);
    built = await buildParts(context, plan.needed, options.passOver);
  }
  const late = lateTimes(context, previous, current);
  const covered = plan.named.map(({ time, part }) => ({
    time,
    part,
    state: late.has(time) ? ('late' as const) : ('read' as const),
  }));
  const builtDocs = built.parts
    .filter(({ partition }) => !known.has(partName(context, partition)))
    .reduce((sum, { record }) => sum + record.segment.docs, 0);
  const rest = { selected: current, builtDocs, late };
  if (plan.named.length === 0) return { ...rest, base: undefined, delta: [], covered };
  const records = new Map(built.parts.map(({ partition, record }) => [partition.time, record]));
  const pieces = secondLook(context, plan, previous, records, builtDocs);
  const merged = await context.phases.time('merge', () => mergePieces(context, pieces, records));
  if (!options.base) return { ...rest, base: undefined, delta: merged, covered };
  return { ...rest, base: merged[0]!, ...(await deltaBeyond(context, previous, merged[0]!)) };
}

/** The fold of a window that would end too late by now is left for later: the ladder's step `tiered`, taken before the merge. */
function secondLook(
  { foldFits, notes }: RunContext,
  { named, pieces }: PartsPlan,
  previous: Manifest | undefined,
  records: ReadonlyMap<number, PartRecord>,
  newDocs: number,
): readonly DeltaPiece[] {
  const [window] = pieces;
  if (foldFits === undefined || window === undefined || window.kept !== undefined || window.times.length < 2)
    return pieces;
  const bytes = window.times.reduce((sum, time) => sum + (records.get(time)?.segment.bytes ?? 0), 0);
  if (foldFits(window.times.length, bytes, newDocs)) return pieces;
  const apart = planDelta('tiered', previous, named);
  // Without anything to keep, segments of their own would be the same work.
  if (apart.every(({ kept }) => kept === undefined)) return pieces;
  notes.steps.push('tiered');
  return apart;
}

interface PartsPlan {
  /** Everything selected, by the names of its parts. */
  readonly named: readonly NamedPart[];
  readonly pieces: readonly DeltaPiece[];
  /** Partitions of segments that are to be made. */
  readonly needed: readonly SelectedPartition[];
}

async function planParts(
  context: RunContext,
  selected: SelectionResult | undefined,
  previous: Manifest | undefined,
  settings: IndexSettings,
  options: RunOptions,
): Promise<PartsPlan> {
  const partitions = selected?.selection.partitions ?? [];
  const named = partitions.map((partition) => ({ time: partition.time, part: partName(context, partition) }));
  const layout = options.base ? 'window' : (context.layout ?? layoutFor(context, settings.delta, previous));
  const pieces = await takeMerged(context, planDelta(layout, options.base ? undefined : previous, named));
  const made = new Set(pieces.filter(({ kept }) => kept === undefined).flatMap(({ times }) => times));
  return { named, pieces, needed: partitions.filter(({ time }) => made.has(time)) };
}

/** A new base takes its delta along: the parts beyond it, merged anew in the same commit. */
async function deltaBeyond(context: RunContext, previous: Manifest | undefined, base: PartRecord) {
  const watermark = base.partitions.at(-1)!;
  const same = previous?.schema.fingerprint === context.fingerprint;
  const covered = same ? previous.coverage.partitions.filter(({ time }) => time > watermark) : [];
  const records = await readCoveredParts(context.index, covered);
  const delta = records.length === 0 ? [] : [await mergeParts(context, records)];
  return { delta, covered };
}

/**
 * A new base may end before what its delta holds: whatever was set aside between them is missing. A gap that was told before
 * stays told while there is such a delta; the next run looks at it anew.
 */
function leavesOut({ base, covered, selected }: BuiltGeneration, previous: Manifest | undefined): boolean {
  const from = base?.partitions.at(-1) ?? Number.NEGATIVE_INFINITY;
  const to = covered.at(-1)?.time ?? Number.NEGATIVE_INFINITY;
  const held = new Set(covered.map(({ time }) => time));
  const isSetAside = (reason: string) => reason === 'quarantined' || reason === 'held';
  const isMissing = selected.selection.skipped.some(
    ({ time, reason }) => time < to && isSetAside(reason) && !held.has(time),
  );
  return isMissing || (to > from && previous?.coverage.gap === true);
}

/** A segment as a manifest names it, its live documents still unknown. */
export function entryOf({ segment, partitions }: PartRecord): SealedEntry {
  return {
    name: segment.key,
    bytes: segment.bytes,
    sha256: segment.sha256,
    docs: segment.docs,
    partitions: { count: partitions.length, runs: [[partitions[0]!, partitions.at(-1)!]] },
  };
}

/** Resolves kills, composes the manifest and holds it against the gate. */
export async function sealNext(
  context: RunContext,
  built: BuiltGeneration,
  previous: Manifest | undefined,
  settings: IndexSettings,
  options: RunOptions,
): Promise<{ readonly manifest: Manifest; readonly kills: KillSet }> {
  const base =
    built.base === undefined
      ? previous?.base
      : { segments: [entryOf(built.base)], watermark: built.base.partitions.at(-1)! };
  const delta = built.delta.map(entryOf);
  const segments = [...(base?.segments ?? []), ...delta];
  const opened = await Promise.all(segments.map((entry) => openIndexSegment(context, entry)));
  const readers = opened.map(({ reader }) => reader);
  const { kills, set } = await sealKills(context, previous, segments, {
    readers,
    baseNames: (base?.segments ?? []).map(({ name }) => name),
    covered: built.covered,
  });
  const rejected = built.delta.reduce((sum, record) => sum + record.rejected, built.base?.rejected ?? 0);
  const { selection } = built.selected;
  const manifest = composeManifest(context, previous, {
    covered: built.covered,
    skipped: selection.skipped,
    coverage: selection.coverage,
    gap: selection.gap || (options.base && leavesOut(built, previous)),
    gaps: selection.gaps,
    newestModified: selection.partitions.at(-1)?.newestModified,
    base,
    delta,
    kills,
    moved: set.moved,
    statistics: statisticsOf(readers),
    rejected,
    // A new base was built from what is there now.
    lateBeyondBase: built.base === undefined ? lateCount(context, previous) : 0,
    epoch: options.epoch ?? previous?.epoch ?? 1,
    nonce: randomUUID(),
  });
  if (!options.forceGate) passGate(manifest.counts, previous, settings.gate);
  return { manifest, kills: set };
}
