/** Kill resolution against the sequential oracle, whatever segments the rows lie in and whatever was settled before. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type KillSet, resolveKills } from '#src/kills/resolve.js';
import { afterLate, nastySet, rowsOf } from '../support/nasty-set.js';
import { expectedOf, type InputRow, type OracleOptions } from '../support/oracle.js';
import { liveRows, placeOf, type RowSegment, rowSegment } from '../support/row-segments.js';

const SEED = 20_260_504;
const RUNS = 60;

interface Case extends OracleOptions {
  readonly rows: readonly InputRow[];
  /** Segment of each partition, by the partition's rank in time. */
  readonly deal: readonly number[];
  /** Order in which segments arrive, as weights. */
  readonly arrival: readonly number[];
  /** How many segments arrive at a time. */
  readonly stride: number;
}

const cases = fc
  .record({
    seed: fc.nat(),
    partitions: fc.integer({ min: 1, max: 9 }),
    ids: fc.integer({ min: 1, max: 40 }),
    groups: fc.integer({ min: 1, max: 10 }),
    late: fc.boolean(),
    replace: fc.constantFrom('record' as const, 'group' as const),
    versioned: fc.boolean(),
    deal: fc.array(fc.nat({ max: 5 }), { minLength: 9, maxLength: 9 }),
    arrival: fc.array(fc.nat(), { minLength: 6, maxLength: 6 }),
    stride: fc.integer({ min: 1, max: 3 }),
  })
  .map(({ seed, partitions, ids, groups, late, ...rest }): Case => {
    const set = nastySet({ seed, partitions: Math.max(partitions, 3), ids, groups });
    return { rows: rowsOf(late ? afterLate(set) : set.initial), ...rest };
  });

test('any split into segments, resolved at once, equals the oracle', async () => {
  const property = fc.asyncProperty(cases, async (one) => {
    const segments = await dealtSegments(one);
    const killSet = await resolveKills({ segments: readersOf(segments), replace: one.replace });
    expectOracle(segments, killSet, one);
  });
  await fc.assert(property, { seed: SEED, numRuns: RUNS });
});

test('segments that arrive one after the other, in any order, end where a full resolution ends', async () => {
  const property = fc.asyncProperty(cases, async (one) => {
    const segments = await dealtSegments(one);
    const queue = segments.toSorted((a, b) => weightOf(one, a) - weightOf(one, b));
    let settled: KillSet | undefined;
    for (let end = one.stride; end < queue.length + one.stride; end += one.stride) {
      const there = queue.slice(0, end);
      settled = await resolveKills({ segments: readersOf(there), replace: one.replace, settled });
      expectOracle(there, settled, one);
    }
    const full = await resolveKills({ segments: readersOf(segments), replace: one.replace });
    assert.deepEqual(sorted(settled!), sorted(full));
  });
  await fc.assert(property, { seed: SEED + 1, numRuns: RUNS });
});

test('records may be split anywhere, even within a row group', async () => {
  const property = fc.asyncProperty(cases, fc.infiniteStream(fc.nat({ max: 3 })), async (one, hands) => {
    const rows = one.rows.map((row) => ({ row, hand: hands.next().value as number }));
    const options = { replace: 'record', versioned: one.versioned ?? true } as const;
    const segments = await Promise.all(
      [0, 1, 2, 3].map((hand) => {
        const own = rows.filter((entry) => entry.hand === hand).map(({ row }) => row);
        return rowSegment(`s${hand}`, own, options);
      }),
    );
    const settled = await resolveKills({ segments: readersOf(segments.slice(0, 2)), replace: 'record' });
    const killSet = await resolveKills({ segments: readersOf(segments), replace: 'record', settled });
    expectOracle(segments, killSet, { ...one, ...options });
  });
  await fc.assert(property, { seed: SEED + 2, numRuns: RUNS });
});

test('settled kills are not changed in place', async () => {
  const rows = rowsOf(nastySet({ seed: 4 }).initial);
  const half = rows[rows.length >> 1]!.partitionTime;
  const options = { replace: 'group' } as const;
  const old = await rowSegment(
    'old',
    rows.filter(({ partitionTime }) => partitionTime < half),
    options,
  );
  const fresh = await rowSegment(
    'new',
    rows.filter(({ partitionTime }) => partitionTime >= half),
    options,
  );
  const settled = await resolveKills({ segments: [old.reader], ...options });
  const before = sorted(settled);
  const killSet = await resolveKills({ segments: [fresh.reader, old.reader], settled, ...options });
  assert.deepEqual(sorted(settled), before);
  assert(killSet.killed > settled.killed);
});

test('a delivery that a settled segment holds in part is refused', async () => {
  const shared = { partitionTime: 0, rowGroup: 0, id: 'a', group: 'g', version: 1n, deleted: false, fields: {} };
  const options = { replace: 'group' } as const;
  const first = await rowSegment('first', [{ ...shared, objectKey: 'x', row: 0 }], options);
  const second = await rowSegment('second', [{ ...shared, objectKey: 'y', row: 0, version: 2n }], options);
  const settled = await resolveKills({ segments: [first.reader], ...options });
  const segments = readersOf([first, second]);
  await assert.rejects(resolveKills({ segments, settled, ...options }), /a delivery lies whole/);
  assert.equal((await resolveKills({ segments, ...options })).killed, 1);
});

test('moves are counted by name where no new row has the settled group', async () => {
  const row = { objectKey: 'x', rowGroup: 0, row: 0, id: 'a', version: 1n, deleted: false, fields: {} };
  const options = { replace: 'record' } as const;
  const stay = await rowSegment('stay', [{ ...row, partitionTime: 1, group: 'g' }], options);
  const again = await rowSegment('again', [{ ...row, partitionTime: 2, group: 'g' }], options);
  const move = await rowSegment('move', [{ ...row, partitionTime: 3, group: 'h' }], options);
  const settled = await resolveKills({ segments: readersOf([stay, again]), ...options });
  assert.deepEqual([settled.killed, settled.moved], [1, 0]);
  const killSet = await resolveKills({ segments: readersOf([stay, again, move]), settled, ...options });
  assert.deepEqual([killSet.killed, killSet.moved], [2, 2]);
});

test('segments without documents, without tombstones, or without anything', async () => {
  const row = { partitionTime: 0, objectKey: 'x', rowGroup: 0, group: 'g', version: 1n, fields: {} };
  const one = await rowSegment('one', [{ ...row, row: 0, id: 'a', deleted: false }], { replace: 'record' });
  const dead = await rowSegment('dead', [{ ...row, row: 1, id: 'a', deleted: true }], { replace: 'record' });
  const none = await rowSegment('none', [], { replace: 'record' });
  for (const replace of ['record', 'group'] as const) {
    const killSet = await resolveKills({ segments: readersOf([none, dead, one]), replace });
    assert.deepEqual([...killSet.kills], [['one', Uint8Array.of(1)]]);
    assert.deepEqual(await resolveKills({ segments: [], replace }), {
      segments: new Set(),
      kills: new Map(),
      killed: 0,
      moved: 0,
    });
  }
});

/** Segments of whole partitions. */
async function dealtSegments({ rows, deal, ...options }: Case): Promise<RowSegment[]> {
  const times = [...new Set(rows.map(({ partitionTime }) => partitionTime))].sort((a, b) => a - b);
  const handOf = (row: InputRow) => deal[times.indexOf(row.partitionTime)]!;
  const hands = [...new Set(rows.map(handOf))];
  return Promise.all(
    hands.map((hand) =>
      rowSegment(
        `s${hand}`,
        rows.filter((row) => handOf(row) === hand),
        options,
      ),
    ),
  );
}

function weightOf({ arrival }: Case, { reader }: RowSegment): number {
  return arrival[Number(reader.name.slice(1))]!;
}

function readersOf(segments: readonly RowSegment[]) {
  return segments.map(({ reader }) => reader);
}

function sorted({ segments, kills, killed, moved }: KillSet) {
  return { segments: [...segments].sort(), kills: new Map([...kills].map(([k, v]) => [k, v.slice()])), killed, moved };
}

/** What stays, and both counts, are the oracle's for the very rows of these segments. */
function expectOracle(segments: readonly RowSegment[], killSet: KillSet, options: OracleOptions): void {
  const names = segments.map(({ reader }) => reader.name);
  assert.deepEqual([...killSet.segments].sort(), names.sort());
  const expected = expectedOf(
    segments.flatMap(({ input }) => input),
    options,
  );
  assert.deepEqual(liveRows(segments, killSet.kills), [...expected.live.values()].map(placeOf).sort());
  assert.deepEqual([killSet.killed, killSet.moved], [expected.killed, expected.moved]);
}
