/** Runs a query over the segments of a snapshot and keeps the best hits. */
import type { DocId } from '../segment/layout.js';
import { NO_MORE_DOCS } from '../segment/postings.js';
import { compileQuery } from './compile.js';
import type { HitSink } from './cursor.js';
import type { FacetCounter } from './facets.js';
import { type NumberColumn, numbersOf } from './overlays.js';
import type { Query } from './query.js';
import type { Scorer } from './scorer.js';
import { isLive, type LiveSegment, type Snapshot } from './snapshot.js';
import type { QueryStatistics } from './statistics.js';
import { addressOf, docIdOf, segmentOf } from './top-hits.js';

/** Order of hits by a numeric field instead of the score; documents without a value come last. */
export interface NumericSort {
  readonly field: string;
  readonly order: 'asc' | 'desc';
}

/** Counts live matches. */
export async function countMatches(snapshot: Snapshot, query: Query, statistics: QueryStatistics): Promise<number> {
  let count = 0;
  for (const segment of snapshot.segments) {
    const scorer = await compileQuery(query, segment, statistics);
    if (scorer === undefined) continue;
    for (let docId = scorer.next(); docId !== NO_MORE_DOCS; docId = scorer.next()) {
      if (isLive(segment, docId)) count++;
    }
  }
  return count;
}

/**
 * Adds every live match to `top`; returns how many there are. By score, beyond `countUpTo` matches those that cannot be among
 * the best are passed by unread and uncounted.
 */
export async function collectHits(
  snapshot: Snapshot,
  query: Query,
  statistics: QueryStatistics,
  top: HitSink,
  sort: NumericSort | undefined,
  countUpTo: number,
): Promise<number> {
  let count = 0;
  for (const segment of snapshot.segments) {
    const [scorer, column] = await Promise.all([
      compileQuery(query, segment, statistics),
      sort === undefined ? undefined : numbersOf(segment, sort.field),
    ]);
    if (scorer === undefined) continue;
    const key = column === undefined ? undefined : new SortKey(column, sort!.order);
    if (key === undefined) count += collectScored(segment, scorer, top, countUpTo - count);
    else count += collectSorted(segment, scorer, top, key);
  }
  return count;
}

function collectSorted(segment: LiveSegment, scorer: Scorer, top: HitSink, key: SortKey): number {
  let count = 0;
  for (let docId = scorer.next(); docId !== NO_MORE_DOCS; docId = scorer.next()) {
    if (!isLive(segment, docId)) continue;
    count++;
    top.add(addressOf(segment.ordinal, docId), key.high(docId), key.low(docId));
  }
  return count;
}

function collectScored(segment: LiveSegment, scorer: Scorer, top: HitSink, countUpTo: number): number {
  let count = 0;
  let docId = scorer.next();
  for (; docId !== NO_MORE_DOCS && count <= countUpTo; docId = scorer.next()) {
    if (!isLive(segment, docId)) continue;
    count++;
    top.add(addressOf(segment.ordinal, docId), scorer.score(), 0);
  }
  return docId === NO_MORE_DOCS ? count : count + collectBest(segment, scorer, top, docId);
}

/** From `docId` on, stretches whose bound lies below the best hits' least score are passed by; returns how many were looked at. */
function collectBest(segment: LiveSegment, scorer: Scorer, top: HitSink, from: DocId): number {
  let count = 0;
  let least = Number.NEGATIVE_INFINITY;
  let [end, bound] = [-1, 0];
  for (let docId = from; docId !== NO_MORE_DOCS; ) {
    if (top.leastHigh > least) {
      least = top.leastHigh;
      scorer.setMinScore?.(least);
    }
    if (docId > end) {
      end = scorer.seekBound(docId);
      bound = scorer.boundScore();
    }
    if (bound < least) {
      docId = end === NO_MORE_DOCS ? end : scorer.advance(end + 1);
      continue;
    }
    if (isLive(segment, docId)) {
      count++;
      top.add(addressOf(segment.ordinal, docId), scorer.score(), 0);
    }
    docId = scorer.next();
  }
  return count;
}

/** Counts the values of live matches, document by document: a group collapsed to one hit counts with all its members. */
export async function collectFacets(
  snapshot: Snapshot,
  query: Query,
  statistics: QueryStatistics,
  facets: readonly FacetCounter[],
): Promise<void> {
  for (const segment of snapshot.segments) {
    const scorer = await compileQuery(query, segment, statistics);
    if (scorer === undefined) continue;
    const counters = await Promise.all(facets.map((facet) => facet.open(segment)));
    for (let docId = scorer.next(); docId !== NO_MORE_DOCS; docId = scorer.next()) {
      if (isLive(segment, docId)) for (const counter of counters) counter.add(docId);
    }
    for (const [i, facet] of facets.entries()) await facet.finish(segment, counters[i]!);
  }
}

/** A column's numbers as sort keys: the larger the better in either order, no value the worst of all. */
export class SortKey {
  readonly #isAscending: boolean;

  constructor(
    private readonly column: NumberColumn,
    order: NumericSort['order'],
  ) {
    this.#isAscending = order === 'asc';
  }

  high(docId: DocId): number {
    if (!this.column.has(docId)) return Number.NEGATIVE_INFINITY;
    const high = this.column.high(docId);
    return this.#isAscending ? -high : high;
  }

  low(docId: DocId): number {
    if (!this.column.has(docId)) return 0;
    const low = this.column.low(docId);
    return this.#isAscending ? -low : low;
  }
}

/** Scores of a few documents that match: what a list sorted by something else shows. */
export async function scoresOf(
  snapshot: Snapshot,
  query: Query,
  statistics: QueryStatistics,
  addresses: readonly number[],
): Promise<ReadonlyMap<number, number>> {
  const scores = new Map<number, number>();
  for (const segment of snapshot.segments) {
    const own = addresses.filter((address) => segmentOf(address) === segment.ordinal).sort((a, b) => a - b);
    if (own.length === 0) continue;
    const scorer = await compileQuery(query, segment, statistics);
    for (const address of own) {
      if (scorer?.advance(docIdOf(address)) === docIdOf(address)) scores.set(address, scorer.score());
    }
  }
  return scores;
}
