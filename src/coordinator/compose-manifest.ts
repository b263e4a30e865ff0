/** The next generation as one object: all that a reader needs, and the evidence of the run that made it. */

import type { CoveredPartition, KillEntry, Manifest, SkippedPartition, TimeSpan } from '../manifest/manifest.js';
import { MANIFEST_FORMAT } from '../manifest/manifest.js';
import { advanceWatermark } from '../partition/watermark.js';
import type { SegmentReader } from '../segment/reader.js';
import type { RunContext } from './context.js';
import type { SealedEntry } from './seal-kills.js';

export interface NextGeneration {
  readonly base: { readonly segments: readonly SealedEntry[]; readonly watermark: number } | null | undefined;
  readonly delta: readonly SealedEntry[];
  readonly kills: Readonly<Record<string, KillEntry>>;
  readonly covered: readonly CoveredPartition[];
  readonly skipped: readonly SkippedPartition[];
  readonly coverage: TimeSpan | undefined;
  readonly gap: boolean;
  readonly gaps: readonly TimeSpan[];
  /** LastModified of the newest partition's last object, ms since the epoch. */
  readonly newestModified: number | undefined;
  readonly rejected: number;
  readonly moved: number;
  readonly statistics: Manifest['statistics'];
  readonly epoch: number;
  readonly nonce: string;
}

export function composeManifest(context: RunContext, previous: Manifest | undefined, next: NextGeneration): Manifest {
  const now = context.clock.now();
  const withLive = (entry: SealedEntry) => ({ ...entry, live: entry.docs - (next.kills[entry.name]?.count ?? 0) });
  const base = next.base == null ? null : { ...next.base, segments: next.base.segments.map(withLive) };
  const delta = { segments: next.delta.map(withLive) };
  const all = [...(base?.segments ?? []), ...delta.segments];
  const docs = all.reduce((sum, entry) => sum + entry.docs, 0);
  const live = all.reduce((sum, entry) => sum + entry.live, 0);
  const latest = Math.max(...all.flatMap(({ partitions }) => partitions.runs.map(([, last]) => last)));
  return {
    format: MANIFEST_FORMAT,
    generation: (previous?.generation ?? 0) + 1,
    epoch: next.epoch,
    nonce: next.nonce,
    parent: previous?.nonce,
    createdAt: now,
    watermark: advanceWatermark(previous?.watermark, latest),
    closeReason: 'complete',
    outcome: 'met',
    coverage: {
      from: base === null ? next.coverage?.from : base.watermark,
      to: next.covered.at(-1)?.time ?? base?.watermark,
      partitions: [...next.covered],
      skipped: [...next.skipped],
      gap: next.gap,
      gaps: [...next.gaps],
      lateBeyondBase: previous?.coverage.lateBeyondBase ?? 0,
    },
    base,
    delta,
    kills: { ...next.kills },
    schema: { fingerprint: context.fingerprint, replace: context.schema.replace },
    statistics: next.statistics,
    counts: { docs, live, killed: docs - live, rejected: next.rejected, moved: next.moved },
    phases: context.phases.times,
    totalMs: context.phases.totalMs,
    freshnessMs: next.newestModified === undefined ? null : Math.max(0, Math.round(now - next.newestModified)),
    held: previous?.held ?? [],
  };
}

/** Sums over stored documents per text field, as scores are computed from. */
export function statisticsOf(segments: readonly SegmentReader[]): Manifest['statistics'] {
  const statistics: Record<string, { docs: number; tokens: number }> = {};
  for (const { footer } of segments) {
    for (const { name, type, docCount, sumTotalTermFreq } of footer.fields) {
      if (type !== 'text') continue;
      const sum = statistics[name] ?? { docs: 0, tokens: 0 };
      statistics[name] = { docs: sum.docs + docCount, tokens: sum.tokens + (sumTotalTermFreq ?? 0) };
    }
  }
  return statistics;
}
