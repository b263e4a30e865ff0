/**
 * A plain evaluator of queries over plain documents: every document is tokenized, every query tree is walked a document
 * at a time, BM25 is its formula in doubles. It takes resolved-by-hand queries, so it shares nothing with the parser.
 */
import { plainAnalyze, REFERENCE_SCHEMA } from './reference-documents.js';
import { referenceNorm } from './reference-postings.js';
import { cellOf, columnValue, positionedTokens, type ReferenceDocument, stringsOf } from './reference-segment.js';

/** A query tree with the text that asks for it. */
export type PlainQuery =
  | { readonly kind: 'term'; readonly field: string; readonly word: string }
  | { readonly kind: 'phrase'; readonly field: string; readonly words: readonly string[]; readonly slop: number }
  | { readonly kind: 'prefix'; readonly field: string; readonly prefix: string }
  | { readonly kind: 'range'; readonly field: string; readonly min: bigint; readonly max: bigint }
  | { readonly kind: 'boost'; readonly query: PlainQuery; readonly boost: number }
  | { readonly kind: 'and'; readonly queries: readonly PlainQuery[] }
  | { readonly kind: 'or'; readonly queries: readonly PlainQuery[] }
  | { readonly kind: 'minus'; readonly query: PlainQuery; readonly but: PlainQuery }
  | { readonly kind: 'all' };

/** The query in the language of people. */
export function toText(query: PlainQuery): string {
  switch (query.kind) {
    case 'term':
      return `${query.field}:${escapeWord(query.word)}`;
    case 'phrase':
      return `${query.field}:"${query.words.join(' ')}"${query.slop === 0 ? '' : `~${query.slop}`}`;
    case 'prefix':
      return `${query.field}:${escapeWord(query.prefix)}*`;
    case 'range':
      return `${query.field}:[${query.min} TO ${query.max}]`;
    case 'boost':
      return `(${toText(query.query)})^${query.boost}`;
    case 'and':
      return `(${query.queries.map(toText).join(' AND ')})`;
    case 'or':
      return `(${query.queries.map(toText).join(' OR ')})`;
    case 'minus':
      return `(+${toText(query.query)} -${toText(query.but)})`;
    case 'all':
      return '*:*';
  }
}

function escapeWord(word: string): string {
  return word.replace(/[\s()[\]{}"^~*:\\+\-!]/gu, '\\$&');
}

const norms = Array.from({ length: 2_000 }, (_, length) => referenceNorm(length));

/** Length as its norm rounds it. */
function roundedLength(length: number): number {
  return norms.indexOf(norms[length]!);
}

function isText(field: string): boolean {
  return REFERENCE_SCHEMA.fields.find(({ name }) => name === field)?.type === 'text';
}

type Tokens = ReturnType<typeof positionedTokens>;

export class ReferenceSearch {
  readonly #tokens = new Map<string, ReadonlyMap<ReferenceDocument, Tokens>>();

  /** `stored` = the documents that statistics are made from; killed ones among them. */
  constructor(readonly stored: readonly ReferenceDocument[]) {
    for (const { name, type } of [...REFERENCE_SCHEMA.fields, { name: '_id', type: 'keyword' as const }]) {
      if (type !== 'text' && type !== 'keyword') continue;
      const own = stored.map((document): [ReferenceDocument, Tokens] => {
        const strings = stringsOf(cellOf(document, name));
        const tokens =
          type === 'text'
            ? positionedTokens(strings, (text) => plainAnalyze('standard', text))
            : [...new Set(strings)].map((token) => ({ token, position: 0 }));
        return [document, tokens];
      });
      this.#tokens.set(name, new Map(own));
    }
  }

  /** Undefined where the document does not match. */
  score(query: PlainQuery, document: ReferenceDocument, boost = 1): number | undefined {
    switch (query.kind) {
      case 'all':
        return boost;
      case 'boost':
        return this.score(query.query, document, boost * query.boost);
      case 'term':
        return this.#bm25(query.field, [query.word], this.#count(query.field, query.word, document), document, boost);
      case 'phrase':
        return this.#bm25(query.field, query.words, this.#phraseFreq(query, document), document, boost);
      case 'prefix':
        return this.#hasPrefix(query.field, query.prefix, document) ? boost : undefined;
      case 'range': {
        const type = REFERENCE_SCHEMA.fields.find(({ name }) => name === query.field)!.type;
        const value = columnValue(cellOf(document, query.field), type);
        return value !== undefined && value >= query.min && value <= query.max ? boost : undefined;
      }
      case 'minus':
        return this.score(query.but, document) === undefined ? this.score(query.query, document, boost) : undefined;
      default: {
        const scores = query.queries.map((inner) => this.score(inner, document, boost));
        const matching = scores.filter((score) => score !== undefined);
        if (matching.length === 0 || (query.kind === 'and' && matching.length < scores.length)) return undefined;
        return matching.reduce((sum, score) => sum + score, 0);
      }
    }
  }

  /** The analyzers of the text fields lower-case, so prefixes do too; keywords are as they are. */
  #hasPrefix(field: string, prefix: string, document: ReferenceDocument): boolean {
    const wanted = isText(field) ? prefix.toLowerCase() : prefix;
    return this.#of(field, document).some(({ token }) => token.startsWith(wanted));
  }

  #of(field: string, document: ReferenceDocument): Tokens {
    return this.#tokens.get(field)!.get(document)!;
  }

  #count(field: string, word: string, document: ReferenceDocument): number {
    return this.#of(field, document).filter(({ token }) => token === word).length;
  }

  #bm25(field: string, words: readonly string[], freq: number, document: ReferenceDocument, boost: number) {
    if (freq === 0) return undefined;
    const lengths = this.stored.map((other) => this.#of(field, other).length);
    const docCount = lengths.filter((length) => length > 0).length;
    const average = lengths.reduce((sum, length) => sum + length, 0) / docCount;
    const length = isText(field) ? roundedLength(this.#of(field, document).length) : 1;
    let idf = 0;
    for (const word of words) {
      const docFreq = this.stored.filter((other) => this.#count(field, word, other) > 0).length;
      idf += Math.log(1 + (docCount - docFreq + 0.5) / (docFreq + 0.5));
    }
    return (boost * idf * freq) / (freq + 1.2 * (1 - 0.75 + (0.75 * length) / average));
  }

  /** Exact: places where the words follow each other. Sloppy, for different words: the lagging one moves until none is left. */
  #phraseFreq({ field, words, slop }: Extract<PlainQuery, { kind: 'phrase' }>, document: ReferenceDocument): number {
    const tokens = this.#of(field, document);
    const places = words.map((word, i) =>
      tokens.filter(({ token }) => token === word).map(({ position }) => position - i),
    );
    if (places.some((own) => own.length === 0)) return 0;
    if (slop === 0) return places[0]!.filter((start) => places.every((own) => own.includes(start))).length;
    return sloppyFreq(places, slop);
  }
}

function sloppyFreq(places: readonly number[][], slop: number): number {
  const left = places.map((own) => [...own]);
  const heads = () => left.map((own) => own[0]!);
  let freq = 0;
  let end = Math.max(...heads());
  for (;;) {
    const now = heads();
    const lagging = now.indexOf(Math.min(...now));
    const others = now.filter((_, i) => i !== lagging);
    const next = Math.min(...others);
    let spread = end - now[lagging]!;
    const own = left[lagging]!;
    let isOver = false;
    for (;;) {
      if (own.length === 1) {
        isOver = true;
        break;
      }
      own.shift();
      end = Math.max(end, own[0]!);
      if (own[0]! > next) break;
      spread = Math.min(spread, end - own[0]!);
    }
    if (spread <= slop) freq += 1 / (1 + spread);
    if (isOver) return freq;
  }
}
