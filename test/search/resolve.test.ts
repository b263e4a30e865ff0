import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TidemarkError } from '#src/base/errors.js';
import { parseQuery } from '#src/search/parse.js';
import type { Query } from '#src/search/query.js';
import { type Analyze, resolveQuery } from '#src/search/resolve.js';
import { floatToOrdered } from '#src/segment/column.js';
import { plainAnalyze, REFERENCE_SCHEMA } from '../support/reference-documents.js';

const fields = new Map(REFERENCE_SCHEMA.fields.map((field) => [field.name, field]));
const utf8 = new TextEncoder();

function resolve(text: string): Query {
  const analyze: Analyze = (analyzer, words) => plainAnalyze(analyzer, words).map((word) => utf8.encode(word));
  return resolveQuery(parseQuery(text), text, { fields, analyze });
}

const micros = (iso: string) => BigInt(Date.parse(iso)) * 1000n;

test('dates cover as long as they are written for', () => {
  const range = (text: string) => {
    const query = resolve(text);
    assert.ok(query.kind === 'range', text);
    return [query.min, query.max];
  };
  const day = [micros('2026-05-04T00:00:00Z'), micros('2026-05-05T00:00:00Z') - 1n];
  assert.deepEqual(range('at:2026-05-04'), day);
  assert.deepEqual(range('at:[2026-05-04 TO 2026-05-04]'), day);
  assert.equal(range('at:{2026-05-04 TO *]')[0], micros('2026-05-05T00:00:00Z'));
  assert.equal(range('at:[* TO 2026-05-04}')[1], micros('2026-05-04T00:00:00Z') - 1n);
  assert.deepEqual(range('at:2026-05-04T10:00:00Z'), [
    micros('2026-05-04T10:00:00Z'),
    micros('2026-05-04T10:00:01Z') - 1n,
  ]);
  assert.deepEqual(range('at:2026-05-04T10:00+02:00')[0], micros('2026-05-04T08:00:00Z'));
  assert.deepEqual(range('at:2026-05-04T10:00:00.000001Z'), [
    micros('2026-05-04T10:00:00Z') + 1n,
    micros('2026-05-04T10:00:00Z') + 1n,
  ]);
  assert.deepEqual(range('price:[-1.5 TO 2]'), [floatToOrdered(-1.5), floatToOrdered(2)]);
  assert.deepEqual(range('size:[-9223372036854775808 TO 9223372036854775807]'), [-(2n ** 63n), 2n ** 63n - 1n]);
  assert.deepEqual(range('open:true'), [1n, 1n]);
});

test('an empty range matches nothing, also at the ends of what 64 bits hold', () => {
  for (const text of ['size:{1 TO 2}', 'size:[5 TO 4]', 'size:{9223372036854775807 TO *]']) {
    assert.equal(resolve(text).kind, 'none', text);
  }
});

test('literals that do not fit are told with what would', () => {
  for (const text of [
    'size:x',
    'size:1.5',
    'size:9223372036854775808',
    'price:1e',
    'at:2026-02-30',
    'at:yesterday',
    'open:maybe',
  ]) {
    assert.throws(
      () => resolve(text),
      (error) => error instanceof TidemarkError && error.code === 'usage' && error.fix !== undefined,
      text,
    );
  }
});

test('an unknown field is pointed at', () => {
  assert.throws(
    () => resolve('red http://x'),
    (error) => error instanceof TidemarkError && error.where.character === 5 && /no field http/.test(error.message),
  );
});

test('a text without a token asks for nothing, and leaves the other clauses as they are', () => {
  assert.equal(resolve('title:...').kind, 'none');
  assert.deepEqual(resolve('title:red +title:...'), resolve('title:(red)^1 OR title:"..."'));
  assert.equal(resolve('-title:...').kind, 'boolean');
});

test('boosts multiply down to the terms', () => {
  const query = resolve('(title:red^2 AND size:5)^3');
  assert.ok(query.kind === 'boolean');
  const boosts = query.clauses.map(({ query: inner }) => ('boost' in inner ? inner.boost : 0));
  assert.deepEqual(boosts, [6, 3]);
});
