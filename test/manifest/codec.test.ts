import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { z } from 'zod';
import { TidemarkError } from '#src/base/errors.js';
import { decodeManifest, encodeManifest, manifestToJson } from '#src/manifest/codec.js';
import type { Manifest, manifestSchema } from '#src/manifest/manifest.js';
import { foldRuns, unfoldRuns } from '#src/manifest/runs.js';
import { aManifest, aSegment } from '../support/manifest-fixture.js';

const KEY = 'manifests/00000000000000000001.json';
const T0 = Date.parse('2026-05-04T00:00:00Z');
const FIVE_MINUTES = 300_000;
const text = (manifest: Manifest): string => new TextDecoder().decode(encodeManifest(manifest));

const delta = aSegment({ live: 7, partitions: { count: 2, runs: [[T0 + FIVE_MINUTES, T0 + 2 * FIVE_MINUTES]] } });
const base = aSegment({ name: `segments/${'d'.repeat(32)}.tms`, partitions: { count: 1, runs: [[T0, T0]] } });
const full = aManifest({
  watermark: T0 + 2 * FIVE_MINUTES,
  coverage: {
    from: T0,
    to: T0 + 2 * FIVE_MINUTES,
    partitions: [
      { time: T0 + FIVE_MINUTES, part: 'e'.repeat(32), state: 'read' },
      { time: T0 + 2 * FIVE_MINUTES, part: 'f'.repeat(32), state: 'late' },
    ],
    skipped: [{ time: T0 + 3 * FIVE_MINUTES, reason: 'not-ready', detail: 'settling' }],
    gap: true,
    gaps: [{ from: undefined, to: T0 }],
    lateBeyondBase: 1,
  },
  base: { segments: [base], watermark: T0 },
  delta: { segments: [delta] },
  kills: { [delta.name]: { object: `kills/${'1'.repeat(32)}.tmk`, sha256: '2'.repeat(64), count: 3 } },
  statistics: { name: { docs: 20, tokens: 40 } },
  counts: { docs: 20, live: 17, killed: 3, rejected: 1, moved: 2 },
  freshnessMs: 812.5,
  rolledBackFrom: 9,
  held: [{ from: T0, to: T0 + FIVE_MINUTES }],
});

test('what is written is read back, times as ISO in JSON', () => {
  assert.deepEqual(decodeManifest(encodeManifest(full), KEY), full);
  assert.deepEqual(decodeManifest(encodeManifest(aManifest()), KEY), aManifest());
  const json = manifestToJson(full) as Record<string, unknown>;
  assert.equal(json.watermark, '2026-05-04T00:10:00.000Z');
  assert.deepEqual(json.counts, { docs: 20, live: 17, killed: 3, rejected: 1, moved: 2 });
  assert.deepEqual((json.coverage as { gaps: unknown }).gaps, [{ from: null, to: '2026-05-04T00:00:00.000Z' }]);
  assert.equal((manifestToJson(aManifest()) as Record<string, unknown>).watermark, null);
});

test('same manifest, same bytes, in whatever order its fields were set', () => {
  const shuffled = Object.fromEntries(Object.entries(full).reverse()) as unknown as Manifest;
  assert.equal(text(shuffled), text(full));
  assert.match(text(full), /^\{"base":.*\}\n$/);
  assert.ok(!text(full).includes('": '));
});

test('fields of a later release are passed over', () => {
  const json = JSON.parse(text(full)) as Record<string, unknown>;
  const bytes = new TextEncoder().encode(JSON.stringify({ ...json, addedLater: { any: 1 } }));
  assert.deepEqual(decodeManifest(bytes, KEY), full);
});

test('corrupt: every kind of damage is an error that names the object and the place', () => {
  const json = manifestToJson(full) as z.input<typeof manifestSchema>;
  const cases: [string, unknown, RegExp][] = [
    ['cut', text(full).slice(0, -30), /JSON/],
    ['empty', '', /JSON/],
    ['no object', '[]', /the whole: Invalid input/],
    ['null', 'null', /the whole: Invalid input/],
    ['bad time', { ...json, watermark: 'yesterday' }, /watermark: Invalid/],
    ['no phases', { ...json, phases: undefined }, /phases: Invalid/],
    ['bad count', { ...json, epoch: -1 }, /epoch: Too small/],
    ['bad enum', { ...json, outcome: 'splendid' }, /outcome: Invalid option/],
    [
      'deep',
      { ...json, delta: { segments: [{ ...json.delta.segments[0]!, sha256: 'x' }] } },
      /delta\.segments\.0\.sha256/,
    ],
    ['counts', { ...json, counts: { ...json.counts, live: 16 } }, /counts\.live is not docs - killed/],
    ['sum', { ...json, counts: { ...json.counts, docs: 21, live: 18 } }, /counts\.docs is not the sum/],
    ['live', { ...json, kills: {} }, /live documents of segments/],
    ['twice', { ...json, base: { ...json.base!, segments: json.delta.segments } }, /named twice/],
    ['stray kill', { ...json, kills: { ...json.kills, 'segments/x': json.kills[delta.name]! } }, /which is no segment/],
    [
      'order',
      { ...json, coverage: { ...json.coverage, partitions: json.coverage.partitions.toReversed() } },
      /ascending order/,
    ],
  ];
  for (const [name, value, message] of cases) {
    const bytes = new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));
    assert.throws(
      () => decodeManifest(bytes, KEY),
      (error: unknown) => {
        assert.ok(error instanceof TidemarkError, name);
        assert.equal(error.code, 'corrupt');
        assert.equal(error.where.object, KEY);
        assert.match(error.message, message, name);
        return true;
      },
    );
  }
  const newer = new TextEncoder().encode(JSON.stringify({ ...json, format: 2 }));
  assert.throws(() => decodeManifest(newer, KEY), /has format 2, and this release reads up to 1/);
});

test('an unsound manifest is never written', () => {
  assert.throws(() => encodeManifest({ ...full, kills: {} }), /live documents/);
  assert.throws(() => encodeManifest({ ...full, createdAt: Number.NaN }), /Invalid/);
});

/** What a reader fetches in one request and keeps in one small buffer. */
const MAX_MANIFEST_BYTES = 256 * 1024;

test('2,016 partitions stay under the bound: in one segment, and in 60 of which half hold late ones', () => {
  const times = Array.from({ length: 2_016 }, (_, i) => T0 + i * FIVE_MINUTES);
  const hash = (i: number) => i.toString(16).padStart(32, '0');
  const isLate = (i: number) => i % 67 === 33;
  const segmentOf = (held: readonly number[], i: number) =>
    aSegment({
      name: `segments/${hash(i)}.tms`,
      bytes: 3e10,
      docs: 1e6,
      live: 1e6 - 1,
      partitions: foldRuns(held, times),
    });
  const oneSegment = [segmentOf(times, 0)];
  const onTime = times.filter((_, i) => !isLate(i));
  const manySegments = [
    ...Array.from({ length: 30 }, (_, i) => segmentOf(onTime.slice(i * 67, (i + 1) * 67), i)),
    ...times.filter((_, i) => isLate(i)).map((time, i) => segmentOf([time], 100 + i)),
  ];
  const sizes = [oneSegment, manySegments].map((segments) => {
    const manifest = aManifest({
      coverage: { ...full.coverage, partitions: times.map((time, i) => ({ time, part: hash(i), state: 'read' })) },
      delta: { segments },
      kills: Object.fromEntries(
        segments.map(({ name }, i) => [name, { object: `kills/${hash(i)}.tmk`, sha256: '2'.repeat(64), count: 1 }]),
      ),
      counts: {
        docs: segments.length * 1e6,
        live: segments.length * (1e6 - 1),
        killed: segments.length,
        rejected: 0,
        moved: 0,
      },
    });
    const bytes = encodeManifest(manifest);
    assert.deepEqual(decodeManifest(bytes, KEY), manifest);
    return bytes.length;
  });
  assert.deepEqual(manySegments.length, 60);
  for (const size of sizes) assert.ok(size < MAX_MANIFEST_BYTES, `${sizes.join(' and ')} bytes`);
  assert.ok(sizes[0]! < 192 * 1024, `${sizes[0]} bytes`);
});

test('runs hold exactly the partitions they were folded from', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer({ min: 0, max: 200 }), { maxLength: 60 }),
      fc.func(fc.boolean()),
      (some, keep) => {
        const all = some.toSorted((a, b) => a - b);
        const held = all.filter(keep);
        const runs = foldRuns(held, all);
        assert.deepEqual(unfoldRuns(runs, all), held);
        assert.equal(runs.count, held.length);
      },
    ),
    { seed: 7, numRuns: 1_000 },
  );
  assert.deepEqual(foldRuns([2, 3, 9], [1, 2, 3, 5, 9]).runs, [
    [2, 3],
    [9, 9],
  ]);
  assert.throws(() => foldRuns([4], [1, 5]), /coverage list only/);
});
