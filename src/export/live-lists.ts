/** Posting lists of a field over the live documents of a snapshot, whatever segments they lie in. */
import { compareBytes } from '../base/bytes.js';
import { isLive, type LiveSegment, type Snapshot } from '../search/snapshot.js';
import type { TermCursor } from '../segment/dictionary.js';
import { NO_MORE_DOCS } from '../segment/postings.js';

/** Live documents counted through from 0, segment by segment in document order. */
export interface LiveNumbering {
  /** Live documents. */
  readonly docs: number;
  /** Per segment, by docId: the document's number; meaningless for a killed one. */
  readonly numbers: readonly Uint32Array[];
}

export function numberLive({ segments }: Snapshot): LiveNumbering {
  let docs = 0;
  const numbers = segments.map((segment) => {
    const own = new Uint32Array(segment.docs);
    for (let docId = 0; docId < segment.docs; docId++) {
      own[docId] = docs;
      if (isLive(segment, docId)) docs++;
    }
    return own;
  });
  return { docs, numbers };
}

/** A term with its live documents; the arrays are valid until the next one. */
export interface LiveList {
  readonly term: Uint8Array;
  /** Numbers of documents, ascending. */
  readonly docs: readonly number[];
  /** Occurrences in each; 1 in a keyword field. */
  readonly freqs: readonly number[];
}

interface Source {
  readonly segment: LiveSegment;
  readonly cursor: TermCursor;
}

/** A keyword that patches brought to a segment. */
interface PatchedTerm {
  readonly term: Uint8Array;
  readonly docs: readonly number[];
}

/** Yields every term that a live document has, in byte order; memory holds one list at a time. */
export async function* liveLists(
  snapshot: Snapshot,
  field: string,
  { numbers }: LiveNumbering,
): AsyncGenerator<LiveList> {
  const hasFrequencies = snapshot.fields.get(field)!.type === 'text';
  const sources: Source[] = [];
  for (const segment of snapshot.segments) {
    const cursor = await (await segment.reader.dictionary(field)).iterate();
    if (await cursor.next()) sources.push({ segment, cursor });
  }
  const patched = patchedTerms(snapshot, field, numbers);
  while (sources.length > 0 || patched.length > 0) {
    const heads = [...sources.map(({ cursor }) => cursor.term), ...(patched.length === 0 ? [] : [patched[0]!.term])];
    const term = heads.reduce((a, b) => (compareBytes(b, a) < 0 ? b : a)).slice();
    const docs: number[] = [];
    const freqs: number[] = [];
    for (const source of [...sources]) {
      const { segment, cursor } = source;
      if (compareBytes(cursor.term, term) !== 0) continue;
      const list = await segment.reader.postings(field, cursor.info());
      for (let docId = list.next(); docId !== NO_MORE_DOCS; docId = list.next()) {
        if (!isLive(segment, docId) || segment.overlays.get(field)?.has(docId)) continue;
        docs.push(numbers[segment.ordinal]![docId]!);
        freqs.push(hasFrequencies ? list.freq : 1);
      }
      if (!(await cursor.next())) sources.splice(sources.indexOf(source), 1);
    }
    while (patched.length > 0 && compareBytes(patched[0]!.term, term) === 0) docs.push(...patched.shift()!.docs);
    if (docs.length > freqs.length) docs.sort((a, b) => a - b);
    while (freqs.length < docs.length) freqs.push(1);
    if (docs.length > 0) yield { term, docs, freqs };
  }
}

/** In byte order; few beside the terms of a segment. */
function patchedTerms({ segments }: Snapshot, field: string, numbers: readonly Uint32Array[]): PatchedTerm[] {
  const patched = segments.flatMap((segment) => {
    const overlay = segment.overlays.get(field);
    return (overlay?.terms ?? []).map((term, at): PatchedTerm => {
      const live = [...overlay!.docIdsAt(at)].filter((docId) => isLive(segment, docId));
      return { term, docs: live.map((docId) => numbers[segment.ordinal]![docId]!) };
    });
  });
  return patched.sort((a, b) => compareBytes(a.term, b.term));
}
