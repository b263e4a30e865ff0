/** Posting lists of a field over the live documents of a snapshot, whatever segments they lie in. */
import { mergeTerms, type TermSource } from '../search/merge-terms.js';
import type { FieldOverlay } from '../search/overlays.js';
import { isLive, type LiveSegment, type Snapshot } from '../search/snapshot.js';
import { type StoredTerms, storedTermsOf } from '../search/stored-terms.js';
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

/** Adds the live documents of the term that a source stands on. */
interface Source extends TermSource {
  collect(docs: number[], freqs: number[]): Promise<void>;
}

/** Yields every term that a live document has, in byte order; memory holds one list at a time. */
export async function* liveLists(
  snapshot: Snapshot,
  field: string,
  { numbers }: LiveNumbering,
): AsyncGenerator<LiveList> {
  const hasFrequencies = snapshot.fields.get(field)!.type === 'text';
  const stored = await storedTermsOf(snapshot.segments, field);
  const sources = stored.flatMap((own): Source[] => {
    const overlay = own.segment.overlays.get(field);
    const numberOf = numbers[own.segment.ordinal]!;
    const listed = listedTerms(own, field, overlay, numberOf, hasFrequencies);
    return overlay === undefined ? [listed] : [listed, patchedTerms(own.segment, overlay, numberOf)];
  });
  for await (const { term, at } of mergeTerms(sources)) {
    const docs: number[] = [];
    const freqs: number[] = [];
    for (const source of at) await source.collect(docs, freqs);
    // What patches brought stands behind the list of its segment; it is keywords, and each of them counts once.
    if (!hasFrequencies && at.length > 1) docs.sort((a, b) => a - b);
    if (docs.length > 0) yield { term, docs, freqs };
  }
}

function listedTerms(
  stored: StoredTerms,
  field: string,
  overlay: FieldOverlay | undefined,
  numberOf: Uint32Array,
  hasFrequencies: boolean,
): Source {
  const { segment } = stored;
  return {
    get term() {
      return stored.term;
    },
    next: () => stored.next(),
    collect: async (docs, freqs) => {
      const list = await segment.reader.postings(field, stored.info());
      for (let docId = list.next(); docId !== NO_MORE_DOCS; docId = list.next()) {
        if (!isLive(segment, docId) || overlay?.has(docId)) continue;
        docs.push(numberOf[docId]!);
        freqs.push(hasFrequencies ? list.freq : 1);
      }
    },
  };
}

/** Few beside the terms of a segment. */
function patchedTerms(segment: LiveSegment, overlay: FieldOverlay, numberOf: Uint32Array): Source {
  let at = -1;
  return {
    get term() {
      return overlay.terms[at]!;
    },
    next: async () => ++at < overlay.terms.length,
    collect: async (docs, freqs) => {
      for (const docId of overlay.docIdsAt(at)) {
        if (!isLive(segment, docId)) continue;
        docs.push(numberOf[docId]!);
        freqs.push(1);
      }
    },
  };
}
