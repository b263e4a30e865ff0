/** Counts over live documents: those of a term from its list, those of a field from all of its lists. */
import type { TermInfo } from '../segment/dictionary.js';
import { hasTerms } from '../segment/layout.js';
import { NO_MORE_DOCS } from '../segment/postings.js';
import { walkLists } from '../segment/walk.js';
import type { FieldStatistics } from './bm25.js';
import { isLive, type LiveSegment } from './snapshot.js';

export interface TermCounts {
  readonly docFreq: number;
  readonly totalTermFreq: number;
}

/** Live documents of a term that the segment has, and its occurrences in them; documents with a patched value are left out. */
export async function liveTermCounts(segment: LiveSegment, field: string, info: TermInfo): Promise<TermCounts> {
  const overlay = segment.overlays.get(field);
  if (segment.kills === undefined && overlay === undefined) return info;
  const list = await segment.reader.postings(field, info);
  let docFreq = 0;
  let totalTermFreq = 0;
  for (let docId = list.next(); docId !== NO_MORE_DOCS; docId = list.next()) {
    if (!isLive(segment, docId) || overlay?.has(docId)) continue;
    docFreq++;
    totalTermFreq += list.freq;
  }
  return { docFreq, totalTermFreq };
}

/** Documents that patches gave a term; with `live` only live ones. */
export function patchedDocFreq(segment: LiveSegment, field: string, term: Uint8Array, live: boolean): number {
  const docIds = segment.overlays.get(field)?.docIdsOf(term);
  if (docIds === undefined) return 0;
  return live ? docIds.filter((docId) => isLive(segment, docId)).length : docIds.length;
}

/** A field's statistics as stored, killed documents and patched values included, old and new alike. */
export function storedStatistics(segment: LiveSegment, field: string): FieldStatistics {
  const entry = segment.reader.field(field);
  const overlay = segment.overlays.get(field);
  return {
    docCount: (entry?.docCount ?? 0) + (overlay?.docIds.length ?? 0),
    sumTotalTermFreq: (entry?.sumTotalTermFreq ?? 0) + (overlay?.keywordCount ?? 0),
  };
}

/**
 * A text or keyword field's statistics over live documents. Norms round lengths, so tokens are counted from the posting
 * lists: as much work as reading the field once. Segments without kills cost nothing.
 */
export async function liveStatistics(segment: LiveSegment, field: string): Promise<FieldStatistics> {
  const entry = segment.reader.field(field);
  const overlay = segment.overlays.get(field);
  if (entry === undefined || !hasTerms(entry.type)) return storedStatistics(segment, field);
  if (segment.kills === undefined && overlay === undefined) return storedStatistics(segment, field);
  const hasField = new Uint8Array(segment.docs);
  let sumTotalTermFreq = 0;
  await walkLists(segment.reader, field, (_, list) => {
    for (let docId = list.next(); docId !== NO_MORE_DOCS; docId = list.next()) {
      if (!isLive(segment, docId) || overlay?.has(docId)) continue;
      hasField[docId] = 1;
      sumTotalTermFreq += list.freq;
    }
  });
  for (const docId of overlay?.docIds ?? []) {
    if (!isLive(segment, docId)) continue;
    hasField[docId] = 1;
    sumTotalTermFreq += (overlay!.valueOf(docId) as readonly Uint8Array[]).length;
  }
  return { docCount: hasField.reduce((sum, one) => sum + one, 0), sumTotalTermFreq };
}
