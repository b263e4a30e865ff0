/** Verifies an index by its newest manifest: every byte of every segment, every kill bitmap, every count. */

import { createHash } from 'node:crypto';
import type { ByteSource } from '../base/bytes.js';
import { TidemarkError } from '../base/errors.js';
import { resolveKills } from '../kills/resolve.js';
import type { KillEntry, Manifest, SegmentEntry } from '../manifest/manifest.js';
import { manifestKey } from '../manifest/names.js';
import { newestGeneration, readManifest } from '../manifest/newest.js';
import { checkSegment, type SegmentDefect } from '../segment/check.js';
import { decodeKillBitmap } from '../segment/kill-bitmap.js';
import { openSegment, type SegmentReader } from '../segment/reader.js';
import { objectSource } from '../store/byte-source.js';
import type { Store } from '../store/store.js';
import { guarded } from './check-guard.js';
import { lineDefects, lineNotes } from './check-line.js';
import { overlayDefects } from './check-overlays.js';

export interface IndexCheck {
  readonly ok: boolean;
  readonly generation: number;
  /** Segments looked at. */
  readonly segments: number;
  /** Documents stored in them. */
  readonly docs: number;
  readonly defects: readonly SegmentDefect[];
  /** What is no defect and worth knowing: a rollback that is still in effect. */
  readonly notes: readonly string[];
}

/** Bytes hashed at a time. */
const CHUNK_BYTES = 1024 * 1024;

/** Defects are reported; fails with `not-found` where there is no index, and where the store does. */
export async function checkIndex(store: Store, signal: AbortSignal): Promise<IndexCheck> {
  const generation = await newestGeneration(store, { signal });
  if (generation === undefined) {
    throw new TidemarkError('not-found', 'there is no index here: nothing was committed yet', {
      where: { index: store.uri },
      fix: 'build one with tidemark build, or name another place',
    });
  }
  const defects: SegmentDefect[] = [];
  const name = manifestKey(generation);
  const manifest = await guarded(defects, name, 'manifest', () => readManifest(store, generation, signal));
  if (manifest === undefined) return { ok: false, generation, segments: 0, docs: 0, defects, notes: [] };
  defects.push(...(await lineDefects(store, manifest, signal)));
  const entries = [...(manifest.base?.segments ?? []), ...manifest.delta.segments];
  const readers: SegmentReader[] = [];
  let docs = 0;
  for (const entry of entries) {
    const reader = await checkEntry(store, entry, defects, signal);
    if (reader === undefined) continue;
    readers.push(reader);
    docs += reader.docs;
  }
  const bitmaps = await readBitmaps(store, manifest, entries, defects);
  // What a broken segment says of its keys proves nothing.
  if (defects.length === 0) {
    const { replace } = manifest.schema;
    defects.push(...(await killDefects(readers, bitmaps, replace)), ...statisticsDefects(manifest, name, readers));
    const targets = readers.map((reader, i) => ({ reader, entry: entries[i]!, killed: bitmaps.get(reader.name) }));
    defects.push(...(await overlayDefects(store, manifest, targets)));
  }
  return { ok: defects.length === 0, generation, segments: entries.length, docs, defects, notes: lineNotes(manifest) };
}

/** Checks one segment against its entry; gives its reader where it is sound. */
async function checkEntry(
  store: Store,
  entry: SegmentEntry,
  defects: SegmentDefect[],
  signal: AbortSignal,
): Promise<SegmentReader | undefined> {
  const tell = (section: string, message: string) => defects.push({ segment: entry.name, section, message });
  const object = await store.stat(entry.name, signal);
  if (object === undefined || object.size !== entry.bytes) {
    tell('file', object === undefined ? 'it is not there' : `it has ${object.size} bytes instead of ${entry.bytes}`);
    if (object === undefined) return undefined;
  }
  const source = objectSource(store, object, signal);
  const report = await checkSegment(source, entry.name);
  defects.push(...report.defects);
  if (report.defects.length > 0) return undefined;
  if (report.docs !== entry.docs) tell('footer', `it holds ${report.docs} documents, the manifest says ${entry.docs}`);
  // One flipped byte is one defect: only other bytes that are a sound segment are found by the digest alone.
  if ((await sha256(source)) !== entry.sha256)
    tell('file', 'it is not the segment that was committed: another SHA-256');
  return openSegment(source, entry.name);
}

async function sha256(source: ByteSource): Promise<string> {
  const hash = createHash('sha256');
  for (let at = 0; at < source.byteLength; at += CHUNK_BYTES) {
    hash.update(await source.slice(at, Math.min(at + CHUNK_BYTES, source.byteLength)));
  }
  return hash.digest('hex');
}

/** The committed bitmaps by segment name. */
async function readBitmaps(
  store: Store,
  manifest: Manifest,
  entries: readonly SegmentEntry[],
  defects: SegmentDefect[],
): Promise<Map<string, Uint8Array>> {
  const bitmaps = new Map<string, Uint8Array>();
  for (const entry of entries) {
    const kills = manifest.kills[entry.name];
    if (kills === undefined) continue;
    const bits = await guarded(defects, entry.name, 'kills', () => readBitmap(store, entry, kills));
    if (bits !== undefined) bitmaps.set(entry.name, bits);
  }
  return bitmaps;
}

async function readBitmap(store: Store, entry: SegmentEntry, kills: KillEntry): Promise<Uint8Array> {
  const bytes = await store.read(kills.object);
  const bitmap = decodeKillBitmap(bytes, { object: kills.object }, entry);
  if (createHash('sha256').update(bytes).digest('hex') !== kills.sha256) {
    throw new TidemarkError('corrupt', `${kills.object} is not the bitmap that was committed: another SHA-256`);
  }
  if (bitmap.killed === kills.count) return bitmap.bits;
  throw new TidemarkError('corrupt', `it kills ${bitmap.killed} documents, the manifest says ${kills.count}`);
}

/** Recomputes every bitmap from the rows. */
async function killDefects(
  segments: readonly SegmentReader[],
  committed: ReadonlyMap<string, Uint8Array>,
  replace: Manifest['schema']['replace'],
): Promise<SegmentDefect[]> {
  const { kills } = await resolveKills({ segments, replace });
  return segments.flatMap(({ name }) => {
    if (isSame(kills.get(name), committed.get(name))) return [];
    const message = 'the kill bitmap does not hide what the rows say is superseded or deleted';
    return [{ segment: name, section: 'kills', message }];
  });
}

function isSame(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a === undefined || b === undefined ? a === b : Buffer.compare(a, b) === 0;
}

/** Scores rest on these sums. */
function statisticsDefects(manifest: Manifest, name: string, segments: readonly SegmentReader[]): SegmentDefect[] {
  return Object.entries(manifest.statistics).flatMap(([field, { docs, tokens }]) => {
    const entries = segments.map(({ footer }) => footer.fields.find((entry) => entry.name === field));
    const docCount = entries.reduce((sum, entry) => sum + (entry?.docCount ?? 0), 0);
    const tokenCount = entries.reduce((sum, entry) => sum + (entry?.sumTotalTermFreq ?? 0), 0);
    if (docs === docCount && tokens === tokenCount) return [];
    const message = `it says ${docs} documents and ${tokens} tokens, the segments ${docCount} and ${tokenCount}`;
    return [{ segment: name, section: `statistics of ${field}`, message }];
  });
}
