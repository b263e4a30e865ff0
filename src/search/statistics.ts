/** What a query's scores are computed from, gathered over all segments before any of them is searched. */
import { remember } from '../base/remember.js';
import type { TermInfo } from '../segment/dictionary.js';
import type { FieldStatistics } from './bm25.js';
import { liveStatistics, liveTermCounts, patchedDocFreq, storedStatistics } from './live-counts.js';
import type { Query } from './query.js';
import type { LiveSegment, Snapshot } from './snapshot.js';

/** A term over all segments. */
export interface TermStatistics {
  /** By segment ordinal; undefined where the segment lacks the term. */
  readonly infos: readonly (TermInfo | undefined)[];
  readonly docFreq: number;
}

export interface QueryStatistics {
  field(name: string): FieldStatistics;
  term(field: string, term: Uint8Array): TermStatistics;
}

/** Field statistics over live documents, kept for one snapshot: counting them reads a whole field. */
export class LiveStatisticsCache {
  readonly #known = new Map<string, Promise<FieldStatistics>>();

  constructor(private readonly segments: readonly LiveSegment[]) {}

  field(name: string): Promise<FieldStatistics> {
    return remember(this.#known, name, async () =>
      sum(await Promise.all(this.segments.map((segment) => liveStatistics(segment, name)))),
    );
  }
}

/**
 * Looks up every scored term of a query. Stored statistics count superseded documents until compaction, as Lucene's do;
 * with `live` only live ones count.
 */
export async function gatherStatistics(
  snapshot: Snapshot,
  query: Query,
  live: LiveStatisticsCache | undefined,
): Promise<QueryStatistics> {
  const wanted = new Map<string, { readonly field: string; readonly term: Uint8Array }>();
  collectTerms(query, wanted);
  const terms = new Map<string, TermStatistics>();
  const fields = new Map<string, FieldStatistics>();
  const names = new Set([...wanted.values()].map(({ field }) => field));
  await Promise.all([
    ...Array.from(wanted, async ([key, { field, term }]) => {
      terms.set(key, await termStatistics(snapshot, field, term, live !== undefined));
    }),
    ...Array.from(names, async (name) => {
      const stored = () => sum(snapshot.segments.map((segment) => storedStatistics(segment, name)));
      fields.set(name, live === undefined ? stored() : await live.field(name));
    }),
  ]);
  return {
    field: (name) => fields.get(name)!,
    term: (field, term) => terms.get(keyOf(field, term))!,
  };
}

function collectTerms(query: Query, into: Map<string, { readonly field: string; readonly term: Uint8Array }>): void {
  if (query.kind === 'boolean') {
    for (const clause of query.clauses) collectTerms(clause.query, into);
    return;
  }
  if (query.kind !== 'term' && query.kind !== 'phrase') return;
  const terms = query.kind === 'term' ? [query.term] : query.terms;
  for (const term of terms) into.set(keyOf(query.field, term), { field: query.field, term });
}

async function termStatistics(
  { segments }: Snapshot,
  field: string,
  term: Uint8Array,
  live: boolean,
): Promise<TermStatistics> {
  const found = await Promise.all(
    segments.map(async (segment) => {
      const info = await (await segment.reader.dictionary(field)).seekExact(term);
      const patched = patchedDocFreq(segment, field, term, live);
      if (info === undefined) return { info, docFreq: patched };
      const own = live ? (await liveTermCounts(segment, field, info)).docFreq : info.docFreq;
      return { info, docFreq: own + patched };
    }),
  );
  return { infos: found.map(({ info }) => info), docFreq: found.reduce((total, { docFreq }) => total + docFreq, 0) };
}

function sum(parts: readonly FieldStatistics[]): FieldStatistics {
  let docCount = 0;
  let sumTotalTermFreq = 0;
  for (const part of parts) {
    docCount += part.docCount;
    sumTotalTermFreq += part.sumTotalTermFreq;
  }
  return { docCount, sumTotalTermFreq };
}

function keyOf(field: string, term: Uint8Array): string {
  return `${field}\0${Buffer.from(term).toString('latin1')}`;
}
