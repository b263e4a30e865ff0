/** A plain reading of a committed index, list by list: what the overlay's answers are compared with. */
import assert from 'node:assert/strict';
import type { Manifest } from '#src/manifest/manifest.js';
import { readNewest } from '#src/manifest/newest.js';
import { decodeKillBitmap, isKilled } from '#src/segment/kill-bitmap.js';
import { openSegment, type SegmentReader } from '#src/segment/reader.js';
import { objectSource } from '#src/store/byte-source.js';
import type { Store } from '#src/store/store.js';

export interface LiveSegment {
  readonly reader: SegmentReader;
  /** Whether a document counts. */
  readonly isLive: (docId: number) => boolean;
}

export interface TermCounts {
  readonly docFreq: number;
  readonly totalTermFreq: number;
}

export async function openLive(store: Store): Promise<{ manifest: Manifest; segments: LiveSegment[] }> {
  const manifest = await readNewest(store);
  assert(manifest !== undefined, 'the index has a manifest');
  const segments: LiveSegment[] = [];
  for (const entry of [...(manifest.base?.segments ?? []), ...manifest.delta.segments]) {
    const info = await store.stat(entry.name);
    assert(info !== undefined, `${entry.name} is there`);
    const reader = await openSegment(objectSource(store, info), entry.name);
    const kill = manifest.kills[entry.name];
    const bits =
      kill === undefined
        ? undefined
        : decodeKillBitmap(await store.read(kill.object), { segment: entry.name }, entry).bits;
    segments.push({ reader, isLive: (docId) => bits === undefined || !isKilled(bits, docId) });
  }
  return { manifest, segments };
}

/** Every term of a field with its live counts, by its text; terms without a live document are left out. */
export async function liveTerms(segments: readonly LiveSegment[], field: string): Promise<Map<string, TermCounts>> {
  const text = new TextDecoder();
  const terms = new Map<string, TermCounts>();
  for (const { reader, isLive } of segments) {
    const isText = reader.field(field)!.type === 'text';
    const cursor = await (await reader.dictionary(field)).iterate();
    while (await cursor.next()) {
      const info = cursor.info();
      const list = await reader.postings(field, info);
      let [docFreq, totalTermFreq] = [0, 0];
      for (let i = 0; i < info.docFreq; i++) {
        if (!isLive(list.next())) continue;
        docFreq++;
        totalTermFreq += isText ? list.freq : 1;
      }
      if (docFreq === 0) continue;
      const term = text.decode(cursor.term);
      const known = terms.get(term) ?? { docFreq: 0, totalTermFreq: 0 };
      terms.set(term, { docFreq: known.docFreq + docFreq, totalTermFreq: known.totalTermFreq + totalTermFreq });
    }
  }
  return terms;
}

/** Sum of a whole-number column over live documents. */
export async function liveSum(segments: readonly LiveSegment[], field: string): Promise<bigint> {
  let sum = 0n;
  for (const { reader, isLive } of segments) {
    const column = await reader.column(field);
    for (let doc = 0; doc < reader.docs; doc++) if (isLive(doc) && column.has(doc)) sum += column.value(doc);
  }
  return sum;
}
