/** Runs a query over the segments of a snapshot and keeps the best hits. */
import type { DocId } from '../segment/layout.js';
import { NO_MORE_DOCS } from '../segment/postings.js';
import { compileQuery } from './compile.js';
import { type NumberColumn, numbersOf } from './overlays.js';
import type { Query } from './query.js';
import type { Scorer } from './scorer.js';
import { isLive, type LiveSegment, type Snapshot } from './snapshot.js';
import type { QueryStatistics } from './statistics.js';
import { addressOf, docIdOf, segmentOf, type TopHits } from './top-hits.js';

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

/** Adds every live match to `top`; returns how many there are. */
export async function collectHits(
  snapshot: Snapshot,
  query: Query,
  statistics: QueryStatistics,
  top: TopHits,
  sort?: NumericSort,
): Promise<number> {
  let count = 0;
  for (const segment of snapshot.segments) {
    const [scorer, column] = await Promise.all([
      compileQuery(query, segment, statistics),
      sort === undefined ? undefined : numbersOf(segment, sort.field),
    ]);
    if (scorer === undefined) continue;
    const key = column === undefined ? undefined : new SortKey(column, sort!.order);
    count += collectSegment(segment, scorer, top, key);
  }
  return count;
}

function collectSegment(segment: LiveSegment, scorer: Scorer, top: TopHits, key: SortKey | undefined): number {
  let count = 0;
  for (let docId = scorer.next(); docId !== NO_MORE_DOCS; docId = scorer.next()) {
    if (!isLive(segment, docId)) continue;
    count++;
    const address = addressOf(segment.ordinal, docId);
    if (key === undefined) top.add(address, scorer.score(), 0);
    else top.add(address, key.high(docId), key.low(docId));
  }
  return count;
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
