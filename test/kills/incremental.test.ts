/** Kills carried over while partitions come, change and go, against a resolution from the rows alone. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type KillSet, resolveKills } from '#src/kills/resolve.js';
import { nastySet } from '../support/nasty-set.js';
import { expectedOf, type InputRow } from '../support/oracle.js';
import { liveRows, placeOf, rowSegment } from '../support/row-segments.js';

const PARTITIONS = 6;

test('rows that go give back what they had superseded', async () => {
  const cases = fc.record({
    seed: fc.nat(),
    versioned: fc.boolean(),
    // Partition -> settled segment, and what becomes of it: 0, 1 stays, 2 goes, 3 is delivered anew.
    deal: fc.array(fc.nat({ max: 2 }), { minLength: PARTITIONS, maxLength: PARTITIONS }),
    fate: fc.array(fc.nat({ max: 3 }), { minLength: PARTITIONS, maxLength: PARTITIONS }),
  });
  let given = 0;
  const property = fc.asyncProperty(cases, async ({ seed, versioned, deal, fate }) => {
    const options = { replace: 'record', versioned } as const;
    const objects = nastySet({ seed, partitions: PARTITIONS, ids: 12, groups: 4 }).initial;
    const times = [...new Set(objects.map(({ partitionTime }) => partitionTime))].sort((a, b) => a - b);
    const rowsAt = (time: number) => objects.filter((o) => o.partitionTime === time).flatMap((o) => o.rowGroups.flat());
    const fateOf = (time: number) => fate[times.indexOf(time)]! as number;
    const segments = await Promise.all(
      [0, 1, 2].map((n) => rowSegment(`settled ${n}`, times.filter((_, i) => deal[i] === n).flatMap(rowsAt), options)),
    );
    const settled = await resolveKills({ segments: segments.map(({ reader }) => reader), ...options });
    const leaving = times.filter((time) => fateOf(time) >= 2);
    const went = await Promise.all(leaving.map((time) => rowSegment(`went ${time}`, rowsAt(time), options)));
    const again = times.filter((time) => fateOf(time) === 3);
    // The same rows but for every third one.
    const anew = (time: number) => rowsAt(time).filter((_, i) => i % 3 !== 0);
    const came = await Promise.all(again.map((time) => rowSegment(`came ${time}`, anew(time), options)));
    const there = [...segments, ...came];
    const killSet = await resolveKills({
      segments: there.map(({ reader }) => reader),
      ...options,
      settled,
      gone: { segments: went.map(({ reader }) => reader), times: new Set(leaving) },
    });
    const rows = times.flatMap((time) => (fateOf(time) === 3 ? anew(time) : fateOf(time) === 2 ? [] : rowsAt(time)));
    const expected = expectedOf(rows, options);
    const isGone = (row: InputRow) => leaving.includes(row.partitionTime);
    const old = liveRows(
      segments.map((segment) => withoutRows(segment, killSet, isGone)),
      new Map(),
    );
    const fresh = liveRows(came, killSet.kills);
    assert.deepEqual([...old, ...fresh].sort(), placesOf(expected.live.values()));
    assert.equal(killSet.moved, expected.moved);
    given += [...killSet.segments].some((name) => shrank(settled, killSet, name)) ? 1 : 0;
  });
  await fc.assert(property, { seed: 20_260_504, numRuns: 80 });
  assert(given > 10, 'bits were cleared');
});

/** The segment with the rows that are killed or gone left out. */
function withoutRows(
  segment: Awaited<ReturnType<typeof rowSegment>>,
  { kills }: KillSet,
  isGone: (row: InputRow) => boolean,
): typeof segment {
  const bits = kills.get(segment.reader.name);
  const isKilled = (docId: number) => bits !== undefined && ((bits[docId >> 3]! >> (docId & 7)) & 1) === 1;
  return { ...segment, rows: segment.rows.filter((row, docId) => !isKilled(docId) && !isGone(row)) };
}

function placesOf(rows: Iterable<InputRow>): string[] {
  return [...rows].map(placeOf).sort();
}

function shrank(before: KillSet, after: KillSet, name: string): boolean {
  const [old, now] = [before.kills.get(name), after.kills.get(name)];
  return old?.some((byte, i) => (byte & ~(now?.[i] ?? 0)) !== 0) === true;
}
