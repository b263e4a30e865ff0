/** Verifies patches: every part and overlay byte by byte, and every overlay against what the patches come to. */

import { createHash } from 'node:crypto';
import { TidemarkError } from '../base/errors.js';
import type { Manifest, PatchOverlay, PatchSource, SegmentEntry } from '../manifest/manifest.js';
import { patchKey } from '../manifest/names.js';
import { type PatchTarget, resolvePatches } from '../patches/resolve.js';
import type { SegmentDefect } from '../segment/check.js';
import { isKilled } from '../segment/kill-bitmap.js';
import { decodeOverlay, mergeOverlays, type Overlay, type OverlayEntry, rankAt } from '../segment/overlay.js';
import { decodePatchPart, type PatchPart } from '../segment/patch-part.js';
import { type PatchValue, valueAt } from '../segment/patch-values.js';
import type { Store } from '../store/store.js';
import { guarded } from './check-guard.js';

/** A segment with the kills that hold for it. */
export interface CheckedTarget extends PatchTarget {
  readonly entry: SegmentEntry;
}

export async function overlayDefects(
  store: Store,
  manifest: Manifest,
  targets: readonly CheckedTarget[],
): Promise<SegmentDefect[]> {
  const defects: SegmentDefect[] = [];
  for (const source of manifest.patches ?? []) {
    const parts = await readParts(store, source, defects);
    if (parts !== undefined) defects.push(...(await sourceDefects(store, manifest, source, parts, targets)));
  }
  return defects;
}

/** Undefined where one of them is broken: what the others come to proves nothing. */
async function readParts(
  store: Store,
  source: PatchSource,
  defects: SegmentDefect[],
): Promise<PatchPart[] | undefined> {
  const { folded, coverage } = source;
  const hashes = [...(folded === null ? [] : [folded.part]), ...coverage.partitions.map(({ part }) => part)];
  const parts: PatchPart[] = [];
  for (const object of hashes.map(patchKey)) {
    const part = await guarded(defects, object, 'patch part', async () =>
      decodePatchPart(await store.read(object), { object }),
    );
    if (part !== undefined) parts.push(part);
  }
  return parts.length === hashes.length ? parts : undefined;
}

async function sourceDefects(
  store: Store,
  manifest: Manifest,
  source: PatchSource,
  parts: readonly PatchPart[],
  targets: readonly CheckedTarget[],
): Promise<SegmentDefect[]> {
  const { versioned, unknownId } = source;
  const { replace } = manifest.schema;
  const { entries } = await resolvePatches(parts, targets, { replace, versioned, unknownId });
  const defects: SegmentDefect[] = [];
  for (const { entry, killed } of targets) {
    const isLive = (docId: number) => killed === undefined || !isKilled(killed, docId);
    for (const field of Object.keys(source.fields)) {
      const named = (manifest.overlays?.[entry.name] ?? []).filter((layer) => layer.field === field);
      const section = `overlay of ${field}`;
      const layers = await readLayers(store, entry, named, defects, section);
      if (layers === undefined) continue;
      const found = mergeOverlays(layers, replace, isLive).map(({ layer, at, docId }) => {
        const from = layers[layer]!;
        return spell({ docId, ...rankAt(from, at), value: valueAt(from.values, at) });
      });
      const wanted = (entries.get(entry.name)?.get(field) ?? []).map(spell);
      if (found.join('\n') === wanted.join('\n')) continue;
      defects.push({ segment: entry.name, section, message: 'the overlay does not hold what the patches come to' });
    }
  }
  return defects;
}

async function readLayers(
  store: Store,
  entry: SegmentEntry,
  named: readonly PatchOverlay[],
  defects: SegmentDefect[],
  section: string,
): Promise<Overlay[] | undefined> {
  const layers: Overlay[] = [];
  for (const layer of named) {
    const read = await guarded(defects, entry.name, section, () => readLayer(store, entry, layer));
    if (read !== undefined) layers.push(read);
  }
  return layers.length === named.length ? layers : undefined;
}

async function readLayer(store: Store, entry: SegmentEntry, named: PatchOverlay): Promise<Overlay> {
  const { object, sha256, field, count } = named;
  const bytes = await store.read(object);
  const layer = decodeOverlay(bytes, { object }, entry);
  if (createHash('sha256').update(bytes).digest('hex') !== sha256) {
    throw new TidemarkError('corrupt', `${object} is not the overlay that was committed: another SHA-256`);
  }
  if (layer.field === field && layer.docIds.length === count) return layer;
  throw new TidemarkError('corrupt', `${object} holds another field or number of values than the manifest says`);
}

/** An entry as one text, to compare by. */
function spell({ docId, version, partitionTime, value }: OverlayEntry): string {
  return `${docId} ${version} ${partitionTime} ${spellValue(value)}`;
}

function spellValue(value: PatchValue): string {
  return typeof value === 'bigint' ? `${value}` : value.map((term) => Buffer.from(term).toString('hex')).join(',');
}
