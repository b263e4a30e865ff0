/** What a run tells when it is over: the JSON shape that other programs rely on. */

import { toIso } from '../base/time.js';
import type { Manifest } from '../manifest/manifest.js';
import type { PhaseTimes } from './phases.js';

export interface RunReport {
  /** Of the newest manifest: unchanged where nothing was committed. */
  readonly generation: number;
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
  readonly segments: readonly { readonly name: string; readonly bytes: number; readonly docs: number }[];
  /** Documents built by this run: those of parts that were not there before. */
  readonly builtDocs: number;
  readonly phases: PhaseTimes;
  readonly totalMs: number;
  readonly freshnessMs: number | null;
}

/** The report of a run that ended at this manifest. */
export function reportOf(
  manifest: Manifest | undefined,
  run: Pick<RunReport, 'committed' | 'closeReason' | 'skipped' | 'builtDocs' | 'phases' | 'totalMs' | 'freshnessMs'>,
): RunReport {
  const counts = manifest?.counts ?? { docs: 0, live: 0, killed: 0, rejected: 0, moved: 0 };
  const segments = [...(manifest?.base?.segments ?? []), ...(manifest?.delta.segments ?? [])];
  return {
    generation: manifest?.generation ?? 0,
    watermark: manifest?.watermark === undefined ? null : toIso(manifest.watermark),
    outcome: 'met',
    ...counts,
    segments: segments.map(({ name, bytes, docs }) => ({ name, bytes, docs })),
    ...run,
  };
}
