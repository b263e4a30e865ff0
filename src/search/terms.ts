/** The terms of a field over all segments of a snapshot, in order. */
import { TidemarkError } from '../base/errors.js';
import { hasTerms } from '../segment/layout.js';
import { prefixBounds } from '../segment/walk.js';
import { liveTermCounts, type TermCounts } from './live-counts.js';
import { mergeTerms, type TermSource } from './merge-terms.js';
import type { FieldOverlay } from './overlays.js';
import { isLive, type LiveSegment, type Snapshot } from './snapshot.js';
import { type StoredTerms, storedTermsOf } from './stored-terms.js';

export interface TermEntry {
  readonly term: string;
  readonly docFreq: number;
  readonly totalTermFreq: number;
}

export interface TermsOptions {
  /** Stored counts, superseded documents included, and terms that no live document has. */
  readonly all?: boolean;
}

/** Terms in order with their counts: a segment's own, or those that patches brought. */
interface Source extends TermSource {
  counts(all: boolean): Promise<TermCounts>;
}

/** Yields the terms with a prefix; fails with code `usage` where the field has none. */
export async function* terms(
  snapshot: Snapshot,
  field: string,
  prefix = '',
  options: TermsOptions = {},
): AsyncGenerator<TermEntry> {
  if (snapshot.segments.length === 0) return;
  requireTerms(snapshot, field);
  const from = new TextEncoder().encode(prefix);
  const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
  const stored = await storedTermsOf(snapshot.segments, field, from);
  const sources = stored.flatMap((own): Source[] => {
    const overlay = own.segment.overlays.get(field);
    return [countedTerms(own, field), ...(overlay === undefined ? [] : [patchedTerms(own.segment, overlay, from)])];
  });
  for await (const { term, at } of mergeTerms(sources)) {
    let docFreq = 0;
    let totalTermFreq = 0;
    for (const source of at) {
      const counts = await source.counts(options.all === true);
      docFreq += counts.docFreq;
      totalTermFreq += counts.totalTermFreq;
    }
    if (docFreq > 0) yield { term: utf8.decode(term), docFreq, totalTermFreq };
  }
}

function countedTerms(stored: StoredTerms, field: string): Source {
  const { segment } = stored;
  return {
    get term() {
      return stored.term;
    },
    next: () => stored.next(),
    counts: async (all) => (all ? stored.info() : liveTermCounts(segment, field, stored.info())),
  };
}

function patchedTerms(segment: LiveSegment, overlay: FieldOverlay, prefix: Uint8Array): Source {
  const { from, to } = prefixBounds(prefix);
  let at = overlay.placeOfTerm(from ?? prefix) - 1;
  const end = to === undefined ? overlay.terms.length : overlay.placeOfTerm(to);
  return {
    get term() {
      return overlay.terms[at]!;
    },
    next: async () => ++at < end,
    counts: async (all) => {
      const docIds = overlay.docIdsAt(at);
      const docFreq = all ? docIds.length : docIds.filter((docId) => isLive(segment, docId)).length;
      return { docFreq, totalTermFreq: docFreq };
    },
  };
}

function requireTerms({ fields }: Snapshot, name: string): void {
  const field = fields.get(name);
  if (field !== undefined && hasTerms(field.type)) return;
  const known = [...fields.values()].filter(({ type }) => hasTerms(type)).map((entry) => entry.name);
  throw new TidemarkError('usage', `there is no text or keyword field ${name}`, {
    fix: `such fields are ${known.join(', ')}`,
  });
}
