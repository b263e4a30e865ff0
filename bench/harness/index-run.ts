/** One index over generated partitions, and runs of it as the daemon makes them: warm pool, open stores, the real coordinator. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '#src/base/time.js';
import type { RunReport } from '#src/coordinator/report.js';
import { type RunOptions, runOnce } from '#src/coordinator/run.js';
import type { FieldSettings, IndexSettings } from '#src/coordinator/settings.js';
import type { CoverageRule } from '#src/partition/coverage.js';
import { Pool } from '#src/shard/pool.js';
import { openStore } from '#src/store/open.js';
import type { Store } from '#src/store/store.js';
import { TEMPLATE } from './corpus.js';
import { type Timing, time } from './measure.js';

const text = (name: string): FieldSettings => ({ name, type: 'text', analyzer: 'standard' });
const keyword = (name: string): FieldSettings => ({ name, type: 'keyword' });
const DOWNLOADS: FieldSettings = { name: 'downloads', type: 'i64' };

/**
 * What of a row is indexed. `bench` is what every speed figure speaks of; the others leave out or add a kind of field, to see
 * what it costs.
 */
export const FIELD_SHAPES = {
  bench: [text('name'), text('summary'), keyword('keywords'), keyword('version'), DOWNLOADS],
  text: [text('name'), text('summary')],
  keyword: [keyword('scope'), keyword('keywords'), keyword('version')],
  numeric: [DOWNLOADS, { name: 'updated_at', type: 'timestamp' }],
} as const satisfies Readonly<Record<string, readonly FieldSettings[]>>;

export type FieldShape = keyof typeof FIELD_SHAPES;

export interface IndexOptions {
  readonly fields?: readonly FieldSettings[];
  readonly stored?: readonly string[];
  readonly coverage?: CoverageRule;
  /** Rows carry `deleted` and a version: kills are resolved. */
  readonly versioned?: boolean;
}

/** Input at work or waiting: more than any partition measured here, so that it never decides. */
const BYTES_IN_FLIGHT = 1 << 30;

/** A pool whose threads are kept for all runs; whoever opens it closes it. */
export function openPool(threads: number): Pool {
  return new Pool({ threads, maxBytesInFlight: BYTES_IN_FLIGHT });
}

/** Settings of an index over `source`: all that is there is ready, whatever its age. */
export function indexSettings(source: string, index: string, options: IndexOptions = {}): IndexSettings {
  return {
    source: {
      store: { uri: source },
      partition: TEMPLATE,
      start: undefined,
      coverage: options.coverage ?? { mode: 'disjoint', onGap: 'widen' },
      ready: { settleMs: 0, minObjects: 1, maxFutureSkewMs: 1e12, marker: undefined },
      onBadPartition: 'passOver',
    },
    schema: {
      id: 'package',
      replace: 'record',
      ...(options.versioned ? { version: 'updated_at', deleted: 'deleted' } : {}),
      fields: options.fields ?? FIELD_SHAPES.bench,
      stored: options.stored ?? [],
    },
    fingerprintOf: () => 'b'.repeat(64),
    index: { uri: index },
    maxRejectRatio: 0,
    gate: { minDocRatio: 0, maxKillRatio: 1 },
  };
}

/** An index with its stores open. */
export interface OpenIndex {
  readonly settings: IndexSettings;
  readonly source: Store;
  readonly index: Store;
  close(): void;
}

export async function openIndex(source: string, index: string, options: IndexOptions = {}): Promise<OpenIndex> {
  const settings = indexSettings(source, index, options);
  const stores = {
    source: await openStore(settings.source.store, systemClock),
    index: await openStore(settings.index, systemClock),
  };
  const close = () => {
    stores.source.close();
    stores.index.close();
  };
  return { settings, ...stores, close };
}

/** A run and what it took from its call to its return: listing, durable segment and manifest included. */
export interface TimedRun extends Timing {
  readonly report: RunReport;
}

export async function timedRun(
  { settings, source, index }: OpenIndex,
  pool: Pool,
  options: Partial<RunOptions> = {},
): Promise<TimedRun> {
  const run = () =>
    runOnce({ source, index, pool, clock: systemClock }, settings, { base: false, passOver: false, ...options });
  const { value, ...timing } = await time(run);
  return { report: value, ...timing };
}

/** Builds everything under `source` into an empty index, which is removed again. */
export async function buildAnew(
  source: string,
  pool: Pool,
  { shardRows, ...options }: IndexOptions & { readonly shardRows?: number | undefined } = {},
): Promise<TimedRun> {
  return withFolder(async (folder) => {
    const index = await openIndex(source, folder, options);
    try {
      return await timedRun(index, pool, { shardRows });
    } finally {
      index.close();
    }
  });
}

/** Gives a folder that is gone afterwards. */
export async function withFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-bench-'));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Remembers which files are in a folder; the call given back removes those that have come since, but for those that `spare`
 * says yes to.
 */
export function keepFiles(folder: string): (spare?: (path: string) => boolean) => void {
  const list = () =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name));
  const kept = new Set(list());
  return (spare = () => false) => {
    for (const path of list()) if (!kept.has(path) && !spare(path)) rmSync(path);
  };
}
