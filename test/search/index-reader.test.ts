/** Terms, documents, sums, generations and broken objects, through the door of the reading side. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { TidemarkError } from '#src/base/errors.js';
import { readNewest } from '#src/manifest/newest.js';
import { openIndex } from '#src/search/index-reader.js';
import type { Analyze } from '#src/search/resolve.js';
import { documentsOf, plainAnalyze, WORDS } from '../support/reference-documents.js';
import { writeReferenceIndex } from '../support/reference-index.js';
import { cellOf, type ReferenceDocument, stringsOf } from '../support/reference-segment.js';

const analyze: Analyze = (analyzer, text) =>
  plainAnalyze(analyzer, text).map((token) => new TextEncoder().encode(token));

function aDocument(id: string, values: ReferenceDocument['values'] = {}): ReferenceDocument {
  return { id, group: 'g', version: 1n, object: 0, rowGroup: 0, row: Number(id.replace(/\D/g, '') || 0), values };
}

const drawn = documentsOf(30).map((docs) => {
  const killed = new Set(docs.filter((_, i) => i % 3 === 1));
  return { segments: [docs.slice(0, 10), docs.slice(10)], killed, live: docs.filter((d) => !killed.has(d)), docs };
});

test('terms count live documents, or stored ones when asked', async () => {
  const property = fc.asyncProperty(
    drawn,
    fc.constantFrom('title', 'tags'),
    async ({ segments, killed, live, docs }, field) => {
      const index = await openIndex(await writeReferenceIndex(segments, (d) => killed.has(d)), { analyze });
      for (const [counted, all] of [
        [live, false],
        [docs, true],
      ] as const) {
        const expected = new Map<string, { docFreq: number; totalTermFreq: number }>();
        for (const document of counted) {
          const strings = stringsOf(cellOf(document, field));
          const tokens =
            field === 'title' ? strings.flatMap((s) => plainAnalyze('standard', s)) : [...new Set(strings)];
          for (const term of new Set(tokens)) {
            const { docFreq, totalTermFreq } = expected.get(term) ?? { docFreq: 0, totalTermFreq: 0 };
            const freq = tokens.filter((token) => token === term).length;
            expected.set(term, { docFreq: docFreq + 1, totalTermFreq: totalTermFreq + freq });
          }
        }
        for (const prefix of ['', 'b', 'gre', 'zebras']) {
          const found = await collect(index.terms(field, prefix, { all }));
          const wanted = [...expected].filter(([term]) => term.startsWith(prefix));
          wanted.sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
          assert.deepEqual(
            found,
            wanted.map(([term, counts]) => ({ term, ...counts })),
          );
        }
      }
    },
  );
  await fc.assert(property, { seed: 20260504, numRuns: 40 });
});

test('live documents, documents by id, and sums over a column', async () => {
  const property = fc.asyncProperty(drawn, async ({ segments, killed, live, docs }) => {
    const index = await openIndex(await writeReferenceIndex(segments, (d) => killed.has(d)), { analyze });
    const found = await collect(index.liveDocuments());
    assert.deepEqual(
      found.map(({ id }) => id),
      live.map(({ id }) => id),
    );
    const sizes = live.map((document) => cellOf(document, 'size')).filter((size) => typeof size === 'bigint');
    assert.equal(
      await index.sumColumn('size'),
      sizes.reduce((sum, size) => sum + size, 0n),
    );
    for (const document of docs) {
      const one = await index.doc(document.id);
      assert.equal(one !== undefined, !killed.has(document));
      if (one !== undefined) assert.deepEqual(one.fields.note, document.values.note ?? null);
    }
  });
  await fc.assert(property, { seed: 20260504, numRuns: 30 });
});

test('fields are shown as JSON says them', async () => {
  const values = {
    title: 'red',
    tags: ['b', 'a'],
    kind: 'big',
    size: 2n ** 53n + 1n,
    price: -0.5,
    at: 1_777_852_800_000_001n,
    open: true,
  };
  const index = await openIndex(await writeReferenceIndex([[aDocument('1', values), aDocument('2')]], () => false), {
    analyze,
  });
  const fields = ['title', 'tags', 'kind', 'size', 'price', 'at', 'open'];
  const { hits } = await index.search('*', { fields });
  assert.deepEqual(hits[0]!.fields, {
    title: 'red',
    tags: ['b', 'a'],
    kind: 'big',
    size: '9007199254740993',
    price: -0.5,
    at: '2026-05-04T00:00:00.000001Z',
    open: true,
  });
  assert.deepEqual(new Set(Object.values(hits[1]!.fields)), new Set([null]));
  await assert.rejects(index.search('*', { fields: ['body'] }), /text field body is not stored/);
});

test('totals are exact up to a thousand, or when asked', async () => {
  const docs = Array.from({ length: 1_200 }, (_, i) =>
    aDocument(`d${i}`, { title: i < 1_000 ? 'few' : 'red', kind: 'big' }),
  );
  const index = await openIndex(await writeReferenceIndex([docs], () => false), { analyze });
  const total = async (query: string, exactTotal = false) => {
    const found = await index.search(query, { k: 3, exactTotal });
    return [found.total, found.totalRelation];
  };
  assert.deepEqual(await total('few'), [1_000, 'eq']);
  assert.deepEqual(await total('few red'), [1_000, 'gte']);
  assert.deepEqual(await total('few red', true), [1_200, 'eq']);
  // More ties than are settled one by one: the smallest ids win.
  const { hits } = await index.search('kind:big', { k: 3 });
  assert.deepEqual(
    hits.map(({ id }) => id),
    ['d0', 'd1', 'd10'],
  );
});

test('a reader follows the newest generation, and stays where it is while that cannot be opened', async () => {
  const [one, two] = [aDocument('1', { title: 'red' }), aDocument('2', { title: 'red' })];
  const store = await writeReferenceIndex([[one]], () => false);
  const index = await openIndex(store, { analyze });
  assert.equal(await index.refresh(), false);
  await writeReferenceIndex([[one], [two]], () => false, store, 2);
  const manifest = (await readNewest(store))!;
  const name = manifest.delta.segments[0]!.name;
  const bytes = await store.read(name);
  await store.delete(name);
  await assert.rejects(index.refresh());
  assert.equal(await index.count('red'), 1);
  await store.put(name, bytes);
  assert.equal(await index.refresh(), true);
  assert.equal(await index.count('red'), 2);
  assert.equal(await (await openIndex(store, { analyze, generation: 1 })).count('red'), 1);
});

test('a broken kill bitmap or segment is refused by name', async () => {
  const docs = [aDocument('1', { title: 'red' }), aDocument('2', { title: 'red' })];
  const store = await writeReferenceIndex([docs], (d) => d.id === '1');
  const manifest = (await readNewest(store))!;
  const kills = Object.values(manifest.kills)[0]!.object;
  for (const [key, at] of [
    [kills, 20],
    [manifest.base!.segments[0]!.name, -30],
  ] as const) {
    const good = await store.read(key);
    const bad = good.slice();
    bad[at < 0 ? bad.length + at : at]! ^= 1;
    await store.put(key, bad);
    await assert.rejects(
      openIndex(store, { analyze }),
      (error) => error instanceof TidemarkError && error.code === 'corrupt',
    );
    await store.put(key, good);
  }
  assert.equal(await (await openIndex(store, { analyze })).count('red'), 1);
});

test('an index without a segment answers with nothing', async () => {
  const index = await openIndex(await writeReferenceIndex([], () => false), { analyze });
  assert.deepEqual((await index.search('red size:5')).hits, []);
  assert.equal(await index.count(WORDS[0]), 0);
  assert.deepEqual(await collect(index.terms('title')), []);
  await assert.rejects(openIndex(await emptyStore(), { analyze }), /there is no index here/);
});

async function collect<T>(values: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const value of values) all.push(value);
  return all;
}

async function emptyStore() {
  const store = await writeReferenceIndex([], () => false);
  for (const { key } of (await store.list({ prefix: '' })).objects) await store.delete(key);
  return store;
}
