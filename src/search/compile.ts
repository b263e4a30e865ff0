/** A query -> its scorer in one segment. All bytes are read here; from then on matching is synchronous. */
import { compareBytes } from '../base/bytes.js';
import type { TermCursor } from '../segment/dictionary.js';
import { NO_MORE_DOCS } from '../segment/postings.js';
import { makeWeight } from './bm25.js';
import { combine } from './boolean-scorer.js';
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
      return compilePrefix(query, segment);
    case 'term-range':
      return compileTermRange(query, segment);
    case 'range': {
      const column = await segment.reader.column(query.field);
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
  { reader, ordinal }: LiveSegment,
  statistics: QueryStatistics,
): Promise<Scorer | undefined> {
  const { infos, docFreq } = statistics.term(field, term);
  const info = infos[ordinal];
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

async function compilePrefix(
  { field, prefix, boost }: QueryOf<'prefix'>,
  segment: LiveSegment,
): Promise<Scorer | undefined> {
  const cursor = await (await segment.reader.dictionary(field)).iterate({ prefix });
  return unionOf(segment, field, cursor, undefined, boost);
}

async function compileTermRange(query: QueryOf<'term-range'>, segment: LiveSegment): Promise<Scorer | undefined> {
  const cursor = await (await segment.reader.dictionary(query.field)).seekCeil(query.lower);
  return unionOf(segment, query.field, cursor, query.upper, query.boost);
}

/** The documents of all terms from the cursor on, up to but not `upper`. */
async function unionOf(
  segment: LiveSegment,
  field: string,
  cursor: TermCursor,
  upper: Uint8Array | undefined,
  boost: number,
): Promise<Scorer | undefined> {
  const bits = new Uint32Array(Math.ceil(segment.docs / 32));
  let cost = 0;
  while (await cursor.next()) {
    if (upper !== undefined && compareBytes(cursor.term, upper) >= 0) break;
    const list = await segment.reader.postings(field, cursor.info());
    for (let docId = list.next(); docId !== NO_MORE_DOCS; docId = list.next()) bits[docId >>> 5]! |= 1 << (docId & 31);
    cost += list.docFreq;
  }
  return cost === 0 ? undefined : new BitSetScorer(bits, cost, Math.fround(boost));
}
