/** One search over a snapshot: query text and options in, the contract's JSON shape out. */
import type { Clock } from '../base/time.js';
import { collectGroups } from './collapse.js';
import { collectFacets, collectHits, countMatches, type NumericSort, scoresOf } from './collect.js';
import { AfterPage, decodeCursor, encodeCursor, requestHash } from './cursor.js';
import { type Facet, FacetCounter, type FacetOptions } from './facets.js';
import { type FieldValues, readFields, requireShown } from './fields.js';
import { groupKeyOf, groupMembers } from './groups.js';
import { bestHits, type NamedHit } from './ids.js';
import { parseQuery } from './parse.js';
import type { Query } from './query.js';
import { type Analyze, requireNumeric, resolveQuery } from './resolve.js';
import type { Snapshot } from './snapshot.js';
import { gatherStatistics, type LiveStatisticsCache, type QueryStatistics } from './statistics.js';
import { docIdOf, segmentOf, TopHits } from './top-hits.js';

export interface SearchOptions {
  /** Hits wanted; 10 unless told. */
  readonly k?: number;
  /** A further query that hits must match; it adds nothing to their scores. */
  readonly filter?: string;
  readonly sort?: NumericSort;
  /** Fields shown with each hit; the stored ones unless told. */
  readonly fields?: readonly string[];
  /** Scores from live documents alone instead of stored statistics. */
  readonly exactStats?: boolean;
  /** The exact total however large. */
  readonly exactTotal?: boolean;
  /** Matches that are counted before those that cannot be among the best are passed by; 1,000 unless told. */
  readonly countUpTo?: number;
  /** Only the best hit of each group; `total` then counts groups. */
  readonly group?: boolean;
  /** With each hit all live documents of its group, as of the generation answered from. */
  readonly members?: boolean;
  /** `next` of the page before: its request, and hits after its last one, of the same generation. */
  readonly after?: string;
  /** Keyword fields whose values are counted over all matches. */
  readonly facets?: readonly FacetOptions[];
}

/** A document of a hit's group. */
export interface GroupMember {
  readonly id: string;
  readonly fields: FieldValues;
}

export interface SearchHit {
  readonly id: string;
  readonly score: number;
  readonly fields: FieldValues;
  /** By id, the hit itself among them; only where asked for and the hit has a group. */
  readonly members?: readonly GroupMember[];
}

export interface SearchResult {
  readonly total: number;
  /** `gte`: there are at least so many. */
  readonly totalRelation: 'eq' | 'gte';
  readonly tookMs: number;
  readonly hits: readonly SearchHit[];
  /** Hand it back as `after` for the next page; null where this one is the last. */
  readonly next: string | null;
  /** As asked for, in that order; left out where none was. */
  readonly facets?: readonly Facet[];
}

/** What a search needs beside its words. */
export interface SearchContext {
  readonly snapshot: Snapshot;
  readonly analyze: Analyze;
  readonly clock: Clock;
  readonly liveStatistics: LiveStatisticsCache;
}

const DEFAULT_K = 10;
/** Totals are exact up to here, as in Lucene. */
const COUNT_UP_TO = 1_000;

/** Runs a query; fails with code `usage` where it cannot be read. */
export async function search(context: SearchContext, text: string, options: SearchOptions = {}): Promise<SearchResult> {
  const { snapshot, clock } = context;
  const started = clock.elapsed();
  const { sort, exactTotal = false } = options;
  const shown = options.fields ?? snapshot.stored;
  if (options.fields !== undefined) requireShown(snapshot, options.fields);
  if (sort !== undefined && snapshot.segments.length > 0) requireNumeric(snapshot.fields, sort.field);
  const query = planQuery(context, text, options.filter);
  const statistics = await gatherStatistics(snapshot, query, options.exactStats ? context.liveStatistics : undefined);
  const request = requestHash(text, options.filter, sort?.field, sort?.order, options.group, options.exactStats);
  const top = new TopHits(options.k ?? DEFAULT_K);
  const page = options.after === undefined ? undefined : new AfterPage(decodeCursor(options.after, request), top);
  const collapses = options.group === true && snapshot.hasGroups;
  const countUpTo = exactTotal ? Number.POSITIVE_INFINITY : (options.countUpTo ?? COUNT_UP_TO);
  const total = collapses
    ? await collectGroups(snapshot, query, statistics, page ?? top, sort)
    : await collectHits(snapshot, query, statistics, page ?? top, sort, countUpTo);
  await page?.settle(snapshot);
  const best = await bestHits(snapshot, top);
  const facets = (options.facets ?? []).map((facet) => FacetCounter.of(snapshot, facet));
  if (facets.length > 0) await collectFacets(snapshot, query, statistics, facets);
  const hits = await showHits(context, query, statistics, best, shown, options);
  const isCapped = total > countUpTo;
  return {
    total: isCapped ? countUpTo : total,
    totalRelation: isCapped ? 'gte' : 'eq',
    tookMs: clock.elapsed() - started,
    hits,
    next: nextCursor(best, options.k ?? DEFAULT_K, snapshot.manifest.generation, request),
    ...(facets.length === 0 ? {} : { facets: facets.map((facet) => facet.result()) }),
  };
}

/** A page that is not full is the last one. */
function nextCursor(best: readonly NamedHit[], k: number, generation: number, request: Uint8Array): string | null {
  const last = best.at(-1);
  if (last === undefined || best.length < k) return null;
  return encodeCursor({ generation, high: last.high, low: last.low, id: last.id }, request);
}

/** Counts live documents that match; always exact. */
export async function count(context: SearchContext, text: string, filter?: string): Promise<number> {
  const query = planQuery(context, text, filter);
  const statistics = await gatherStatistics(context.snapshot, query, undefined);
  return countMatches(context.snapshot, query, statistics);
}

/** Parses and resolves a query and its filter into one. */
function planQuery({ snapshot, analyze }: SearchContext, text: string, filter: string | undefined): Query {
  const written = parseQuery(text);
  const writtenFilter = filter === undefined ? undefined : parseQuery(filter);
  // An index without a segment has no fields to resolve names against, and no documents either.
  if (snapshot.segments.length === 0) return { kind: 'none' };
  const query = resolveQuery(written, text, { fields: snapshot.fields, analyze });
  if (writtenFilter === undefined) return query;
  const restriction = resolveQuery(writtenFilter, filter!, { fields: snapshot.fields, analyze });
  return {
    kind: 'boolean',
    clauses: [
      { occur: 'must', query },
      { occur: 'filter', query: restriction },
    ],
  };
}

async function showHits(
  { snapshot }: SearchContext,
  query: Query,
  statistics: QueryStatistics,
  best: readonly NamedHit[],
  shown: readonly string[],
  { sort, members = false }: Pick<SearchOptions, 'sort' | 'members'>,
): Promise<SearchHit[]> {
  const addresses = best.map(({ address }) => address);
  const scores = sort === undefined ? undefined : await scoresOf(snapshot, query, statistics, addresses);
  const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
  return Promise.all(
    best.map(async ({ address, high, id }) => ({
      id: utf8.decode(id),
      score: scores?.get(address) ?? high,
      fields: await readFields(snapshot, snapshot.segments[segmentOf(address)]!, docIdOf(address), shown),
      ...(members ? await showMembers(snapshot, address, shown) : {}),
    })),
  );
}

/** The whole group of a hit, from the same generation as the hit. */
async function showMembers(snapshot: Snapshot, address: number, shown: readonly string[]) {
  const group = await groupKeyOf(snapshot, snapshot.segments[segmentOf(address)]!, docIdOf(address));
  if (group === undefined) return {};
  const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
  const members = (await groupMembers(snapshot, group)).map(async ({ id, segment, docId }) => {
    return { id: utf8.decode(id), fields: await readFields(snapshot, segment, docId, shown) };
  });
  return { members: await Promise.all(members) };
}
