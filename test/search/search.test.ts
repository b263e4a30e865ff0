/** Searching a base with deltas and kills equals a plain evaluator over the documents, however they are split. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { openIndex } from '#src/search/index-reader.js';
import type { Analyze } from '#src/search/resolve.js';
import { documentsOf, plainAnalyze, WORDS } from '../support/reference-documents.js';
import { writeReferenceIndex } from '../support/reference-index.js';
import { type PlainQuery, ReferenceSearch, toText } from '../support/reference-search.js';
import { cellOf, columnValue, type ReferenceDocument } from '../support/reference-segment.js';

const analyze: Analyze = (analyzer, text) =>
  plainAnalyze(analyzer, text).map((token) => new TextEncoder().encode(token));

const textField = fc.constantFrom('title', 'body');
const word = fc.constantFrom(...WORDS);
const leaf: fc.Arbitrary<PlainQuery> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('term' as const), field: textField, word }) },
  fc.record({
    kind: fc.constant('term' as const),
    field: fc.constant('tags'),
    word: fc.constantFrom('red', 'Blue sky', 'ü'),
  }),
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('phrase' as const),
      field: textField,
      words: fc.uniqueArray(word, { minLength: 2, maxLength: 3 }),
      slop: fc.nat(4),
    }),
  },
  fc.record({
    kind: fc.constant('phrase' as const),
    field: textField,
    words: fc.array(fc.constantFrom('a', 'b'), { minLength: 2, maxLength: 3 }),
    slop: fc.constant(0),
  }),
  fc.record({
    kind: fc.constant('prefix' as const),
    field: fc.constantFrom('title', 'tags'),
    prefix: fc.constantFrom('b', 'gr', 'zz', 'B'),
  }),
  fc.bigInt({ min: -5n, max: 60n }).map((min) => ({ kind: 'range' as const, field: 'size', min, max: min + 20n })),
  fc.constant({ kind: 'all' as const }),
);

const { query } = fc.letrec<{ query: PlainQuery; list: PlainQuery[] }>((tie) => ({
  list: fc.array(tie('query'), { minLength: 2, maxLength: 3 }),
  query: fc.oneof(
    { depthSize: 'small' },
    { weight: 3, arbitrary: leaf },
    fc.record({ kind: fc.constant('and' as const), queries: tie('list') }),
    fc.record({ kind: fc.constant('or' as const), queries: tie('list') }),
    fc.record({ kind: fc.constant('minus' as const), query: tie('query'), but: tie('query') }),
    fc.record({ kind: fc.constant('boost' as const), query: tie('query'), boost: fc.constantFrom(0.5, 2, 3) }),
  ),
}));

interface Case {
  readonly segments: ReferenceDocument[][];
  readonly killed: ReadonlySet<ReferenceDocument>;
}

/** Documents with a third of the ids repeated, cut anywhere: of each id the last one lives, unless it is deleted. */
function casesOf(maxDocs: number): fc.Arbitrary<Case> {
  const drawn = fc.record({
    docs: documentsOf(maxDocs),
    cuts: fc.array(fc.nat(maxDocs), { maxLength: 3 }),
    salt: fc.nat(9),
  });
  return drawn.map(({ docs, cuts, salt }) => {
    const named = docs.map((document, i) => ({
      ...document,
      id: `k${(i * (salt + 1)) % Math.max(1, Math.ceil(docs.length / 1.5))}`,
    }));
    const inner = cuts.map((cut) => Math.min(cut, docs.length));
    const edges = [0, ...inner, docs.length].sort((a, b) => a - b);
    const segments = edges.slice(1).map((end, i) => named.slice(edges[i]!, end));
    const last = new Map(named.map((document) => [document.id, document]));
    const killed = new Set(named.filter((document, i) => last.get(document.id) !== document || (i + salt) % 7 === 0));
    return { segments, killed };
  });
}

async function open({ segments, killed }: Case) {
  const store = await writeReferenceIndex(segments, (document) => killed.has(document));
  return openIndex(store, { analyze });
}

const byId = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** Hits by the plain evaluator, in order. */
function expectedHits(reference: ReferenceSearch, live: readonly ReferenceDocument[], asked: PlainQuery) {
  const hits = live.flatMap((document) => {
    const score = reference.score(asked, document);
    return score === undefined ? [] : [{ id: document.id, score }];
  });
  return hits.sort((a, b) => b.score - a.score || byId(a.id, b.id));
}

/** Equal up to rounding: documents of (nearly) one score may change places only with each other. */
function assertSameHits(
  found: readonly { readonly id: string; readonly score: number }[],
  expected: readonly { readonly id: string; readonly score: number }[],
): void {
  const scores = new Map(expected.map(({ id, score }) => [id, score]));
  assert.equal(new Set(found.map(({ id }) => id)).size, found.length);
  found.forEach(({ id, score }, i) => {
    assert.ok(scores.has(id), `${id} must not match`);
    assert.ok(
      Math.abs(score - scores.get(id)!) < 1e-5 * Math.max(1, score),
      `score of ${id}: ${score}, ${scores.get(id)}`,
    );
    assert.ok(Math.abs(score - expected[i]!.score) < 1e-5 * Math.max(1, score), `rank ${i}`);
    const before = found[i - 1];
    if (before?.score === score) assert.ok(byId(before.id, id) < 0, 'ties go by id');
  });
}

for (const [maxDocs, numRuns] of [
  [14, 250],
  [400, 12],
] as const) {
  test(`hits, counts and scores equal the plain evaluator (up to ${maxDocs} documents)`, async () => {
    const property = fc.asyncProperty(
      casesOf(maxDocs),
      fc.array(query, { minLength: 1, maxLength: 6 }),
      async (one, queries) => {
        const index = await open(one);
        const all = one.segments.flat();
        const live = all.filter((document) => !one.killed.has(document));
        const [reference, exact] = [new ReferenceSearch(all), new ReferenceSearch(live)];
        for (const asked of queries) {
          const expected = expectedHits(reference, live, asked);
          const found = await index.search(toText(asked), { k: 7, fields: [] });
          assert.equal(found.total, expected.length);
          assert.equal(found.hits.length, Math.min(7, expected.length));
          assertSameHits(found.hits, expected);
          assert.equal(await index.count(toText(asked)), expected.length);
          const exactly = await index.search(toText(asked), { k: 1000, exactStats: true, fields: [] });
          assertSameHits(exactly.hits, expectedHits(exact, live, asked));
          assert.equal(exactly.hits.length, expected.length);
        }
      },
    );
    await fc.assert(property, { seed: 20260504, numRuns, endOnFailure: maxDocs > 100 });
  });
}

test('the same documents in other segments give the same answers to the last bit', async () => {
  const property = fc.asyncProperty(casesOf(60), query, async ({ segments, killed }, asked) => {
    const split = await open({ segments, killed });
    const whole = await open({ segments: [segments.flat()], killed });
    for (const options of [{ k: 5 }, { k: 5, group: true }, { k: 5, sort: { field: 'size', order: 'asc' } }] as const) {
      const [a, b] = [await split.search(toText(asked), options), await whole.search(toText(asked), options)];
      assert.deepEqual({ ...a, tookMs: 0 }, { ...b, tookMs: 0 });
    }
  });
  await fc.assert(property, { seed: 20260504, numRuns: 120 });
});

test('a bare word is the sum over all text fields, a filter adds nothing', async () => {
  const property = fc.asyncProperty(casesOf(20), word, async (one, asked) => {
    const index = await open(one);
    const bare = await index.search(asked, { k: 50, fields: [] });
    const spelled = await index.search(`title:${asked} OR body:${asked}`, { k: 50, fields: [] });
    assert.deepEqual(bare.hits, spelled.hits);
    const filtered = await index.search(asked, { k: 50, filter: 'kind:big', fields: [] });
    const kept = await index.search(`+(${asked}) +kind:big^0`, { k: 50, fields: [] });
    assert.deepEqual(filtered.hits, kept.hits);
  });
  await fc.assert(property, { seed: 20260504, numRuns: 60 });
});

test('sorting by a number puts documents without it last, ties by id', async () => {
  const property = fc.asyncProperty(casesOf(40), fc.constantFrom('size', 'price', 'at'), async (one, field) => {
    const index = await open(one);
    const live = one.segments.flat().filter((document) => !one.killed.has(document));
    const type = field === 'size' ? 'i64' : field === 'price' ? 'f64' : 'timestamp';
    for (const order of ['asc', 'desc'] as const) {
      const sign = order === 'asc' ? 1 : -1;
      const expected = live.toSorted((a, b) => {
        const [x, y] = [columnValue(cellOf(a, field), type), columnValue(cellOf(b, field), type)];
        if (x === y) return byId(a.id, b.id);
        if (x === undefined || y === undefined) return x === undefined ? 1 : -1;
        return x < y ? -sign : sign;
      });
      const found = await index.search('*', { k: 9, sort: { field, order }, fields: [] });
      assert.deepEqual(
        found.hits.map(({ id }) => id),
        expected.slice(0, 9).map(({ id }) => id),
      );
    }
  });
  await fc.assert(property, { seed: 20260504, numRuns: 60 });
});

test('collapsing keeps the best hit of each group', async () => {
  const property = fc.asyncProperty(casesOf(40), query, async (one, asked) => {
    const index = await open(one);
    const groupOf = new Map(one.segments.flat().map((document) => [document.id, '']));
    for (const document of one.segments.flat()) {
      if (!one.killed.has(document)) groupOf.set(document.id, document.group!);
    }
    const all = await index.search(toText(asked), { k: 1000, fields: [] });
    const firsts = all.hits.filter(
      (hit, i) => all.hits.findIndex(({ id }) => groupOf.get(id) === groupOf.get(hit.id)) === i,
    );
    const found = await index.search(toText(asked), { k: 1000, group: true, fields: [] });
    assert.deepEqual(found.hits, firsts);
    assert.equal(found.total, firsts.length);
  });
  await fc.assert(property, { seed: 20260504, numRuns: 100 });
});

test('passing by what cannot be among the best changes nothing', async () => {
  const words = fc.array(word, { minLength: 1, maxLength: 4 }).map((list) => list.join(' '));
  const asked = fc.oneof(
    { weight: 3, arbitrary: words },
    {
      weight: 1,
      arbitrary: words.map((text) =>
        text
          .split(' ')
          .map((one) => `+${one}`)
          .join(' '),
      ),
    },
    { weight: 2, arbitrary: query.map(toText) },
  );
  const request = fc.record({ text: asked, k: fc.integer({ min: 1, max: 12 }), countUpTo: fc.constantFrom(0, 1, 20) });
  const property = fc.asyncProperty(
    casesOf(900),
    fc.array(request, { minLength: 12, maxLength: 12 }),
    async (one, requests) => {
      const index = await open(one);
      for (const { text, k, countUpTo } of requests) {
        const whole = await index.search(text, { k, fields: [], exactTotal: true });
        const quick = await index.search(text, { k, fields: [], countUpTo });
        assert.deepEqual(quick.hits, whole.hits, text);
        assert.equal(quick.total, Math.min(whole.total, countUpTo));
        assert.equal(quick.totalRelation, whole.total > countUpTo ? 'gte' : 'eq');
      }
    },
  );
  await fc.assert(property, { seed: 20260504, numRuns: 12, endOnFailure: true });
});
