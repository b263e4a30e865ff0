/** Partitions that a rollback holds back: they are not read until `resume`; what the older generation has of them stays as it is. */

import type { Manifest } from '../manifest/manifest.js';
import { partKey } from '../manifest/names.js';
import type { Store } from '../store/store.js';
import { readPartRecord } from './part-record.js';
import type { SelectedPartition } from './select-partitions.js';

/** Told with every skipped partition that is held. */
export const HELD_DETAIL = 'held by a rollback until tidemark resume';

/** Whether a partition is held. */
export function isHeld(held: Manifest['held'], time: number): boolean {
  return held.some(({ from, to }) => (from === undefined || time > from) && time <= to);
}

/**
 * Held candidates that the manifest covers keep the objects that their part was built from, whatever lies in the source by now; the
 * others are not read.
 */
export async function holdBack(
  candidates: readonly SelectedPartition[],
  manifest: Manifest | undefined,
  index: Store,
): Promise<SelectedPartition[]> {
  const held = manifest?.held ?? [];
  if (held.length === 0) return [...candidates];
  const covered = new Map(manifest?.coverage.partitions.map(({ time, part }) => [time, part]));
  return Promise.all(
    candidates.map(async (candidate): Promise<SelectedPartition> => {
      if (!isHeld(held, candidate.time)) return candidate;
      const part = covered.get(candidate.time);
      const record = part === undefined ? undefined : await readPartRecord(index, partKey(part));
      if (record === undefined) return { ...candidate, state: 'held', detail: HELD_DETAIL };
      return { ...candidate, objects: record.objects, state: 'ready' };
    }),
  );
}

/** A base may only hold what lies before everything that is held: what it reaches beyond is never read for a delta again. */
export function baseUntil(manifest: Manifest | undefined, until: number | undefined): number | undefined {
  const from = Math.min(...(manifest?.held ?? []).map((span) => span.from ?? Number.NEGATIVE_INFINITY));
  return from === Number.POSITIVE_INFINITY ? until : Math.min(from, until ?? from);
}
