/**
 * Resolves patches against the segments of the generation that is about to be committed, and writes what they come to as overlays.
 *
 * A segment that the generation before had too, with no document back from the dead, keeps its layers: only new patches are looked up in
 * it. Any other gets all patches that are covered. Readers load the overlays by the manifest and never look an id up.
 */

import { createHash } from 'node:crypto';
import { TidemarkError } from '../base/errors.js';
import type { Manifest, PatchOverlay, PatchSource, SegmentEntry } from '../manifest/manifest.js';
import { overlayKey, planHash } from '../manifest/names.js';
import { foldedLayers, foldLayers } from '../patches/layers.js';
import { type ResolvedPatches, resolvePatches } from '../patches/resolve.js';
import { decodeKillBitmap, isKilled } from '../segment/kill-bitmap.js';
import { decodeOverlay, encodeOverlay, type Overlay, overlayOf } from '../segment/overlay.js';
import type { PatchPart } from '../segment/patch-part.js';
import type { SegmentReader } from '../segment/reader.js';
import type { Store } from '../store/store.js';
import { type BuiltPatches, readPatches } from './build-patches.js';
import { openIndexSegment } from './open-segments.js';

/** A segment of the new generation. */
interface Target {
  readonly entry: SegmentEntry;
  readonly reader: SegmentReader;
  readonly killed: Uint8Array | undefined;
  /** Whether what the generation before resolved for it still holds. */
  readonly isSettled: boolean;
}

/** `manifest` with its patches resolved; sources that are not among `built` stand as they were. */
export async function sealPatches(
  index: Store,
  manifest: Manifest,
  previous: Manifest | undefined,
  built: readonly BuiltPatches[],
): Promise<Manifest> {
  const names = new Set(built.map(({ state }) => state.name));
  const kept = (previous?.patches ?? []).filter(({ name }) => !names.has(name));
  const unchanged = kept.map((state) => ({ state, fresh: new Set<string>(), isAdded: true }));
  const sources = [...unchanged, ...built].sort((a, b) => (a.state.name < b.state.name ? -1 : 1));
  if (sources.length === 0) return manifest;
  const targets = await openTargets(index, manifest, previous);
  const overlays: Record<string, PatchOverlay[]> = {};
  const states: PatchSource[] = [];
  for (const source of sources) {
    requireFields(source.state, targets);
    states.push(await sealSource(index, manifest, previous, source, targets, overlays));
  }
  return { ...manifest, patches: states, overlays };
}

async function openTargets(index: Store, manifest: Manifest, previous: Manifest | undefined): Promise<Target[]> {
  const known = new Map(segmentsOf(previous).map((entry) => [entry.name, entry.sha256]));
  return Promise.all(
    segmentsOf(manifest).map(async (entry): Promise<Target> => {
      const { reader } = await openIndexSegment(index, entry);
      const killed = await killsOf(index, manifest, entry);
      const isSame = known.get(entry.name) === entry.sha256;
      const before = isSame ? await killsOf(index, previous!, entry) : undefined;
      return { entry, reader, killed, isSettled: isSame && isWithin(before, killed) };
    }),
  );
}

function segmentsOf(manifest: Manifest | undefined): readonly SegmentEntry[] {
  return [...(manifest?.base?.segments ?? []), ...(manifest?.delta.segments ?? [])];
}

async function killsOf(index: Store, manifest: Manifest, entry: SegmentEntry): Promise<Uint8Array | undefined> {
  const kills = manifest.kills[entry.name];
  if (kills === undefined) return undefined;
  return decodeKillBitmap(await index.read(kills.object), { object: kills.object }, entry).bits;
}

/** Whether every document killed before is killed now: a document that is back needs its patches looked up. */
function isWithin(before: Uint8Array | undefined, now: Uint8Array | undefined): boolean {
  return before === undefined || before.every((byte, i) => (byte & ~(now?.[i] ?? 0)) === 0);
}

/** A patch brings what the rows have: a field of theirs, of the same type. */
function requireFields({ name: source, fields }: PatchSource, targets: readonly Target[]): void {
  for (const [name, type] of Object.entries(fields)) {
    for (const { reader } of targets) {
      const found = reader.field(name)?.type;
      if (found === type) continue;
      const message = found === undefined ? 'is no field of the index' : `is ${found} in the index and ${type} here`;
      throw new TidemarkError('config', `field '${name}' of patches ${source} ${message}`, {
        where: { segment: reader.name },
        fix: 'name fields of the schema, each with its type there',
      });
    }
  }
}

/** Fills the layers of a source's fields into `overlays`. */
async function sealSource(
  index: Store,
  manifest: Manifest,
  previous: Manifest | undefined,
  { state, fresh, isAdded }: Pick<BuiltPatches, 'state' | 'fresh' | 'isAdded'>,
  targets: readonly Target[],
  overlays: Record<string, PatchOverlay[]>,
): Promise<PatchSource> {
  const { replace } = manifest.schema;
  const { versioned, unknownId } = state;
  const rule = { replace, versioned, unknownId };
  const settled = isAdded ? targets.filter(({ isSettled }) => isSettled) : [];
  const unsettled = targets.filter((target) => !settled.includes(target));
  const parts = new Map<string, PatchPart>();
  const read = async (hash: string) => {
    const part = parts.get(hash) ?? (await readPatches(index, hash));
    parts.set(hash, part);
    return part;
  };
  const freshParts = await Promise.all([...fresh].map(read));
  // New patches are looked up everywhere, since only so it is known which ids nobody has.
  const added = await resolvePatches(freshParts, targets, rule);
  const hashes = [
    ...(state.folded === null ? [] : [state.folded.part]),
    ...state.coverage.partitions.map(({ part }) => part),
  ];
  const all =
    unsettled.length === 0 ? undefined : await resolvePatches(await Promise.all(hashes.map(read)), unsettled, rule);
  for (const target of targets) {
    const isKept = settled.includes(target);
    const before = isKept ? (previous?.overlays?.[target.entry.name] ?? []) : [];
    const layers = await sealLayers(index, replace, target, state, before, isKept ? added : all!);
    if (layers.length > 0) overlays[target.entry.name] = [...(overlays[target.entry.name] ?? []), ...layers];
  }
  return { ...state, counts: { ...state.counts, unknown: added.unknown } };
}

/** The layers of one segment for the fields of one source: those before, and what was resolved on top. */
async function sealLayers(
  index: Store,
  replace: 'record' | 'group',
  { entry, killed }: Target,
  state: PatchSource,
  before: readonly PatchOverlay[],
  resolved: ResolvedPatches,
): Promise<PatchOverlay[]> {
  const layers: PatchOverlay[] = [];
  for (const [field, type] of Object.entries(state.fields)) {
    const own = before.filter((layer) => layer.field === field);
    const entries = resolved.entries.get(entry.name)?.get(field) ?? [];
    if (entries.length === 0) {
      layers.push(...own);
      continue;
    }
    const target = { segmentSha256: entry.sha256, docs: entry.docs, field, type };
    let layer = overlayOf(target, entries);
    const folded = foldedLayers(
      own.map(({ count }) => count),
      entries.length,
    );
    if (folded > 0) {
      const older = await Promise.all(
        own.slice(own.length - folded).map(({ object }) => readOverlay(index, object, entry)),
      );
      layer = foldLayers([...older, layer], replace, (docId) => killed === undefined || !isKilled(killed, docId));
    }
    layers.push(...own.slice(0, own.length - folded), await writeOverlay(index, layer));
  }
  return layers;
}

async function readOverlay(index: Store, object: string, entry: SegmentEntry): Promise<Overlay> {
  return decodeOverlay(await index.read(object), { object }, entry);
}

/** Named by its content: the same values of the same segment are the same object. */
async function writeOverlay(index: Store, overlay: Overlay): Promise<PatchOverlay> {
  const bytes = encodeOverlay(overlay);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const object = overlayKey(planHash(sha256));
  await index.put(object, bytes);
  return { field: overlay.field, object, sha256, bytes: bytes.length, count: overlay.docIds.length };
}
