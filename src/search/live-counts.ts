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

/** Live documents of a term and its occurrences in them. */
export async function liveTermCounts(segment: LiveSegment, field: string, info: TermInfo): Promise<TermCounts> {
  if (segment.kills === undefined) return info;
  const list = await segment.reader.postings(field, info);
  let docFreq = 0;
  let totalTermFreq = 0;
  for (let docId = list.next(); docId !== NO_MORE_DOCS; docId = list.next()) {
    if (!isLive(segment, docId)) continue;
    docFreq++;
    totalTermFreq += list.freq;
  }
  return { docFreq, totalTermFreq };
}

/** A field's statistics as stored, killed documents included. */
export function storedStatistics(segment: LiveSegment, field: string): FieldStatistics {
  const entry = segment.reader.field(field);
  return { docCount: entry?.docCount ?? 0, sumTotalTermFreq: entry?.sumTotalTermFreq ?? 0 };
}

/**
 * A text or keyword field's statistics over live documents. Norms round lengths, so tokens are counted from the posting
 * lists: as much work as reading the field once. Segments without kills cost nothing.
 */
export async function liveStatistics(segment: LiveSegment, field: string): Promise<FieldStatistics> {
  const entry = segment.reader.field(field);
  if (segment.kills === undefined || entry === undefined || !hasTerms(entry.type))
    return storedStatistics(segment, field);
  const hasField = new Uint8Array(segment.docs);
  let sumTotalTermFreq = 0;
  await walkLists(segment.reader, field, (_, list) => {
    for (let docId = list.next(); docId !== NO_MORE_DOCS; docId = list.next()) {
      if (!isLive(segment, docId)) continue;
      hasField[docId] = 1;
      sumTotalTermFreq += list.freq;
    }
  });
  return { docCount: hasField.reduce((sum, one) => sum + one, 0), sumTotalTermFreq };
}
