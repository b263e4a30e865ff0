/** Compaction: the same live documents in a new base, by the code that readers use. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { systemClock } from '#src/base/time.js';
import { checkIndex } from '#src/cli/check-index.js';
import { compactIndex } from '#src/coordinator/compact.js';
import type { IndexSettings } from '#src/coordinator/settings.js';
import { analyze } from '#src/kernel/analyze.js';
import { encodeManifest } from '#src/manifest/codec.js';
import type { Manifest } from '#src/manifest/manifest.js';
import { manifestKey } from '#src/manifest/names.js';
import { readNewest } from '#src/manifest/newest.js';
import { openIndex } from '#src/search/index-reader.js';
import { openStore } from '#src/store/open.js';
import type { Store } from '#src/store/store.js';
import { landMinutes } from '../support/cli.js';
import { intercepted } from '../support/intercepted-store.js';
import { packageSettings, runWith, testPool } from '../support/package-index.js';

const root = mkdtempSync(join(tmpdir(), 'tidemark-compact-'));
const pool = testPool(2);
after(async () => {
  await pool.close();
  rmSync(root, { recursive: true, force: true });
});

const MINUTE = 60_000;
const never = new AbortController().signal;

interface Bench {
  readonly source: string;
  readonly settings: IndexSettings;
  readonly index: Store;
  run(options?: Parameters<typeof runWith>[1]): ReturnType<typeof runWith>;
  compact(index?: Store): ReturnType<typeof compactIndex>;
}

async function bench(name: string, replace: 'record' | 'group' = 'record'): Promise<Bench> {
  const source = join(root, name, 'source');
  const plain = packageSettings({ uri: source }, { uri: join(root, name, 'index') });
  const settings: IndexSettings = {
    ...plain,
    schema: { ...plain.schema, replace },
    source: { ...plain.source, coverage: { mode: 'windowed', spanMs: 10 * MINUTE, onGap: 'widen' } },
    gate: { minDocRatio: 0, maxKillRatio: 1 },
  };
  const store = await openStore(settings.source.store, systemClock);
  const index = await openStore(settings.index, systemClock);
  return {
    source,
    settings,
    index,
    run: (options) => runWith({ pool, settings }, options),
    compact: (other = index) => compactIndex({ source: store, index: other, pool, clock: systemClock }, settings),
  };
}

/** All that a reader can see of an index, whatever segments it lies in. */
async function answersOf(store: Store): Promise<object> {
  const index = await openIndex(store, { analyze });
  const documents: string[] = [];
  for await (const { id, fields } of index.liveDocuments()) documents.push(JSON.stringify([id, fields]));
  const terms: object = {};
  for (const field of ['name', 'keywords']) {
    const found: unknown[] = [];
    for await (const entry of index.terms(field)) found.push(entry);
    Object.assign(terms, { [field]: found });
  }
  const queries = ['react table', '"command line"', 'keywords:cli', 'summary:the -name:a', 'downloads:[1000 TO *]'];
  const counts = await Promise.all(queries.map((query) => index.count(query)));
  const { hits } = await index.search('react table', { exactStats: true, k: 20 });
  return { documents: documents.sort(), terms, counts, hits: hits.map(({ id, score }) => [id, score.toFixed(4)]) };
}

const segmentsOf = (manifest: Manifest) => [...(manifest.base?.segments ?? []), ...manifest.delta.segments];

describe('a compaction', () => {
  for (const replace of ['record', 'group'] as const) {
    it(`leaves every answer as it was, and less to read, where ${replace}s replace`, async () => {
      const { source, index, run, compact } = await bench(`same-${replace}`, replace);
      landMinutes(source, 0, 5);
      await run({ base: true });
      landMinutes(source, 10, 15, 20);
      await run();
      const old = (await readNewest(index))!;
      const report = await compact();
      const manifest = (await readNewest(index))!;
      assert.deepEqual([report.baseWatermark, report.folded], ['2026-05-04T01:10:00.000Z', 1]);
      assert.deepEqual([manifest.watermark, manifest.epoch], [old.watermark, old.epoch]);
      assert.equal(manifest.coverage.partitions.length, 2);
      assert.ok(report.purged > 0, 'superseded documents go');
      assert.equal(manifest.counts.docs, old.counts.docs - report.purged);
      assert.deepEqual((await checkIndex(index, never)).defects, []);
      assert.equal((await compact()).committed, false, 'there is nothing more to fold');
      landMinutes(source, 25);
      await run();
      const before = await answersOf(index);
      await compact();
      assert.deepEqual(await answersOf(index), before, 'once more, on a base that was compacted before');
      assert.deepEqual((await checkIndex(index, never)).defects, []);
      const whole = await bench(`whole-${replace}`, replace);
      landMinutes(whole.source, 0, 5, 10, 15, 20, 25);
      await whole.run({ base: true });
      assert.deepEqual(await answersOf(whole.index), before, 'what one build of everything answers');
    });
  }

  it('makes the first base of an index that had none', async () => {
    const { source, index, run, compact } = await bench('first');
    landMinutes(source, 0, 5, 10, 15);
    await run();
    const before = await answersOf(index);
    await compact();
    const manifest = (await readNewest(index))!;
    assert.equal(manifest.base?.segments.length, 1);
    assert.equal(segmentsOf(manifest).length, 2);
    assert.deepEqual(await answersOf(index), before);
  });

  it('folds nothing beyond what a rollback holds', async () => {
    const { source, index, run, compact } = await bench('held');
    landMinutes(source, 0, 5, 10, 15, 20);
    await run();
    const manifest = (await readNewest(index))!;
    const held = [{ from: manifest.coverage.partitions[0]!.time, to: manifest.coverage.partitions[1]!.time }];
    const next = { ...manifest, generation: 2, nonce: 'held', held };
    await index.putIfAbsent(manifestKey(2), encodeManifest(next));
    assert.equal((await compact()).baseWatermark, '2026-05-04T01:00:00.000Z');
  });

  it('makes the same base again with a new delta where a run commits meanwhile, and loses and doubles nothing', async () => {
    const { source, index, run, compact } = await bench('race');
    landMinutes(source, 0, 5, 10, 15, 20);
    await run();
    let races = 0;
    const raced = intercepted(index, {
      putIfAbsent: async (key, bytes) => {
        if (races++ === 0) {
          landMinutes(source, 25);
          await run();
        }
        return index.putIfAbsent(key, bytes);
      },
    });
    const report = await compact(raced);
    assert.deepEqual([races, report.generation, report.baseWatermark], [2, 3, '2026-05-04T01:10:00.000Z']);
    const manifest = (await readNewest(index))!;
    assert.equal(manifest.watermark, Date.parse('2026-05-04T01:25:00Z'));
    assert.equal(manifest.coverage.partitions.length, 3);
    const whole = await bench('race-whole');
    landMinutes(whole.source, 0, 5, 10, 15, 20, 25);
    await whole.run();
    assert.deepEqual(await answersOf(index), await answersOf(whole.index));
  });
});
