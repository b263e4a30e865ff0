/** Column patches over a real index: what sorts, ranges, filters, counts and shown fields say. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { systemClock } from '#src/base/time.js';
import { checkIndex } from '#src/cli/check-index.js';
import { collectGarbage } from '#src/commit/gc.js';
import { resume, rollback } from '#src/commit/rollback.js';
import { compactIndex } from '#src/coordinator/compact.js';
import { encodeManifest } from '#src/manifest/codec.js';
import { manifestKey } from '#src/manifest/names.js';
import { readNewest } from '#src/manifest/newest.js';
import type { IndexReader } from '#src/search/index-reader.js';
import type { TermEntry } from '#src/search/terms.js';
import { decodeOverlay, encodeOverlay, overlayOf } from '#src/segment/overlay.js';
import { openStore } from '#src/store/open.js';
import { testPool } from '../support/package-index.js';
import type { AdIndex, AdOptions } from '../support/patched-index.js';
import { adIndex, dropPatches, landPatches, landRows, minuteTime, openAds, runAds } from '../support/patched-index.js';

const root = mkdtempSync(join(tmpdir(), 'tidemark-patches-'));
const pool = testPool(1);
after(async () => {
  await pool.close();
  rmSync(root, { recursive: true, force: true });
});

let made = 0;
const freshIndex = (options?: AdOptions) => adIndex(join(root, `${made++}`), pool, options);

/** Bid, budget and stock of every live document, by id. */
async function shown(index: AdIndex): Promise<Record<string, unknown>> {
  const reader = await openAds(index);
  const { hits } = await reader.search('*:*', { k: 100, fields: ['bid', 'budget', 'stock'] });
  return Object.fromEntries(hits.map(({ id, fields }) => [id, [fields.bid, fields.budget, fields.stock]]));
}

async function termsOf(reader: IndexReader, prefix: string): Promise<TermEntry[]> {
  const found: TermEntry[] = [];
  for await (const entry of reader.terms('stock', prefix)) found.push(entry);
  return found;
}

describe('column patches', () => {
  it('change numbers for sorts, ranges, sums and hits, without a new segment', async () => {
    const index = freshIndex();
    landRows(index, 1, [
      { id: 'a', version: 1n, title: 'red shoe', bid: 1.5, budget: 10n, stock: 'in' },
      { id: 'b', version: 1n, title: 'blue shoe', bid: 2.5, budget: 20n, stock: 'in' },
      { id: 'c', version: 1n, title: 'green shoe', bid: 3.5, stock: 'out' },
    ]);
    const rows = await runAds(index);
    landPatches(index, 2, [
      { id: 'a', version: 2n, bid: 9.25 },
      { id: 'c', version: 2n, budget: 7n },
    ]);
    const patched = await runAds(index);
    assert.equal(patched.generation, rows.generation + 1);
    assert.deepEqual(patched.segments, rows.segments);
    assert.equal(patched.builtDocs, 0);
    assert.deepEqual(patched.patches, [
      { name: 'bids', watermark: '2026-05-04T00:02:00.000Z', rows: 2, rejected: 0, unknown: 0 },
    ]);
    assert.deepEqual(await shown(index), { a: [9.25, 10, 'in'], b: [2.5, 20, 'in'], c: [3.5, 7, 'out'] });
    const reader = await openAds(index);
    const sorted = await reader.search('shoe', { sort: { field: 'bid', order: 'desc' } });
    assert.deepEqual(
      sorted.hits.map(({ id }) => id),
      ['a', 'c', 'b'],
    );
    assert.equal(await reader.count('bid:[9 TO 10]'), 1);
    assert.equal(await reader.count('bid:[1 TO 2]'), 0);
    assert.equal(await reader.count('budget:7'), 1);
    assert.equal(await reader.sumColumn('budget'), 37n);
    assert.equal((await runAds(index)).committed, false);
  });

  it('change keywords for filters, prefixes, ranges, terms and hits, and leave posting lists alone', async () => {
    const index = freshIndex();
    landRows(index, 1, [
      { id: 'a', version: 1n, stock: 'in' },
      { id: 'b', version: 1n, stock: 'in' },
      { id: 'c', version: 1n, stock: 'out' },
      { id: 'd', version: 1n },
    ]);
    await runAds(index);
    landPatches(index, 2, [
      { id: 'a', version: 2n, stock: 'out' },
      { id: 'd', version: 2n, stock: 'order' },
    ]);
    await runAds(index);
    const reader = await openAds(index);
    const idsOf = async (query: string) => (await reader.search(query)).hits.map(({ id }) => id).sort();
    assert.deepEqual(await idsOf('stock:in'), ['b']);
    assert.deepEqual(await idsOf('stock:out'), ['a', 'c']);
    assert.deepEqual(await idsOf('stock:order'), ['d']);
    assert.deepEqual(await idsOf('stock:o*'), ['a', 'c', 'd']);
    assert.deepEqual(await idsOf('stock:[in TO order]'), ['b', 'd']);
    assert.deepEqual(await idsOf('*:* -stock:out'), ['b', 'd']);
    const terms = await termsOf(reader, '');
    assert.deepEqual(
      terms.map(({ term, docFreq }) => [term, docFreq]),
      [
        ['in', 1],
        ['order', 1],
        ['out', 2],
      ],
    );
    const prefixed = await termsOf(reader, 'o');
    assert.deepEqual(
      prefixed.map(({ term }) => term),
      ['order', 'out'],
    );
    const { facets } = await reader.search('*:*', { facets: [{ field: 'stock' }] });
    assert.deepEqual(facets![0]!.values, [
      { value: 'out', count: 2 },
      { value: 'in', count: 1 },
      { value: 'order', count: 1 },
    ]);
    const { hits } = await reader.search('stock:out', { exactStats: true });
    assert.deepEqual(
      hits.map(({ id, fields }) => [id, fields.stock]),
      [
        ['a', 'out'],
        ['c', 'out'],
      ],
    );
    assert.equal(hits[0]!.score, hits[1]!.score);
  });

  it('compete by rank with the rows: a newer row brings its own values, an older patch changes nothing', async () => {
    const index = freshIndex();
    landRows(index, 1, [
      { id: 'a', version: 5n, bid: 1 },
      { id: 'b', version: 5n, bid: 1 },
    ]);
    landPatches(index, 2, [
      { id: 'a', version: 4n, bid: 2 },
      { id: 'b', version: 6n, bid: 2, stock: 'in' },
    ]);
    await runAds(index);
    assert.deepEqual(await shown(index), { a: [1, null, null], b: [2, null, 'in'] });
    landRows(index, 3, [{ id: 'b', version: 7n, bid: 3 }]);
    await runAds(index);
    assert.deepEqual(await shown(index), { a: [1, null, null], b: [3, null, null] });
    landPatches(index, 4, [{ id: 'b', version: 8n, bid: 4 }]);
    landPatches(index, 5, [{ id: 'b', version: 7n, bid: 5, stock: 'out' }]);
    await runAds(index);
    assert.deepEqual(await shown(index), { a: [1, null, null], b: [4, null, 'out'] });
  });

  it('for an id that nobody has wait, or count only for documents that were there', async () => {
    for (const [unknownId, bid] of [
      ['wait', 9],
      ['count', 1],
    ] as const) {
      const index = freshIndex({ unknownId });
      landRows(index, 1, [{ id: 'a', version: 1n, bid: 1 }]);
      landPatches(index, 2, [{ id: 'z', version: 9n, bid: 9 }]);
      const first = await runAds(index);
      assert.equal(first.patches![0]!.unknown, 1);
      landRows(index, 3, [{ id: 'z', version: 1n, bid: 1 }]);
      await runAds(index);
      assert.deepEqual((await shown(index)).z, [bid, null, null], unknownId);
    }
  });

  it('are looked up anew for a document that comes back from the dead', async () => {
    const index = freshIndex();
    landRows(index, 1, [{ id: 'a', version: 1n, bid: 1 }]);
    await runAds(index, { base: true });
    landRows(index, 2, [{ id: 'a', version: 2n, bid: 2 }]);
    landPatches(index, 3, [{ id: 'a', version: 3n, bid: 3 }]);
    await runAds(index);
    assert.deepEqual(await shown(index), { a: [3, null, null] });
    landRows(index, 2, [{ id: 'b', version: 2n, bid: 2 }]);
    await runAds(index);
    assert.deepEqual(await shown(index), { a: [3, null, null], b: [2, null, null] });
  });

  it('stay with their documents when a compaction gives these other numbers, and a rollback holds later ones', async () => {
    const index = freshIndex();
    landRows(index, 1, [
      { id: 'a', version: 1n, bid: 1 },
      { id: 'b', version: 1n, bid: 1 },
    ]);
    landRows(index, 2, [
      { id: 'a', version: 2n, bid: 2 },
      { id: 'c', version: 2n, bid: 2 },
    ]);
    await runAds(index);
    landPatches(index, 3, [
      { id: 'b', version: 3n, bid: 30 },
      { id: 'c', version: 3n, bid: 31 },
    ]);
    await runAds(index);
    const store = await openStore(index.settings.index, systemClock);
    const before = await shown(index);
    const source = await openStore(index.settings.source.store, systemClock);
    const report = await compactIndex({ source, index: store, pool, clock: systemClock }, index.settings);
    assert.deepEqual([report.committed, report.purged], [true, 1]);
    assert.deepEqual(await shown(index), before);
    assert.deepEqual((await checkIndex(store, new AbortController().signal)).defects, []);
    landPatches(index, 4, [{ id: 'a', version: 4n, bid: 40 }]);
    await runAds(index);
    assert.equal(((await shown(index)).a as number[])[0], 40);
    await rollback(store, report.generation, Date.now);
    await runAds(index);
    assert.deepEqual(await shown(index), before, 'the later patch is held');
    await resume(store, Date.now);
    await runAds(index);
    assert.equal(((await shown(index)).a as number[])[0], 40);
  });

  it('that come late or are taken back are resolved anew, and outlive a new base', async () => {
    const index = freshIndex();
    landRows(index, 1, [
      { id: 'a', version: 1n, bid: 1 },
      { id: 'b', version: 1n, bid: 1 },
    ]);
    landPatches(index, 4, [{ id: 'a', version: 4n, bid: 4 }]);
    await runAds(index);
    landPatches(index, 2, [
      { id: 'a', version: 2n, bid: 2 },
      { id: 'b', version: 2n, bid: 2 },
    ]);
    await runAds(index);
    assert.deepEqual(await shown(index), { a: [4, null, null], b: [2, null, null] });
    dropPatches(index, 4);
    await runAds(index);
    assert.deepEqual(await shown(index), { a: [2, null, null], b: [2, null, null] });
    await runAds(index, { base: true });
    assert.deepEqual(await shown(index), { a: [2, null, null], b: [2, null, null] });
    landRows(index, 5, [{ id: 'a', version: 9n, deleted: true }]);
    await runAds(index);
    assert.deepEqual(await shown(index), { b: [2, null, null] });
  });
});

describe('check', () => {
  it('names an overlay whose bytes, and one whose values, are not what the patches come to', async () => {
    const index = freshIndex();
    landRows(index, 1, [
      { id: 'a', version: 1n, bid: 1 },
      { id: 'b', version: 1n, bid: 1 },
    ]);
    landPatches(index, 2, [{ id: 'a', version: 4n, bid: 4 }]);
    await runAds(index);
    const store = await openStore(index.settings.index, systemClock);
    const checked = () => checkIndex(store, new AbortController().signal);
    assert.deepEqual((await checked()).defects, []);

    const manifest = (await readNewest(store))!;
    const [segment] = manifest.delta.segments;
    const [layer] = manifest.overlays![segment!.name]!;
    const bytes = await store.read(layer!.object);
    const flipped = bytes.slice();
    flipped[flipped.length - 1]! ^= 1;
    await store.put(layer!.object, flipped);
    assert.match((await checked()).defects[0]!.message, /checksum/);

    const right = decodeOverlay(bytes, {});
    const wrong = encodeOverlay(overlayOf(right, [{ docId: 1, version: 4n, partitionTime: minuteTime(2), value: 4n }]));
    await store.put(layer!.object, wrong);
    assert.match((await checked()).defects[0]!.message, /another SHA-256/);
    const lying = { ...layer!, sha256: createHash('sha256').update(wrong).digest('hex'), bytes: wrong.length };
    const overlays = { [segment!.name]: [lying] };
    const next = { ...manifest, generation: manifest.generation + 1, overlays };
    await store.put(manifestKey(next.generation), encodeManifest(next));
    assert.match((await checked()).defects[0]!.message, /what the patches come to/);
  });
});

describe('operations beside patches', () => {
  it('a rollback takes patches back and holds them until resume; a compaction keeps them; gc leaves what they need', async () => {
    const index = freshIndex();
    const store = await openStore(index.settings.index, systemClock);
    landRows(index, 1, [
      { id: 'a', version: 1n, bid: 1 },
      { id: 'b', version: 1n, bid: 1 },
    ]);
    landPatches(index, 2, [{ id: 'a', version: 2n, bid: 2 }]);
    const first = await runAds(index);
    landPatches(index, 3, [{ id: 'a', version: 3n, bid: 3 }]);
    landPatches(index, 2, [{ id: 'b', version: 2n, bid: 2 }]);
    await runAds(index);
    assert.deepEqual(await shown(index), { a: [3, null, null], b: [2, null, null] });
    await rollback(store, first.generation, systemClock.now);
    assert.deepEqual(await shown(index), { a: [2, null, null], b: [1, null, null] });
    assert.equal((await runAds(index)).committed, false);
    await resume(store, systemClock.now);
    await runAds(index);
    assert.deepEqual(await shown(index), { a: [3, null, null], b: [2, null, null] });
    landRows(index, 4, [{ id: 'c', version: 1n, bid: 1 }]);
    await runAds(index);
    const deps = { source: store, index: store, pool, clock: systemClock };
    const compacted = await compactIndex(deps, index.settings);
    assert.equal(compacted.committed, true);
    assert.deepEqual(await shown(index), { a: [3, null, null], b: [2, null, null], c: [1, null, null] });
    await collectGarbage(store, { keepMs: 0, dryRun: false, clock: systemClock });
    assert.deepEqual((await checkIndex(store, new AbortController().signal)).defects, []);
    assert.deepEqual(await shown(index), { a: [3, null, null], b: [2, null, null], c: [1, null, null] });
  });
});
