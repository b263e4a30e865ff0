/** The terms of a field over all segments of a snapshot, in order. */
import { compareBytes } from '../base/bytes.js';
import { TidemarkError } from '../base/errors.js';
import type { TermCursor } from '../segment/dictionary.js';
import { hasTerms } from '../segment/layout.js';
import { liveTermCounts } from './live-counts.js';
import type { LiveSegment, Snapshot } from './snapshot.js';

export interface TermEntry {
  readonly term: string;
  readonly docFreq: number;
  readonly totalTermFreq: number;
}

export interface TermsOptions {
  /** Stored counts, superseded documents included, and terms that no live document has. */
  readonly all?: boolean;
}

interface Source {
  readonly segment: LiveSegment;
  readonly cursor: TermCursor;
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
    if (await cursor.next()) sources.push({ segment, cursor });
  }
  while (sources.length > 0) {
    const least = sources
      .reduce((a, b) => (compareBytes(b.cursor.term, a.cursor.term) < 0 ? b : a))
      .cursor.term.slice();
    let docFreq = 0;
    let totalTermFreq = 0;
    for (const source of [...sources]) {
      if (compareBytes(source.cursor.term, least) !== 0) continue;
      const info = source.cursor.info();
      const counts = options.all ? info : await liveTermCounts(source.segment, field, info);
      docFreq += counts.docFreq;
      totalTermFreq += counts.totalTermFreq;
      if (!(await source.cursor.next())) sources.splice(sources.indexOf(source), 1);
    }
    if (docFreq > 0) yield { term: utf8.decode(least), docFreq, totalTermFreq };
  }
}

function requireTerms({ fields }: Snapshot, name: string): void {
  const field = fields.get(name);
  if (field !== undefined && hasTerms(field.type)) return;
  const known = [...fields.values()].filter(({ type }) => hasTerms(type)).map((entry) => entry.name);
  throw new TidemarkError('usage', `there is no text or keyword field ${name}`, {
    fix: `such fields are ${known.join(', ')}`,
  });
}
