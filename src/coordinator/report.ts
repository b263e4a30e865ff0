/** What a run tells when it is over: the JSON shape that other programs rely on. */

import { toIso } from '../base/time.js';
import type { Manifest } from '../manifest/manifest.js';
import type { PhaseTimer, PhaseTimes } from './phases.js';
import type { SelectionResult } from './select-partitions.js';

export interface RunReport {
  /** Of the newest manifest: unchanged where nothing was committed. */
  readonly generation: number;
  /** Of the newest manifest; 0 before the first commit. */
  readonly epoch: number;
  readonly committed: boolean;
  /** ISO-8601 UTC; null before the first commit. */
  readonly watermark: string | null;
  readonly closeReason: Manifest['closeReason'];
  readonly outcome: Manifest['outcome'];
  readonly docs: number;
  readonly live: number;
  readonly killed: number;
  readonly rejected: number;
  readonly moved: number;
  readonly skipped: readonly { readonly time: string; readonly reason: string; readonly detail?: string | undefined }[];
  /** Names under the source that are no partition or no data, with the reason. */
  readonly ignored: readonly { readonly key: string; readonly reason: string }[];
  readonly segments: readonly { readonly name: string; readonly bytes: number; readonly docs: number }[];
  /** Documents built by this run: those of parts that were not there before. */
  readonly builtDocs: number;
  readonly phases: PhaseTimes;
  readonly totalMs: number;
  readonly freshnessMs: number | null;
  /** Partitions whose time lies too far ahead, as far as they were met. */
  readonly future: readonly { readonly time: string; readonly prefix: string }[];
}

/** A run that committed. */
export function committedReport(
  manifest: Manifest,
  selected: SelectionResult,
  phases: PhaseTimer,
  builtDocs: number,
): RunReport {
  const { closeReason, freshnessMs } = manifest;
  return reportOf(manifest, selected, phases, { committed: true, closeReason, builtDocs, freshnessMs });
}

/** A run that found nothing new; `manifest` is the generation that stays. */
export function idleReport(manifest: Manifest | undefined, selected: SelectionResult, phases: PhaseTimer): RunReport {
  return reportOf(manifest, selected, phases, {
    committed: false,
    closeReason: 'empty',
    builtDocs: 0,
    freshnessMs: null,
  });
}

function reportOf(
  manifest: Manifest | undefined,
  { selection, listing }: SelectionResult,
  phases: PhaseTimer,
  run: Pick<RunReport, 'committed' | 'closeReason' | 'builtDocs' | 'freshnessMs'>,
): RunReport {
  const counts = manifest?.counts ?? { docs: 0, live: 0, killed: 0, rejected: 0, moved: 0 };
  const segments = [...(manifest?.base?.segments ?? []), ...(manifest?.delta.segments ?? [])];
  return {
    generation: manifest?.generation ?? 0,
    epoch: manifest?.epoch ?? 0,
    watermark: manifest?.watermark === undefined ? null : toIso(manifest.watermark),
    outcome: 'met',
    ...counts,
    skipped: selection.skipped.map(({ time, reason, detail }) => ({ time: toIso(time), reason, detail })),
    ignored: listing.ignored,
    future: listing.future.map(({ time, prefix }) => ({ time: toIso(time), prefix })),
    segments: segments.map(({ name, bytes, docs }) => ({ name, bytes, docs })),
    phases: phases.times,
    totalMs: phases.totalMs,
    ...run,
  };
}
