/** An index of small rows with a source of column patches beside it: real files, real runs. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  Bool,
  type DataType,
  Float64,
  Int64,
  Table,
  tableToIPC,
  Utf8,
  type Vector,
  vectorFromArray,
} from 'apache-arrow';
import { type Clock, systemClock } from '#src/base/time.js';
import type { RunReport } from '#src/coordinator/report.js';
import { type RunDependencies, type RunOptions, runOnce } from '#src/coordinator/run.js';
import type { IndexSettings, PatchSettings } from '#src/coordinator/settings.js';
import { analyze } from '#src/kernel/analyze.js';
import { compileTemplate } from '#src/partition/template.js';
import { type IndexReader, openIndex } from '#src/search/index-reader.js';
import type { Pool } from '#src/shard/pool.js';
import { openStore } from '#src/store/open.js';
import type { Store } from '#src/store/store.js';

export const DAY = Date.parse('2026-05-04T00:00:00Z');
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** A row as it lands; what is left out is null. */
export interface AdRow {
  readonly id?: string | null;
  readonly group?: string | null;
  readonly version?: bigint | null;
  readonly deleted?: boolean | null;
  readonly title?: string | null;
  readonly bid?: number | null;
  readonly budget?: bigint | null;
  readonly stock?: string | null;
}

export type PatchRowInput = Pick<AdRow, 'id' | 'version' | 'bid' | 'budget' | 'stock'>;

export const minuteTime = (minute: number): number => DAY + minute * MINUTE_MS;

export interface AdIndex {
  readonly root: string;
  readonly settings: IndexSettings;
  readonly pool: Pool;
  readonly clock: Clock;
}

export interface AdOptions {
  readonly replace?: 'record' | 'group';
  readonly versioned?: boolean;
  readonly unknownId?: 'wait' | 'count';
  /** Span of both sources. */
  readonly spanMs?: number;
}

export function adIndex(root: string, pool: Pool, options: AdOptions = {}): AdIndex {
  const { replace = 'record', versioned = true, unknownId = 'wait' } = options;
  const source = (folder: string) => ({
    store: { uri: join(root, folder) },
    partition: compileTemplate('dt=%Y-%m-%d/hour=%H/minute=%M'),
    start: undefined,
    coverage:
      options.spanMs === undefined
        ? ({ mode: 'disjoint', onGap: 'widen' } as const)
        : ({ mode: 'windowed', spanMs: options.spanMs, onGap: 'widen' } as const),
    ready: { settleMs: 0, minObjects: 1, maxFutureSkewMs: 10_000 * DAY_MS, marker: undefined },
    onBadPartition: 'passOver' as const,
  });
  const version = versioned ? 'version' : undefined;
  const patches: PatchSettings[] = [
    {
      name: 'bids',
      source: source('patches'),
      id: 'id',
      version,
      fields: [
        { name: 'bid', type: 'f64' },
        { name: 'budget', type: 'i64' },
        { name: 'stock', type: 'keyword' },
      ],
      unknownId,
    },
  ];
  const settings: IndexSettings = {
    source: source('rows'),
    schema: {
      id: 'id',
      group: 'group',
      version,
      deleted: 'deleted',
      replace,
      fields: [
        { name: 'title', type: 'text', analyzer: 'standard' },
        { name: 'bid', type: 'f64' },
        { name: 'budget', type: 'i64' },
        { name: 'stock', type: 'keyword' },
      ],
      stored: ['title', 'stock', 'id', 'group'],
    },
    patches,
    fingerprintOf: () => 'a1'.repeat(32),
    index: { uri: join(root, 'index') },
    maxRejectRatio: 0.5,
    gate: { minDocRatio: 0, maxKillRatio: 1 },
  };
  return { root, settings, pool, clock: systemClock };
}

function folderOf(minute: number): string {
  const at = new Date(minuteTime(minute)).toISOString();
  return `dt=${at.slice(0, 10)}/hour=${at.slice(11, 13)}/minute=${at.slice(14, 16)}`;
}

const TYPES = {
  id: new Utf8(),
  group: new Utf8(),
  version: new Int64(),
  deleted: new Bool(),
  title: new Utf8(),
  bid: new Float64(),
  budget: new Int64(),
  stock: new Utf8(),
} as const satisfies Record<keyof AdRow, DataType>;

/** Columns of rows by name; what a row leaves out is null. */
function columnsOf<K extends keyof AdRow>(
  rows: readonly Pick<AdRow, K>[],
  names: readonly K[],
): Record<string, Vector> {
  return Object.fromEntries(
    names.map((name) => [
      name,
      vectorFromArray(rows.map((row) => row[name] ?? null) as unknown[], TYPES[name] as DataType),
    ]),
  );
}

/** Lands rows in a partition of the rows; the same object again is a rewrite. */
export function landRows({ root }: AdIndex, minute: number, rows: readonly AdRow[], object = 'part-0'): void {
  const names = ['id', 'group', 'version', 'deleted', 'title', 'bid', 'budget', 'stock'] as const;
  write(join(root, 'rows', folderOf(minute), `${object}.arrow`), columnsOf(rows, names));
}

/** Lands patches in a partition of the patch source. */
export function landPatches(
  { root }: AdIndex,
  minute: number,
  rows: readonly PatchRowInput[],
  object = 'part-0',
): void {
  const names = ['id', 'version', 'bid', 'budget', 'stock'] as const;
  write(join(root, 'patches', folderOf(minute), `${object}.arrow`), columnsOf(rows, names));
}

/** Removes a partition of the patches. */
export function dropPatches({ root }: AdIndex, minute: number): void {
  rmSync(join(root, 'patches', folderOf(minute)), { recursive: true, force: true });
}

function write(path: string, columns: Record<string, Vector>): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, tableToIPC(new Table(columns), 'file'));
}

/** One run; `stores` stand in for the ones of the settings. */
export async function runAds(
  index: AdIndex,
  options: Partial<RunOptions> = {},
  stores: { readonly index?: Store; readonly source?: Store; readonly patches?: Store } = {},
): Promise<RunReport> {
  const { settings, pool, clock } = index;
  mkdirSync(join(index.root, 'rows'), { recursive: true });
  mkdirSync(join(index.root, 'patches'), { recursive: true });
  const open = (uri: string) => openStore({ uri }, clock);
  const deps: RunDependencies = {
    source: stores.source ?? (await open(settings.source.store.uri)),
    patches: new Map([['bids', stores.patches ?? (await open(join(index.root, 'patches')))]]),
    index: stores.index ?? (await open(settings.index.uri)),
    pool,
    clock,
  };
  return runOnce(deps, settings, { base: false, passOver: true, ...options });
}

export async function openAds({ settings, clock }: AdIndex): Promise<IndexReader> {
  return openIndex(await openStore(settings.index, clock), { analyze, clock });
}
