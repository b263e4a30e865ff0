/** Runs that meet trouble: bad partitions, another writer, a schema that changed, objects rewritten under their hands. */
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { TidemarkError } from '#src/base/errors.js';
import { systemClock } from '#src/base/time.js';
import { encodeManifest } from '#src/manifest/codec.js';
import { manifestKey } from '#src/manifest/names.js';
import { readNewest } from '#src/manifest/newest.js';
import { openStore } from '#src/store/open.js';
import type { Store } from '#src/store/store.js';
import { packageSettings, runWith, testPool } from '../support/package-index.js';

const SLOT = 'dt=2026-05-04/hour=01/minute=';
const root = mkdtempSync(join(tmpdir(), 'tidemark-run-'));
const pool = testPool(2);
after(async () => {
  await pool.close();
  rmSync(root, { recursive: true, force: true });
});
const failsWith = (code: string) => (error: unknown) => error instanceof TidemarkError && error.code === code;

function setUp(name: string, minutes: readonly string[]) {
  const source = join(root, name, 'source');
  const index = join(root, name, 'index');
  for (const minute of minutes) {
    cpSync(`demo/data/packages/${SLOT}${minute}`, join(source, `${SLOT}${minute}`), { recursive: true });
  }
  return { source, index, setup: { pool, settings: packageSettings({ uri: source }, { uri: index }) } };
}

describe('a run', () => {
  it('sets a bad partition aside once, and tries it again when its objects change', async () => {
    const { source, setup } = setUp('bad', ['00', '05']);
    const bad = join(source, `${SLOT}05`, 'part-0000.parquet');
    writeFileSync(bad, 'no parquet at all');
    await assert.rejects(runWith(setup), failsWith('bad-data'));
    const first = await runWith(setup, { passOver: true });
    assert.equal(first.generation, 1);
    assert.deepEqual(
      first.skipped.map(({ reason }) => reason),
      ['quarantined'],
    );
    const second = await runWith(setup, { passOver: true });
    assert.equal(second.committed, false, 'nothing changed, so nothing is committed');
    assert.equal(second.generation, 1);
    cpSync(`demo/data/packages/${SLOT}05/part-0000.parquet`, bad);
    const third = await runWith(setup, { passOver: true });
    assert.equal(third.watermark, '2026-05-04T01:05:00.000Z');
    assert.deepEqual(third.skipped, []);
  });

  it('commits nothing where the only partition is bad', async () => {
    const { source, setup } = setUp('only-bad', ['05']);
    for (const part of ['part-0000', 'part-0001']) writeFileSync(join(source, `${SLOT}05`, `${part}.parquet`), 'x');
    const report = await runWith(setup, { passOver: true });
    assert.deepEqual([report.committed, report.generation, report.skipped[0]?.reason], [false, 0, 'quarantined']);
  });

  it('stops as fenced where the newest manifest has a higher epoch', async () => {
    const { index, setup } = setUp('fence', ['00', '05']);
    await runWith(setup, { epoch: 5, until: Date.parse('2026-05-04T01:00:00Z') });
    await assert.rejects(runWith(setup, { epoch: 4 }), failsWith('fenced'));
    assert.equal((await readNewest(await openStore({ uri: index }, systemClock)))?.generation, 1);
  });

  it('starts over when another writer of its epoch was first, and knows its own write whose answer was lost', async () => {
    const { index, setup } = setUp('race', ['00', '05']);
    const store = await openStore({ uri: index }, systemClock);
    await runWith(setup, { until: Date.parse('2026-05-04T01:00:00Z') });
    const current = (await readNewest(store))!;
    let conflicts = 0;
    const overtaken: Store = {
      ...bound(store),
      putIfAbsent: async (key, bytes) => {
        if (conflicts++ === 0) {
          const other = { ...current, generation: current.generation + 1, nonce: 'other' };
          await store.putIfAbsent(manifestKey(other.generation), encodeManifest(other));
        }
        await store.putIfAbsent(key, bytes);
        // The answer is lost every time: what a retry would see is that the key is taken.
        return 'exists';
      },
    };
    const report = await runWith({ ...setup, index: overtaken });
    assert.equal(report.generation, 3);
    assert.equal(report.watermark, '2026-05-04T01:05:00.000Z');
    assert.equal(conflicts, 2);
  });

  it('refuses another schema until a new base is built', async () => {
    const { setup } = setUp('schema', ['00', '05']);
    await runWith(setup, { until: Date.parse('2026-05-04T01:00:00Z') });
    const other = { ...setup, settings: { ...setup.settings, fingerprintOf: () => 'd0'.repeat(32) } };
    await assert.rejects(runWith(other), failsWith('config'));
    assert.equal((await runWith(other, { base: true })).generation, 2);
  });

  it('pins anew what is rewritten while it is read', async () => {
    const { source, setup } = setUp('rewrite', ['00']);
    const store = await openStore({ uri: source }, systemClock);
    let lists = 0;
    const rewriting: Store = {
      ...bound(store),
      list: async (options) => {
        const page = await store.list(options);
        // Right after the first listing the writer replaces an object by another one.
        if (lists++ === 0)
          cpSync(`demo/data/packages/${SLOT}05/part-0000.parquet`, join(source, `${SLOT}00/part-0000.parquet`));
        return page;
      },
    };
    const report = await runWith({ ...setup, source: rewriting });
    assert.equal(report.committed, true);
    assert(lists > 1, 'it listed again');
  });
});

/** The store's methods as plain functions, to be replaced one by one. */
function bound(store: Store): Store {
  return {
    uri: store.uri,
    stat: store.stat.bind(store),
    read: store.read.bind(store),
    list: store.list.bind(store),
    createWriter: store.createWriter.bind(store),
    put: store.put.bind(store),
    putIfAbsent: store.putIfAbsent.bind(store),
    delete: store.delete.bind(store),
    close: store.close.bind(store),
  };
}
