/** The same run over any S3 as over files: same segments, byte for byte, and the same answers. One suite for every server. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { systemClock } from '#src/base/time.js';
import { readNewest } from '#src/manifest/newest.js';
import type { Pool } from '#src/shard/pool.js';
import { openStore } from '#src/store/open.js';
import type { StoreConfig } from '#src/store/store.js';
import { liveTerms, openLive } from '../support/live-index.js';
import { packageSettings, runWith, testPool } from '../support/package-index.js';

/** Gives the configuration of an empty prefix; called once a suite. */
export type OpenPrefix = () => Promise<{ readonly config: StoreConfig; readonly close: () => Promise<void> }>;

const DATA = 'demo/data';

/** What may not differ: content hashes in the manifest's order, counts, and the terms of a field. */
async function outcomeOf(config: StoreConfig) {
  const store = await openStore(config, systemClock);
  const manifest = (await readNewest(store))!;
  const segments = [...(manifest.base?.segments ?? []), ...manifest.delta.segments];
  const kills = segments.map(({ name }) => manifest.kills[name]?.sha256);
  const terms = [...(await liveTerms((await openLive(store)).segments, 'name'))].sort(([a], [b]) => (a < b ? -1 : 1));
  store.close();
  return { hashes: segments.map(({ sha256 }) => sha256), kills, counts: manifest.counts, terms };
}

export function describeSameBytes(name: string, openPrefix: OpenPrefix): void {
  describe(`an index over ${name}`, () => {
    const root = mkdtempSync(join(tmpdir(), 'tidemark-s3-'));
    after(() => rmSync(root, { recursive: true, force: true }));

    const buildAll = async (pool: Pool, base: StoreConfig, packages: StoreConfig, index: StoreConfig) => {
      await runWith({ pool, settings: packageSettings(base, index) }, { base: true });
      await runWith(
        { pool, settings: packageSettings(packages, index) },
        { until: Date.parse('2026-05-04T01:10:00Z') },
      );
      await runWith({ pool, settings: packageSettings(packages, index) });
    };

    it('has the bytes of one over files', async () => {
      const files = { uri: join(root, 'index') };
      const { config, close } = await openPrefix();
      // Threads take the environment over as they start, so the credentials must be there by then.
      const pool = testPool(2);
      await buildAll(pool, { uri: `${DATA}/packages-base` }, { uri: `${DATA}/packages` }, files);
      try {
        const below = (path: string): StoreConfig => ({ ...config, uri: `${config.uri}/${path}` });
        const source = await openStore(below('source'), systemClock);
        for (const key of readdirSync(DATA, { recursive: true, encoding: 'utf8' })) {
          if (/\.(parquet|arrow)$/.test(key)) await source.put(key, readFileSync(join(DATA, key)));
        }
        source.close();
        await buildAll(pool, below('source/packages-base'), below('source/packages'), below('index'));
        assert.deepEqual(await outcomeOf(below('index')), await outcomeOf(files));
      } finally {
        await pool.close();
        await close();
      }
    });
  });
}
