/** An index in memory from plain documents: reference segments, kill bitmaps by a plain rule, one manifest. */
import { createHash } from 'node:crypto';
import { encodeManifest } from '#src/manifest/codec.js';
import type { SegmentEntry } from '#src/manifest/manifest.js';
import { killKey, manifestKey, segmentKey } from '#src/manifest/names.js';
import { encodeKillBitmap } from '#src/segment/kill-bitmap.js';
import { aManifest, aSegment } from './manifest-fixture.js';
import { MemoryStore } from './memory-store.js';
import { plainAnalyze, REFERENCE_SCHEMA } from './reference-documents.js';
import { type ReferenceDocument, writeReferenceSegment } from './reference-segment.js';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** A store holding generation `generation` of an index of these segments: the first is the base, the others the delta. */
export async function writeReferenceIndex(
  segments: readonly (readonly ReferenceDocument[])[],
  isKilled: (document: ReferenceDocument) => boolean,
  store = new MemoryStore({ now: () => 0 }),
  generation = 1,
): Promise<MemoryStore> {
  const entries: SegmentEntry[] = [];
  const kills: Record<string, { object: string; sha256: string; count: number }> = {};
  for (const docs of segments) {
    const bytes = writeReferenceSegment({
      schema: REFERENCE_SCHEMA,
      docs,
      partitions: [{ time: 0, objects: ['a', 'b'] }],
      analyze: plainAnalyze,
    });
    const hash = sha256(bytes);
    const name = segmentKey(hash.slice(0, 32));
    // A manifest names a segment once: two empty ones would be the same.
    if (entries.some((entry) => entry.name === name)) continue;
    await store.put(name, bytes);
    const killed = docs.filter(isKilled).length;
    entries.push(aSegment({ name, bytes: bytes.length, sha256: hash, docs: docs.length, live: docs.length - killed }));
    if (killed === 0) continue;
    const bits = new Uint8Array(Math.ceil(docs.length / 8));
    docs.forEach((document, docId) => {
      if (isKilled(document)) bits[docId >> 3]! |= 1 << (docId & 7);
    });
    const bitmap = encodeKillBitmap(hash, docs.length, bits);
    const object = killKey(sha256(bitmap).slice(0, 32));
    await store.put(object, bitmap);
    kills[name] = { object, sha256: sha256(bitmap), count: killed };
  }
  const [base, ...delta] = entries;
  const total = (what: 'docs' | 'live') => entries.reduce((sum, entry) => sum + entry[what], 0);
  const manifest = aManifest({
    generation,
    base: base === undefined ? null : { segments: [base], watermark: 0 },
    delta: { segments: delta },
    kills,
    counts: { docs: total('docs'), live: total('live'), killed: total('docs') - total('live'), rejected: 0, moved: 0 },
  });
  await store.put(manifestKey(generation), encodeManifest(manifest));
  return store;
}
