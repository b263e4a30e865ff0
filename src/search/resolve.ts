/** A written query over the fields of an index: names checked, texts analyzed, literals read. */
import { TidemarkError } from '../base/errors.js';
import { type FieldEntry, GROUP_FIELD, hasTerms, ID_FIELD, type TextAnalyzer } from '../segment/layout.js';
import { type Interval, MAX_I64, MIN_I64, parseLiteral } from './literal.js';
import type { Clause, Query, WrittenBound, WrittenClause, WrittenQuery } from './query.js';
import { syntaxError } from './syntax-error.js';

/** The terms of a text in order, as an analyzer makes them. */
export type Analyze = (analyzer: TextAnalyzer, text: string) => readonly Uint8Array[];

/** What a query is resolved against. */
export interface QueryFields {
  /** All fields by name, the internal ones included. */
  readonly fields: ReadonlyMap<string, Pick<FieldEntry, 'name' | 'type' | 'analyzer'>>;
  readonly analyze: Analyze;
}

type Field = Pick<FieldEntry, 'name' | 'type' | 'analyzer'>;

const utf8 = new TextEncoder();
const NONE: Query = { kind: 'none' };

/**
 * Resolves a query; fails with code `usage` on a field that does not exist or a literal that does not fit. A text that
 * holds no token (mere punctuation) asks for nothing, and its clause is left out.
 */
export function resolveQuery(written: WrittenQuery, text: string, context: QueryFields): Query {
  return new Resolver(text, context).query(written, 1) ?? NONE;
}

class Resolver {
  constructor(
    readonly text: string,
    readonly context: QueryFields,
  ) {}

  /** Undefined where the query asks for nothing. */
  query(written: WrittenQuery, boost: number): Query | undefined {
    switch (written.kind) {
      case 'every':
        return { kind: 'all', boost };
      case 'boost':
        return this.query(written.query, boost * written.boost);
      case 'boolean':
        return this.#boolean(written.clauses, boost);
      case 'range':
        return this.#range(this.#field(written.field, written.at), written.lower, written.upper, boost);
      case 'word':
        return this.#overFields(written, (field) => this.#words(field, written.text, boost));
      case 'phrase':
        return this.#overFields(written, (field) => this.#phrase(field, written.text, written.slop, boost));
      case 'prefix':
        return this.#overFields(written, (field) => this.#prefix(field, written.text, written.at, boost));
    }
  }

  /** The named field, or the sum over every text field. */
  #overFields(
    written: { readonly field: string | undefined; readonly at: number },
    make: (field: Field) => Query | undefined,
  ): Query | undefined {
    if (written.field !== undefined) return make(this.#field(written.field, written.at));
    const texts = [...this.context.fields.values()].filter(({ type }) => type === 'text');
    return anyOf(texts.map(make).filter((query) => query !== undefined));
  }

  #field(name: string, at: number): Field {
    const field = this.context.fields.get(name);
    if (field !== undefined) return field;
    const known = [...this.context.fields.keys()].filter((other) => other !== ID_FIELD && other !== GROUP_FIELD);
    throw syntaxError(
      this.text,
      at,
      `there is no field ${name}`,
      `fields are ${known.join(', ')}; write \\: for a colon`,
    );
  }

  #boolean(written: readonly WrittenClause[], boost: number): Query | undefined {
    const clauses: Clause[] = [];
    for (const { occur, query } of written) {
      const resolved = this.query(query, boost);
      if (resolved !== undefined) clauses.push({ occur, query: resolved });
    }
    const onlyNegative = written.length > 0 && written.every(({ occur }) => occur === 'not');
    if (onlyNegative) clauses.unshift({ occur: 'must', query: { kind: 'all', boost } });
    return clauses.length === 0 ? undefined : { kind: 'boolean', clauses };
  }

  #words(field: Field, text: string, boost: number): Query | undefined {
    if (field.type === 'keyword') return { kind: 'term', field: field.name, term: utf8.encode(text), boost };
    if (field.type !== 'text')
      return { kind: 'range', field: field.name, ...parseLiteral(text, field.name, field.type), boost };
    const terms = this.context.analyze(field.analyzer!, text);
    return anyOf(terms.map((term) => ({ kind: 'term', field: field.name, term, boost })));
  }

  #phrase(field: Field, text: string, slop: number, boost: number): Query | undefined {
    if (field.type !== 'text') return this.#words(field, text, boost);
    const terms = this.context.analyze(field.analyzer!, text);
    if (terms.length < 2) return this.#words(field, text, boost);
    return { kind: 'phrase', field: field.name, terms, slop, boost };
  }

  #prefix(field: Field, text: string, at: number, boost: number): Query {
    const { name, type } = field;
    if (hasTerms(type)) return { kind: 'prefix', field: name, prefix: utf8.encode(normalize(field, text)), boost };
    if (text === '') return { kind: 'range', field: name, min: MIN_I64, max: MAX_I64, boost };
    throw syntaxError(this.text, at, `field ${name} holds numbers, which have no prefixes`, `write ${name}:[a TO b]`);
  }

  #range(field: Field, lower: WrittenBound, upper: WrittenBound, boost: number): Query {
    return hasTerms(field.type) ? termRange(field, lower, upper, boost) : numericRange(field, lower, upper, boost);
  }
}

function anyOf(queries: readonly Query[]): Query | undefined {
  if (queries.length < 2) return queries[0];
  return { kind: 'boolean', clauses: queries.map((query) => ({ occur: 'should', query })) };
}

/** Lower-cases per code point where the field's analyzer does; a prefix is no whole word, so it is not cut into tokens. */
function normalize(field: Field, text: string): string {
  const lowers = field.type === 'text' && (field.analyzer === 'standard' || field.analyzer === 'simple');
  return lowers ? Array.from(text, (char) => char.toLowerCase()).join('') : text;
}

function termRange(field: Field, lower: WrittenBound, upper: WrittenBound, boost: number): Query {
  const bytes = ({ text }: WrittenBound) => (text === undefined ? undefined : utf8.encode(normalize(field, text)));
  const from = bytes(lower);
  const to = bytes(upper);
  return {
    kind: 'term-range',
    field: field.name,
    lower: from === undefined ? new Uint8Array(0) : lower.inclusive ? from : justAfter(from),
    upper: to !== undefined && upper.inclusive ? justAfter(to) : to,
    boost,
  };
}

/** The next byte string in order: one zero byte more. */
function justAfter(term: Uint8Array): Uint8Array {
  const after = new Uint8Array(term.length + 1);
  after.set(term);
  return after;
}

function numericRange(field: Field, lower: WrittenBound, upper: WrittenBound, boost: number): Query {
  const read = ({ text }: WrittenBound): Interval | undefined =>
    text === undefined ? undefined : parseLiteral(text, field.name, field.type);
  const from = read(lower);
  const to = read(upper);
  const min = from === undefined ? MIN_I64 : lower.inclusive ? from.min : from.max + 1n;
  const max = to === undefined ? MAX_I64 : upper.inclusive ? to.max : to.min - 1n;
  return min > max ? NONE : { kind: 'range', field: field.name, min, max, boost };
}

/** Fails with code `usage` where a field does not exist or does not hold numbers. */
export function requireNumeric(fields: QueryFields['fields'], name: string): Field {
  const field = fields.get(name);
  if (field !== undefined && !hasTerms(field.type)) return field;
  const numeric = [...fields.values()].filter(({ type }) => !hasTerms(type)).map((entry) => entry.name);
  throw new TidemarkError('usage', `there is no numeric field ${name}`, {
    fix: `numeric fields are ${numeric.join(', ')}`,
  });
}
