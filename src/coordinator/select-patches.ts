/** Phase `select` for column patches: each source has a watermark and a coverage of its own, under the rules of the rows' source. */

import { assert, TidemarkError } from '../base/errors.js';
import { toIso } from '../base/time.js';
import type { Manifest, PatchSource } from '../manifest/manifest.js';
import type { PatchPlan } from '../patches/read-part.js';
import { PATCH_PART } from '../segment/patch-part.js';
import type { Store } from '../store/store.js';
import type { PinnedPartition } from './build-part.js';
import type { RunDependencies, RunOptions } from './context.js';
import { hashPlan } from './part-record.js';
import { type SelectionResult, selectForRun } from './select-partitions.js';
import type { IndexSettings, PatchSettings } from './settings.js';

/** What a run may read of one patch source. */
export interface SelectedPatches {
  readonly settings: PatchSettings;
  readonly store: Store;
  readonly plan: PatchPlan;
  /** Digest of the plan: parts of another one are of no use. */
  readonly planHash: string;
  /** What the newest manifest says of it, where that was made by the same plan. */
  readonly previous: PatchSource | undefined;
  readonly listed: SelectionResult;
}

export async function selectPatches(
  deps: RunDependencies,
  settings: IndexSettings,
  options: RunOptions,
  manifest: Manifest | undefined,
  signal: AbortSignal,
): Promise<SelectedPatches[]> {
  const selected: SelectedPatches[] = [];
  for (const patch of settings.patches ?? []) {
    const store = deps.patches?.get(patch.name);
    assert(store !== undefined, `the store of patches ${patch.name} is open`);
    const { id, version, fields } = patch;
    const plan: PatchPlan = { id, version, fields };
    const planHash = hashPlan({ patch: PATCH_PART.version, plan, replace: settings.schema.replace });
    const previous = manifest?.patches?.find(({ name, plan: known }) => name === patch.name && known === planHash);
    const listed = await selectForRun({
      source: store,
      index: deps.index,
      maker: planHash,
      settings: patch.source,
      manifest: asManifest(manifest, previous),
      forBase: false,
      until: options.until,
      now: deps.clock.now(),
      signal,
    });
    selected.push({ settings: patch, store, plan, planHash, previous, listed });
  }
  return selected;
}

/** A patch source is selected from as rows are, with what is folded in the place of a base. */
function asManifest(manifest: Manifest | undefined, patches: PatchSource | undefined): Manifest | undefined {
  if (manifest === undefined || patches === undefined) return undefined;
  const { watermark, coverage, folded, held = [] } = patches;
  const base = folded === null ? null : { segments: [], watermark: folded.to };
  return { ...manifest, watermark, coverage, base, held };
}

/** Names a patch part by all that decides its content. */
export function patchHash({ planHash }: Pick<SelectedPatches, 'planHash'>, partition: PinnedPartition): string {
  const objects = partition.objects.map(({ key, size, etag }) => [key, size, etag]);
  return hashPlan({ plan: planHash, time: partition.time, objects });
}

/** Times of covered partitions whose objects are not those that were read. */
export function latePatches(selected: SelectedPatches): ReadonlySet<number> {
  const now = new Map(selected.listed.selection.partitions.map((partition) => [partition.time, partition]));
  const late = new Set<number>();
  for (const { time, part } of selected.previous?.coverage.partitions ?? []) {
    const partition = now.get(time);
    if (partition === undefined || patchHash(selected, partition) !== part) late.add(time);
  }
  return late;
}

/** Whether a source has anything that the index has not; fails with code `gate` where its policy refuses a gap. */
export function hasPatches(selected: SelectedPatches): boolean {
  const { closeReason, gaps, partitions } = selected.listed.selection;
  if (closeReason === 'refused') {
    const spelled = gaps.map(({ from, to }) => `${from === undefined ? '..' : toIso(from)} to ${toIso(to)}`);
    throw new TidemarkError('gate', `the partitions of patches ${selected.settings.name} leave a gap`, {
      where: { gap: spelled.join(', ') },
      fix: 'bring the missing partitions, or set coverage.onGap of the patches to widen or publish',
    });
  }
  return (partitions.length > 0 && closeReason === 'complete') || latePatches(selected).size > 0;
}
