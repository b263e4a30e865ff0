/** The terms of a field over all segments of a snapshot, in order. */
import { compareBytes } from '../base/bytes.js';
import { TidemarkError } from '../base/errors.js';
import type { TermCursor } from '../segment/dictionary.js';
import { hasTerms } from '../segment/layout.js';
import { prefixBounds } from '../segment/walk.js';
import { liveTermCounts, type TermCounts } from './live-counts.js';
import type { FieldOverlay } from './overlays.js';
import { isLive, type LiveSegment, type Snapshot } from './snapshot.js';

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
interface Source {
  readonly term: Uint8Array;
  next(): Promise<boolean>;
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
  const sources: Source[] = [];
  for (const segment of snapshot.segments) {
    const cursor = await (await segment.reader.dictionary(field)).iterate({ prefix: from });
    const overlay = segment.overlays.get(field);
    const own = [
      storedTerms(segment, field, cursor),
      ...(overlay === undefined ? [] : [patchedTerms(segment, overlay, from)]),
    ];
    for (const source of own) if (await source.next()) sources.push(source);
  }
  while (sources.length > 0) {
    const least = sources.reduce((a, b) => (compareBytes(b.term, a.term) < 0 ? b : a)).term.slice();
    let docFreq = 0;
    let totalTermFreq = 0;
    for (const source of [...sources]) {
      if (compareBytes(source.term, least) !== 0) continue;
      const counts = await source.counts(options.all === true);
      docFreq += counts.docFreq;
      totalTermFreq += counts.totalTermFreq;
      if (!(await source.next())) sources.splice(sources.indexOf(source), 1);
    }
    if (docFreq > 0) yield { term: utf8.decode(least), docFreq, totalTermFreq };
  }
}

function storedTerms(segment: LiveSegment, field: string, cursor: TermCursor): Source {
  return {
    get term() {
      return cursor.term;
    },
    next: () => cursor.next(),
    counts: async (all) => (all ? cursor.info() : liveTermCounts(segment, field, cursor.info())),
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
