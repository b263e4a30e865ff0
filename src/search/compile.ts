/** A query -> its scorer in one segment. All bytes are read here; from then on matching is synchronous. */
import { compareBytes } from '../base/bytes.js';
import { NO_MORE_DOCS } from '../segment/postings.js';
import { prefixBounds, type TermBounds, type VisitList, walkLists } from '../segment/walk.js';
import { makeWeight, NO_NORM, score } from './bm25.js';
import { combine } from './boolean-scorer.js';
import { OverlaidTermScorer } from './overlaid-term-scorer.js';
import { numbersOf } from './overlays.js';
import { PhraseScorer } from './phrase-scorer.js';
import type { Query } from './query.js';
import { RangeScorer } from './range-scorer.js';
import { AllScorer, BitSetScorer, type Scorer } from './scorer.js';
import type { LiveSegment } from './snapshot.js';
import type { QueryStatistics } from './statistics.js';
import { TermScorer } from './term-scorer.js';

type QueryOf<K extends Query['kind']> = Extract<Query, { kind: K }>;

/** Undefined where nothing in the segment can match. Killed documents are not left out here. */
export async function compileQuery(
  query: Query,
  segment: LiveSegment,
  statistics: QueryStatistics,
): Promise<Scorer | undefined> {
  switch (query.kind) {
    case 'none':
      return undefined;
    case 'all':
      return new AllScorer(segment.docs, Math.fround(query.boost));
    case 'term':
      return compileTerm(query, segment, statistics);
    case 'phrase':
      return compilePhrase(query, segment, statistics);
    case 'prefix':
      return unionOf(segment, query.field, prefixBounds(query.prefix), query.boost);
    case 'term-range':
      return unionOf(segment, query.field, { from: query.lower, to: query.upper }, query.boost);
    case 'range': {
      const column = await numbersOf(segment, query.field);
      return new RangeScorer(column, query.min, query.max, Math.fround(query.boost));
    }
    case 'boolean':
      return combine(
        await Promise.all(
          query.clauses.map(async ({ occur, query: inner }) => {
            return { occur, scorer: await compileQuery(inner, segment, statistics) };
          }),
        ),
      );
  }
}

async function compileTerm(
  { field, term, boost }: QueryOf<'term'>,
  { reader, ordinal, overlays }: LiveSegment,
  statistics: QueryStatistics,
): Promise<Scorer | undefined> {
  const { infos, docFreq } = statistics.term(field, term);
  const info = infos[ordinal];
  const overlay = overlays.get(field);
  if (overlay !== undefined) {
    const list = info === undefined ? undefined : await reader.postings(field, info);
    const patched = overlay.docIdsOf(term);
    if (list === undefined && patched.length === 0) return undefined;
    const weight = makeWeight(statistics.field(field), [docFreq], boost);
    return new OverlaidTermScorer(list, overlay, patched, score(weight, 1, NO_NORM));
  }
  if (info === undefined) return undefined;
  const isText = reader.field(field)?.type === 'text';
  const [list, norms] = await Promise.all([
    reader.postings(field, info),
    isText ? reader.norms(field) : Promise.resolve(undefined),
  ]);
  return new TermScorer(list, makeWeight(statistics.field(field), [docFreq], boost), norms);
}

async function compilePhrase(
  { field, terms, slop, boost }: QueryOf<'phrase'>,
  { reader, ordinal }: LiveSegment,
  statistics: QueryStatistics,
): Promise<Scorer | undefined> {
  const found = terms.map((term) => statistics.term(field, term));
  const infos = found.map((term) => term.infos[ordinal]);
  if (!infos.every((info) => info !== undefined)) return undefined;
  const [lists, norms] = await Promise.all([
    Promise.all(infos.map((info) => reader.postings(field, info))),
    reader.norms(field),
  ]);
  const sameWord = terms.map((term) => terms.findIndex((other) => compareBytes(other, term) === 0));
  const docFreqs = found.map(({ docFreq }) => docFreq);
  return new PhraseScorer(lists, sameWord, slop, makeWeight(statistics.field(field), docFreqs, boost), norms);
}

/** The documents of all terms within bounds. */
async function unionOf(
  segment: LiveSegment,
  field: string,
  bounds: TermBounds,
  boost: number,
): Promise<Scorer | undefined> {
  const bits = new Uint32Array(Math.ceil(segment.docs / 32));
  const overlay = segment.overlays.get(field);
  let cost = 0;
  const visit: VisitList = (_, list) => {
    for (let docId = list.next(); docId !== NO_MORE_DOCS; docId = list.next()) bits[docId >>> 5]! |= 1 << (docId & 31);
    cost += list.docFreq;
  };
  await walkLists(segment.reader, field, visit, bounds);
  if (overlay !== undefined) {
    for (const docId of overlay.docIds) bits[docId >>> 5]! &= ~(1 << (docId & 31));
    for (const docId of overlay.docIdsWithin(bounds)) {
      bits[docId >>> 5]! |= 1 << (docId & 31);
      cost++;
    }
  }
  return cost === 0 ? undefined : new BitSetScorer(bits, cost, Math.fround(boost));
}
