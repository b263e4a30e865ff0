/** One hit a group: the best of each. */
import { GROUP_FIELD } from '../segment/layout.js';
import { NO_MORE_DOCS } from '../segment/postings.js';
import { type NumericSort, SortKey } from './collect.js';
import { compileQuery } from './compile.js';
import type { HitSink } from './cursor.js';
import { compareHits, idRanks, nameHits } from './ids.js';
import { numbersOf } from './overlays.js';
import type { Query } from './query.js';
import { isLive, type LiveSegment, type Snapshot } from './snapshot.js';
import type { QueryStatistics } from './statistics.js';
import { addressOf, type Hit } from './top-hits.js';

/** Group names are read one by one up to one in so many terms, above that in one pass over the dictionary. */
const SPARSE_GROUPS = 32;

/** Adds the best hit of every group to `top`; returns how many groups match. A document without a group stands for itself. */
export async function collectGroups(
  snapshot: Snapshot,
  query: Query,
  statistics: QueryStatistics,
  top: HitSink,
  sort?: NumericSort,
): Promise<number> {
  const best = new Map<string, Hit>();
  let count = 0;
  for (const segment of snapshot.segments) {
    const { groups, alone } = await winnersOf(segment, query, statistics, sort);
    for (const { address, high, low } of alone) top.add(address, high, low);
    count += alone.length;
    for (const [group, hit] of await nameGroups(segment, groups)) {
      const other = best.get(group);
      if (other === undefined || (await isBetter(snapshot, hit, other))) best.set(group, hit);
    }
  }
  for (const { address, high, low } of best.values()) top.add(address, high, low);
  return count + best.size;
}

/** A group may lie in several segments; only where two hits are equal their ids must be read. */
async function isBetter(snapshot: Snapshot, hit: Hit, other: Hit): Promise<boolean> {
  if (hit.high !== other.high) return hit.high > other.high;
  if (hit.low !== other.low) return hit.low > other.low;
  const [a, b] = await nameHits(snapshot, [hit, other]);
  return compareHits(a!, b!) < 0;
}

interface RankedHit extends Hit {
  /** Of the id in its segment. */
  readonly rank: number;
}

interface Winners {
  /** By ordinal of the group. */
  readonly groups: ReadonlyMap<number, Hit>;
  readonly alone: readonly Hit[];
}

/** The best live match of every group in one segment, and the matches without a group. */
async function winnersOf(
  segment: LiveSegment,
  query: Query,
  statistics: QueryStatistics,
  sort: NumericSort | undefined,
): Promise<Winners> {
  const groups = new Map<number, RankedHit>();
  const alone: Hit[] = [];
  const { reader, ordinal } = segment;
  const scorer = await compileQuery(query, segment, statistics);
  if (scorer === undefined) return { groups, alone };
  const [ordinals, ranks, column] = await Promise.all([
    reader.ordinals(GROUP_FIELD),
    idRanks(segment),
    sort === undefined ? undefined : numbersOf(segment, sort.field),
  ]);
  const key = column === undefined ? undefined : new SortKey(column, sort!.order);
  for (let docId = scorer.next(); docId !== NO_MORE_DOCS; docId = scorer.next()) {
    if (!isLive(segment, docId)) continue;
    const high = key === undefined ? scorer.score() : key.high(docId);
    const low = key === undefined ? 0 : key.low(docId);
    const hit = { address: addressOf(ordinal, docId), high, low, rank: ranks[docId]! };
    const group = ordinals.first(docId);
    const other = groups.get(group);
    if (group < 0) alone.push(hit);
    else if (other === undefined || isAhead(hit, other)) groups.set(group, hit);
  }
  return { groups, alone };
}

function isAhead(a: RankedHit, b: RankedHit): boolean {
  if (a.high !== b.high) return a.high > b.high;
  return a.low === b.low ? a.rank < b.rank : a.low > b.low;
}

/** Group ordinals as the bytes of their names. */
async function nameGroups({ reader }: LiveSegment, groups: ReadonlyMap<number, Hit>): Promise<[string, Hit][]> {
  const named: [string, Hit][] = [];
  const name = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');
  const dictionary = await reader.dictionary(GROUP_FIELD);
  if (groups.size * SPARSE_GROUPS < dictionary.size) {
    for (const [ordinal, hit] of groups) named.push([name(await dictionary.termAt(ordinal)), hit]);
    return named;
  }
  const cursor = await dictionary.iterate();
  while (await cursor.next()) {
    const hit = groups.get(cursor.ordinal);
    if (hit !== undefined) named.push([name(cursor.term), hit]);
  }
  return named;
}
