/** Random interleavings of rows, tombstones, patches, late and withdrawn patches, new bases: after every run the index says what a slow reading says. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { systemClock } from '#src/base/time.js';
import { checkIndex } from '#src/cli/check-index.js';
import { createRandom, type Random } from '#src/gen/random.js';
import { openStore } from '#src/store/open.js';
import { expectedOf, type InputRow } from '../support/oracle.js';
import { testPool } from '../support/package-index.js';
import {
  type AdIndex,
  type AdOptions,
  type AdRow,
  adIndex,
  dropPatches,
  landPatches,
  landRows,
  minuteTime,
  openAds,
  type PatchRowInput,
  runAds,
} from '../support/patched-index.js';

const HISTORIES = 6;
const STEPS = 10;
const IDS = ['a', 'b', 'c', 'd', 'e', 'f', 'ö', 'zz'];
const GROUPS = ['g', 'h', 'k'];
const STOCKS = ['in', 'out', 'order'];
const FIELDS = ['bid', 'budget', 'stock'] as const;

const root = mkdtempSync(join(tmpdir(), 'tidemark-interleavings-'));
const pool = testPool(1);
after(async () => {
  await pool.close();
  rmSync(root, { recursive: true, force: true });
});

/** What has landed: partitions by minute. */
interface Landed {
  readonly rows: Map<number, readonly AdRow[]>;
  readonly patches: Map<number, readonly PatchRowInput[]>;
}

const pick = <T>(random: Random, from: readonly T[]): T => from[random.below(from.length)]!;
const some = <T>(random: Random, make: () => T): T | null => (random.below(3) === 0 ? null : make());

function randomRow(random: Random, group: string | null): AdRow {
  const id = pick(random, IDS);
  const version = random.below(6) === 0 ? null : BigInt(random.below(8));
  const deleted = random.below(6) === 0;
  const bid = some(random, () => random.below(9) - 4);
  const budget = some(random, () => BigInt(random.below(5)));
  return {
    id,
    group,
    version,
    deleted,
    title: `title ${id}`,
    bid,
    budget,
    stock: some(random, () => pick(random, STOCKS)),
  };
}

function randomPatch(random: Random): PatchRowInput {
  const { id, version, bid, budget, stock } = randomRow(random, null);
  return { id, version, bid, budget, stock };
}

/** A delivery in group mode is whole anyway: what a partition has of a group is all there is of it. */
function randomRows(random: Random): AdRow[] {
  return Array.from({ length: 1 + random.below(5) }, () => randomRow(random, pick(random, GROUPS)));
}

/** The slow reading: the oracle's live rows, and over each of them the best patch of every field. */
function expected({ rows, patches }: Landed, options: Required<Omit<AdOptions, 'spanMs'>>): Record<string, unknown> {
  const input = [...rows].flatMap(([minute, own]) =>
    own.map(
      (row, at): InputRow => ({
        partitionTime: minuteTime(minute),
        objectKey: `${String(minute).padStart(4, '0')}`,
        rowGroup: 0,
        row: at,
        id: row.id!,
        group: row.group!,
        version: row.version ?? null,
        deleted: row.deleted === true,
        fields: { bid: row.bid ?? null, budget: row.budget ?? null, stock: row.stock ?? null },
      }),
    ),
  );
  const all = [...patches].flatMap(([minute, own]) =>
    own.map((patch, at) => ({ patch, time: minuteTime(minute), at })),
  );
  const { live } = expectedOf(input, options);
  const shown: Record<string, unknown> = {};
  for (const [id, row] of live) {
    const values = FIELDS.map((field) => {
      const candidates = all.filter(({ patch, time }) => {
        if (patch.id !== id || patch[field] == null) return false;
        if (!options.versioned) return time >= row.partitionTime;
        const order = orderOf(patch.version, time, row.version, row.partitionTime, options.replace);
        return order >= 0 && (options.unknownId === 'wait' || time >= row.partitionTime);
      });
      candidates.sort((a, b) => {
        const own = options.versioned
          ? orderOf(a.patch.version, a.time, b.patch.version, b.time, options.replace)
          : a.time - b.time;
        return own || a.at - b.at;
      });
      const best = candidates.at(-1)?.patch[field] ?? row.fields[field];
      return typeof best === 'bigint' ? Number(best) : best;
    });
    shown[id] = values;
  }
  return shown;
}

const NO_VERSION = -1n;

function orderOf(
  a: bigint | null | undefined,
  aTime: number,
  b: bigint | null | undefined,
  bTime: number,
  replace: 'record' | 'group',
): number {
  const versions = Number((a ?? NO_VERSION) - (b ?? NO_VERSION));
  return replace === 'record' ? versions || aTime - bTime : aTime - bTime || versions;
}

/** What the index shows, and whether its filters, ranges, sorts and counts say the same. */
async function shown(index: AdIndex): Promise<Record<string, unknown>> {
  const reader = await openAds(index);
  const { hits } = await reader.search('*:*', { k: 100, fields: [...FIELDS] });
  const values = Object.fromEntries(hits.map(({ id, fields }) => [id, FIELDS.map((field) => fields[field])]));
  const count = (has: (value: readonly unknown[]) => boolean) =>
    Object.values(values).filter((value) => has(value as unknown[])).length;
  const docFreqs = new Map<string, number>();
  for await (const { term, docFreq } of reader.terms('stock')) docFreqs.set(term, docFreq);
  for (const stock of STOCKS) {
    const wanted = count(([, , own]) => own === stock);
    assert.equal(await reader.count(`stock:${stock}`), wanted, `stock:${stock}`);
    assert.equal(docFreqs.get(stock) ?? 0, wanted, `terms of ${stock}`);
  }
  assert.equal(
    await reader.count('bid:[-2 TO 2]'),
    count(([bid]) => typeof bid === 'number' && Math.abs(bid) <= 2),
  );
  const sorted = await reader.search('*:*', { k: 100, sort: { field: 'budget', order: 'desc' }, fields: ['budget'] });
  const budgets = sorted.hits.map(({ fields }) => (fields.budget as number | null) ?? -1);
  assert.deepEqual(
    budgets,
    budgets.toSorted((a, b) => b - a),
  );
  return values;
}

async function history(seed: number, options: Required<Omit<AdOptions, 'spanMs'>>): Promise<void> {
  const random = createRandom(seed);
  const index = adIndex(join(root, `${seed}`), pool, options);
  const store = await openStore(index.settings.index, systemClock);
  const landed: Landed = { rows: new Map(), patches: new Map() };
  let minute = 20;
  const first = randomRows(random);
  landed.rows.set(minute, first);
  landRows(index, minute, first);
  for (let step = 0; step < STEPS; step++) {
    minute++;
    let base = false;
    const kind = random.below(10);
    if (kind < 3) {
      const rows = randomRows(random);
      landed.rows.set(minute, rows);
      landRows(index, minute, rows);
    } else if (kind < 9) {
      // New, late, or a rewrite of what was read.
      const at = kind < 6 ? minute : random.below(minute);
      const patches = Array.from({ length: 1 + random.below(4) }, () => randomPatch(random));
      landed.patches.set(at, patches);
      landPatches(index, at, patches);
    } else if (random.below(2) === 0) {
      const [at] = [...landed.patches.keys()];
      if (at !== undefined) {
        landed.patches.delete(at);
        dropPatches(index, at);
      }
    } else {
      base = true;
    }
    if (random.below(4) === 0) continue; // several at once
    await runAds(index, { base });
    const where = `seed ${seed}, step ${step}, ${JSON.stringify(options)}`;
    assert.deepEqual(await shown(index), expected(landed, options), where);
    assert.deepEqual((await checkIndex(store, new AbortController().signal)).defects, [], where);
  }
}

describe('rows, tombstones and patches in any order', () => {
  for (const replace of ['record', 'group'] as const) {
    it(`come to the same values as a slow reading, replace: ${replace}`, async () => {
      for (let i = 0; i < HISTORIES; i++) {
        const unknownId = i % 2 === 0 ? 'wait' : 'count';
        await history(i + (replace === 'group' ? 100 : 0), { replace, unknownId, versioned: i % 3 !== 2 });
      }
    });
  }
});
