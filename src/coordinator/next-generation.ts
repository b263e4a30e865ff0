/** The next generation, from parts to manifest: everything between selecting and committing. */

import { randomUUID } from 'node:crypto';
import type { Manifest } from '../manifest/manifest.js';
import { partHash } from './build-part.js';
import { type BuiltParts, buildParts } from './build-parts.js';
import { composeManifest, type NextGeneration, statisticsOf } from './compose-manifest.js';
import type { RunContext, RunOptions } from './context.js';
import { readCoveredParts } from './covered-parts.js';
import { hasWork, lateTimes } from './find-work.js';
import { passGate } from './gate.js';
import { askGoldenQueries } from './golden-queries.js';
import { mergeParts } from './merge-delta.js';
import { openIndexSegment } from './open-segments.js';
import type { PartRecord } from './part-record.js';
import { type SealedEntry, sealKills } from './seal-kills.js';
import type { SelectedPartition, SelectionResult } from './select-partitions.js';
import type { IndexSettings } from './settings.js';

/** Merged segments that are not visible yet. Without parts there is nothing to commit. */
export interface BuiltGeneration {
  readonly parts: BuiltParts<SelectedPartition>['parts'];
  /** What was selected in the end, bad partitions set aside. */
  readonly selected: SelectionResult;
  readonly base: PartRecord | undefined;
  readonly delta: PartRecord | undefined;
  readonly covered: NextGeneration['covered'];
  /** Documents of parts that were not there before. */
  readonly builtDocs: number;
}

/** Builds the parts, sets bad ones aside where that is allowed, and merges what is left. */
export async function buildNext(
  context: RunContext,
  selected: SelectionResult,
  previous: Manifest | undefined,
  options: RunOptions,
): Promise<BuiltGeneration> {
  const known = new Set(previous?.coverage.partitions.map(({ part }) => part));
  let current = selected;
  let built = await buildParts(context, current.selection.partitions, options.passOver);
  while (built.bad.size > 0) {
    // Without the bad ones coverage may ask for others; parts that are built already are found by their names.
    current = current.without(built.bad);
    const worth = hasWork(context, current, previous, options.base);
    built = await buildParts(context, worth ? current.selection.partitions : [], options.passOver);
  }
  const { parts } = built;
  const records = parts.map(({ record }) => record);
  const late = lateTimes(context, previous, current);
  const covered = parts.map(({ partition }) => ({
    time: partition.time,
    part: partHash(context, partition),
    state: late.has(partition.time) ? ('late' as const) : ('read' as const),
  }));
  const builtDocs = parts
    .filter((_, i) => !known.has(covered[i]!.part))
    .reduce((sum, { record }) => sum + record.segment.docs, 0);
  const rest = { parts, selected: current, builtDocs };
  if (parts.length === 0) return { ...rest, base: undefined, delta: undefined, covered };
  const merged = await context.phases.time('merge', () => mergeParts(context, records));
  if (!options.base) return { ...rest, base: undefined, delta: merged, covered };
  return { ...rest, base: merged, ...(await deltaBeyond(context, previous, records)) };
}

/** A new base takes its delta along: the parts beyond it, merged anew in the same commit. */
async function deltaBeyond(context: RunContext, previous: Manifest | undefined, base: readonly PartRecord[]) {
  const watermark = Math.max(...base.flatMap(({ partitions }) => partitions));
  const same = previous?.schema.fingerprint === context.fingerprint;
  const covered = same ? previous.coverage.partitions.filter(({ time }) => time > watermark) : [];
  const records = await readCoveredParts(context.index, covered);
  const delta = records.length === 0 ? undefined : await mergeParts(context, records);
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
): Promise<Manifest> {
  const base =
    built.base === undefined
      ? previous?.base
      : { segments: [entryOf(built.base)], watermark: built.base.partitions.at(-1)! };
  const delta = built.delta === undefined ? [] : [entryOf(built.delta)];
  const segments = [...(base?.segments ?? []), ...delta];
  const opened = await Promise.all(segments.map((entry) => openIndexSegment(context.index, entry)));
  const readers = opened.map(({ reader }) => reader);
  const { kills, moved } = await sealKills(context, segments, readers);
  const rejected = (built.base?.rejected ?? 0) + (built.delta?.rejected ?? 0);
  const { selection } = built.selected;
  const manifest = composeManifest(context, previous, {
    covered: built.covered,
    skipped: selection.skipped,
    coverage: selection.coverage,
    gap: selection.gap || (options.base && leavesOut(built, previous)),
    gaps: selection.gaps,
    newestModified: built.parts.at(-1)?.partition.newestModified,
    base,
    delta,
    kills,
    moved,
    statistics: statisticsOf(readers),
    rejected,
    epoch: options.epoch ?? previous?.epoch ?? 1,
    nonce: randomUUID(),
  });
  if (options.forceGate) return manifest;
  passGate(manifest.counts, previous, settings.gate);
  await askGoldenQueries(context.index, context.clock, manifest, settings.gate.queries ?? []);
  return manifest;
}
