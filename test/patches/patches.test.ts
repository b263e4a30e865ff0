/** Column patches over a real index: what sorts, ranges, filters, counts and shown fields say. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { testPool } from '../support/package-index.js';
import type { AdIndex, AdOptions } from '../support/patched-index.js';
import { adIndex, landPatches, landRows, openAds, runAds } from '../support/patched-index.js';

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
});
