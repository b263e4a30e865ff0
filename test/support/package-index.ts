/** The package data's configuration, and runs over it without a command line in between. */
import { systemClock } from '#src/base/time.js';
import type { RunReport } from '#src/coordinator/report.js';
import { type RunOptions, runOnce } from '#src/coordinator/run.js';
import type { IndexSettings } from '#src/coordinator/settings.js';
import { compileTemplate } from '#src/partition/template.js';
import { Pool } from '#src/shard/pool.js';
import { openStore } from '#src/store/open.js';
import type { Store, StoreConfig } from '#src/store/store.js';

const DAY_MS = 24 * 60 * 60 * 1000;

export function packageSettings(source: StoreConfig, index: StoreConfig): IndexSettings {
  return {
    source: {
      store: source,
      partition: compileTemplate('dt=%Y-%m-%d/hour=%H/minute=%M'),
      start: undefined,
      coverage: { mode: 'disjoint', onGap: 'widen' },
      ready: { settleMs: 0, minObjects: 1, maxFutureSkewMs: DAY_MS, marker: undefined },
      onBadPartition: 'passOver',
    },
    schema: {
      id: 'package',
      group: 'scope',
      version: 'updated_at',
      deleted: 'deleted',
      replace: 'record',
      fields: [
        { name: 'name', type: 'text', analyzer: 'standard' },
        { name: 'summary', type: 'text', analyzer: 'standard' },
        { name: 'keywords', type: 'keyword' },
        { name: 'version', type: 'keyword' },
        { name: 'downloads', type: 'i64' },
        { name: 'updated_at', type: 'timestamp' },
      ],
      stored: ['name', 'version'],
    },
    fingerprintOf: () => 'c0'.repeat(32),
    index,
    maxRejectRatio: 0.01,
    gate: { minDocRatio: 0.5, maxKillRatio: 0.5 },
  };
}

/** A pool of its own for a test file; close it in `after`. */
export function testPool(threads: number): Pool {
  return new Pool({ threads, maxBytesInFlight: 256 * 1024 * 1024 });
}

export interface RunSetup {
  readonly pool: Pool;
  readonly settings: IndexSettings;
  /** Stands in for the index's store, for example one that fails. */
  readonly index?: Store;
  readonly source?: Store;
}

export async function runWith(setup: RunSetup, options: Partial<RunOptions> = {}): Promise<RunReport> {
  const { settings, pool } = setup;
  const source = setup.source ?? (await openStore(settings.source.store, systemClock));
  const index = setup.index ?? (await openStore(settings.index, systemClock));
  return runOnce({ source, index, pool, clock: systemClock }, settings, { base: false, passOver: false, ...options });
}
