/** Pages by cursor against one long answer, over commits in between; facets against plain counts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { manifestKey } from '#src/manifest/names.js';
import { type IndexReader, openIndex } from '#src/search/index-reader.js';
import type { Analyze } from '#src/search/resolve.js';
import type { SearchOptions } from '#src/search/search.js';
import { documentsOf, plainAnalyze } from '../support/reference-documents.js';
import { writeReferenceIndex } from '../support/reference-index.js';
import { cellOf, type ReferenceDocument, stringsOf } from '../support/reference-segment.js';

const analyze: Analyze = (analyzer, text) =>
  plainAnalyze(analyzer, text).map((token) => new TextEncoder().encode(token));

const orders = fc.constantFrom<SearchOptions>(
  {},
  { sort: { field: 'size', order: 'asc' } },
  { sort: { field: 'price', order: 'desc' } },
  { group: true },
);

async function pages(index: IndexReader, query: string, options: SearchOptions, between: () => Promise<void>) {
  const hits = [];
  let after: string | undefined;
  for (;;) {
    const page = await index.search(query, { ...options, ...(after === undefined ? {} : { after }) });
    hits.push(...page.hits);
    if (page.next === null) return hits;
    after = page.next;
    await between();
  }
}

function aDocument(index: number, values: ReferenceDocument['values']): ReferenceDocument {
  return { id: `d${index}`, group: `g${index % 7}`, version: 1n, object: 0, rowGroup: 0, row: index, values };
}

test('pages are the long answer cut up, whatever is committed in between', async () => {
  const drawn = fc.record({ docs: documentsOf(40), order: orders, k: fc.integer({ min: 1, max: 7 }) });
  const property = fc.asyncProperty(drawn, async ({ docs, order, k }) => {
    fc.pre(docs.length > 0);
    const killed = new Set(docs.filter((_, i) => i % 5 === 1));
    const store = await writeReferenceIndex([docs.slice(0, 15), docs.slice(15)], (d) => killed.has(d));
    const index = await openIndex(store, { analyze });
    const whole = await index.search('red blue *', { ...order, k: 100 });
    let generation = 1;
    const commit = async () => {
      generation++;
      await writeReferenceIndex([docs.slice(0, 3)], () => false, store, generation);
      await index.refresh();
    };
    assert.deepEqual(await pages(index, 'red blue *', { ...order, k }, commit), whole.hits);
  });
  await fc.assert(property, { seed: 20260504, numRuns: 40 });
});

test('more ties than are settled by name are paged in the order of their ids', async () => {
  const docs = Array.from({ length: 700 }, (_, i) => aDocument(i, { kind: 'big' }));
  const index = await openIndex(await writeReferenceIndex([docs.slice(0, 300), docs.slice(300)], () => false), {
    analyze,
  });
  const hits = await pages(index, 'kind:big', { k: 150 }, async () => undefined);
  const ids = docs.map(({ id }) => id).sort();
  assert.deepEqual(
    hits.map(({ id }) => id),
    ids,
  );
});

test('a cursor of another query, a garbled one, and one whose generation is gone are refused in words', async () => {
  const docs = Array.from({ length: 9 }, (_, i) => aDocument(i, { title: 'red' }));
  const store = await writeReferenceIndex([docs], () => false);
  const index = await openIndex(store, { analyze });
  const { next } = await index.search('red', { k: 3 });
  await assert.rejects(index.search('blue', { k: 3, after: next! }), /cursor belongs to another query/);
  await assert.rejects(index.search('red', { k: 3, after: `${next!}!` }), /this is no cursor/);
  await writeReferenceIndex([docs.slice(0, 3)], () => false, store, 2);
  await store.delete(manifestKey(1));
  const late = await openIndex(store, { analyze });
  await assert.rejects(late.search('red', { k: 3, after: next! }), /generation 1, .* is not kept any more/);
});

test('facets count every value of the live matches', async () => {
  const drawn = fc.record({ docs: documentsOf(40), field: fc.constantFrom('tags', 'kind') });
  const property = fc.asyncProperty(drawn, async ({ docs, field }) => {
    fc.pre(docs.length > 0);
    const killed = new Set(docs.filter((_, i) => i % 5 === 1));
    const store = await writeReferenceIndex([docs.slice(0, 15), docs.slice(15)], (d) => killed.has(d));
    const index = await openIndex(store, { analyze });
    const matching = docs.filter(
      (document) =>
        !killed.has(document) &&
        stringsOf(cellOf(document, 'title')).some((one) => plainAnalyze('standard', one).includes('red')),
    );
    const counts = new Map<string, number>();
    let missing = 0;
    for (const document of matching) {
      const values = new Set(stringsOf(cellOf(document, field)));
      if (values.size === 0) missing++;
      for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
    }
    const { facets } = await index.search('title:red', { facets: [{ field, limit: 100 }] });
    const [facet] = facets!;
    assert.deepEqual(new Map(facet!.values.map(({ value, count }) => [value, count])), counts);
    assert.deepEqual([facet!.distinct, facet!.missing], [counts.size, missing]);
    const sorted = facet!.values.every(({ count }, i, all) => i === 0 || all[i - 1]!.count >= count);
    assert.ok(sorted, 'the most frequent come first');
  });
  await fc.assert(property, { seed: 20260504, numRuns: 60 });
});

test('a facet of a field without keywords is refused', async () => {
  const index = await openIndex(await writeReferenceIndex([[aDocument(0, { title: 'red' })]], () => false), {
    analyze,
  });
  await assert.rejects(index.search('red', { facets: [{ field: 'title' }] }), /no keyword field title/);
});
