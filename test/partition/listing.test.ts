import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { TidemarkError } from '#src/base/errors.js';
import { compareKeys } from '#src/base/key-order.js';
import { listPartitions } from '#src/partition/listing.js';
import { compileTemplate } from '#src/partition/template.js';
import type { ListOptions, ListPage } from '#src/store/store.js';
import { MemoryStore } from '../support/memory-store.js';
import { setClock, sourceWith } from '../support/source-fixture.js';

const MINUTES = compileTemplate('dt=%Y-%m-%d/hour=%H/minute=%M');
const FLAT = compileTemplate('t=%Y%m%dT%H%M');
const BACKWARDS = compileTemplate('%d-%m-%Y/%H.%M');
const TEMPLATES = [
  MINUTES,
  FLAT,
  BACKWARDS,
  compileTemplate('in/%Y/%j/%H%M'),
  compileTemplate('%s'),
  compileTemplate('%Y/%m-%d/data/%H%M'),
];

const MINUTE = 60_000;
const START = Date.parse('2025-11-12T00:00:00Z');
const everyFiveMinutes = (count: number): number[] => Array.from({ length: count }, (_, i) => START + i * 5 * MINUTE);
const one = Uint8Array.of(1);

test('the newest of 50,000 partitions cost a handful of requests', async () => {
  const times = everyFiveMinutes(50_000);
  for (const [template, most] of [
    [MINUTES, 12],
    [FLAT, 6],
    [compileTemplate('%Y/%m/%d/%H%M'), 9],
    [compileTemplate('%s'), 8],
  ] as const) {
    const store = await sourceWith(template, times);
    for (const now of [times.at(-1)! + MINUTE, times.at(-1)! + 400 * 86_400_000]) {
      store.calls.list = 0;
      const listing = await listPartitions(store, { template, to: now, newest: 5 });
      assert.deepEqual(
        listing.partitions.map((partition) => partition.time),
        times.slice(-5).reverse(),
      );
      assert.equal(listing.listCalls, store.calls.list);
      const silence = now - times.at(-1)! > 86_400_000 ? 16 : 0; // longer windows through 400 empty days, then halving
      assert.ok(listing.listCalls <= most + silence, `${template.text}: ${listing.listCalls} requests`);
    }
  }
});

test('a window of 60 partitions out of 50,000 is one request', async () => {
  const times = everyFiveMinutes(50_000);
  const store = await sourceWith(MINUTES, times, { objects: 2 });
  const latest = times.at(-1)!;
  const listing = await listPartitions(store, {
    template: MINUTES,
    from: latest - 5 * 60 * MINUTE,
    to: latest + 10 * MINUTE,
  });
  assert.equal(listing.listCalls, 1);
  assert.deepEqual(
    listing.partitions.map((partition) => partition.time),
    times.slice(-60).reverse(),
  );
  assert.equal(listing.partitions[0]!.objects.length, 2);
});

test('a window that is older than the newest is found from both ends', async () => {
  const times = everyFiveMinutes(5_000);
  const store = await sourceWith(FLAT, times);
  const listing = await listPartitions(store, { template: FLAT, from: times[1_000]!, to: times[1_010]!, newest: 3 });
  assert.deepEqual(
    listing.partitions.map((partition) => partition.time),
    [times[1_010], times[1_009], times[1_008]],
  );
});

test('bounds are half-open: after `from`, up to `to`', async () => {
  const times = everyFiveMinutes(20);
  for (const template of [MINUTES, FLAT, BACKWARDS]) {
    const store = await sourceWith(template, times);
    for (const newest of [undefined, 100]) {
      const listing = await listPartitions(store, {
        template,
        from: times[3]!,
        to: times[7]!,
        ...(newest === undefined ? {} : { newest }),
      });
      assert.deepEqual(
        listing.partitions.map((partition) => partition.time),
        [times[7], times[6], times[5], times[4]],
        template.text,
      );
    }
  }
});

test('every way of listing finds what a plain filter finds, whatever the template', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...TEMPLATES),
      fc.uniqueArray(fc.integer({ min: 0, max: 3_000_000 }), { maxLength: 40 }),
      fc.boolean(),
      fc.integer({ min: -10, max: 3_100_000 }),
      fc.integer({ min: -10, max: 3_100_000 }),
      fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined }),
      async (template, offsets, isDense, from, to, newest) => {
        const times = offsets.map((offset) => START + (isDense ? offset % 3_000 : offset) * MINUTE);
        const store = await sourceWith(template, times);
        const bounds = { from: START + from * MINUTE, to: START + to * MINUTE };
        const listing = await listPartitions(store, {
          template,
          ...bounds,
          ...(newest === undefined ? {} : { newest }),
        });
        const expected = [...new Set(times)]
          .filter((time) => time > bounds.from && time <= bounds.to)
          .sort((a, b) => b - a)
          .slice(0, newest);
        assert.deepEqual(
          listing.partitions.map((partition) => partition.time),
          expected,
        );
        assert.deepEqual(listing.ignored, []);
      },
    ),
    { seed: 3, numRuns: 400 },
  );
});

test('pages that end anywhere change nothing', async () => {
  const times = everyFiveMinutes(300);
  for (const limit of [1, 2, 7, 100]) {
    const store = await sourceWith(FLAT, times, { objects: 3 });
    const small = Object.assign(Object.create(store) as MemoryStore, {
      list: (options: ListOptions): Promise<ListPage> => store.list({ ...options, limit }),
    });
    for (const newest of [undefined, 300]) {
      const listing = await listPartitions(small, {
        template: FLAT,
        to: times.at(-1)!,
        ...(newest === undefined ? {} : { newest }),
      });
      assert.equal(listing.partitions.length, 300, `pages of ${limit}`);
      assert.ok(listing.partitions.every((partition) => partition.objects.length === 3));
    }
  }
});

test('ignored: hidden names at any depth, empty objects, names that are no partition; each with its reason', async () => {
  const store = new MemoryStore(setClock(START));
  const folder = 'dt=2025-11-12/hour=00/minute=00/';
  for (const name of [
    'b.parquet',
    'a.parquet',
    'nested/c.parquet',
    '_temporary/0/x.parquet',
    '_temporary/1/y.parquet',
    '.crc',
    'n/.hidden/z',
  ]) {
    await store.put(folder + name, one);
  }
  await store.put(`${folder}empty.parquet`, new Uint8Array());
  await store.put('dt=2025-11-31/hour=00/minute=00/a', one);
  await store.put('dt=2025-11-12/hour=00/stray.parquet', one);
  await store.put('dt=2025-11-12/_backup/old/a', one);
  await store.put('aaa/dt=2025-11-12/hour=00/minute=00/a', one);
  const to = START + 86_400_000 * 30;
  for (const newest of [undefined, 9]) {
    const listing = await listPartitions(store, { template: MINUTES, to, ...(newest === undefined ? {} : { newest }) });
    assert.equal(listing.partitions.length, 1);
    const partition = listing.partitions[0]!;
    assert.deepEqual(
      partition.objects.map((object) => object.key.slice(folder.length)),
      ['a.parquet', 'b.parquet', 'nested/c.parquet'],
    );
    assert.deepEqual(
      partition.ignored.map(({ key, reason }) => `${key.slice(folder.length)}: ${reason}`),
      [
        '.crc: a name that starts with "."',
        '_temporary/: a name that starts with "_"',
        'empty.parquet: an empty object',
        'n/.hidden/: a name that starts with "."',
      ],
    );
    if (newest !== undefined) continue; // the descent does not meet names outside its bounds
    const reasons = Object.fromEntries(listing.ignored.map(({ key, reason }) => [key, reason]));
    assert.match(reasons['dt=2025-11-31/']!, /no such date/);
    assert.match(reasons['dt=2025-11-12/hour=00/stray.parquet']!, /no folder minute=%M/);
    assert.match(reasons['dt=2025-11-12/_backup/']!, /starts with "_"/);
    assert.match(reasons['aaa/']!, /expected "dt="/);
    assert.equal(listing.ignored.length, 4);
  }
});

test('a 2099 prefix is reported and freezes nothing', async () => {
  const times = everyFiveMinutes(50);
  for (const template of [MINUTES, FLAT, BACKWARDS]) {
    const far = Date.parse('2099-01-01T00:00:00Z');
    const near = times.at(-1)! + 30 * MINUTE;
    const store = await sourceWith(template, [...times, near, far]);
    for (const newest of [undefined, 2]) {
      const listing = await listPartitions(store, {
        template,
        to: times.at(-1)! + 10 * MINUTE,
        ...(newest === undefined ? {} : { newest }),
      });
      assert.equal(listing.partitions[0]!.time, times.at(-1), template.text);
      assert.ok(listing.future.length > 0, `${template.text} reports the future`);
      assert.ok(listing.future.every((folder) => folder.time > times.at(-1)! + 10 * MINUTE));
      if (newest === undefined)
        assert.deepEqual(
          listing.future.map((folder) => folder.time),
          [near, far],
        );
    }
  }
});

test('a folder of 20,000 junk objects costs one request, not twenty', async () => {
  const times = everyFiveMinutes(10);
  const store = await sourceWith(MINUTES, times);
  for (let i = 0; i < 20_000; i++) await store.put(`dt=2025-11-12/hour=00/minute=05/_spark/${i}`, one);
  for (let i = 0; i < 20_000; i++) await store.put(`dt=2025-11-12/backup/${i}`, one);
  const listing = await listPartitions(store, { template: MINUTES, from: START - 1, to: times.at(-1)! });
  assert.equal(listing.partitions.length, 10);
  assert.ok(listing.listCalls <= 4, `${listing.listCalls} requests`);
});

test('the marker is no data, and is found under its own name only', async () => {
  const store = new MemoryStore(setClock(START));
  const folder = 'dt=2025-11-12/hour=00/minute=00/';
  for (const name of ['a.parquet', '_SUCCESS', 'DONE']) await store.put(folder + name, one);
  const list = async (marker?: string) =>
    (await listPartitions(store, { template: MINUTES, to: START, marker })).partitions[0]!;
  assert.equal((await list('_SUCCESS')).marker?.key, `${folder}_SUCCESS`);
  assert.deepEqual(
    (await list('DONE')).objects.map((object) => object.key),
    [`${folder}a.parquet`],
  );
  assert.equal((await list()).marker, undefined);
  assert.equal((await list()).objects.length, 2);
});

test("the date is the store's own, at the first page", async () => {
  const clock = setClock(START + 77);
  const store = await sourceWith(BACKWARDS, everyFiveMinutes(3), { clock });
  const list = store.list.bind(store);
  store.list = async (options) => {
    const page = await list(options);
    clock.set(clock.now() + 1_000);
    return page;
  };
  assert.equal((await listPartitions(store, { template: BACKWARDS, to: START })).date, START + 77);
});

test('the bound on requests holds and says what to do', async () => {
  const store = await sourceWith(BACKWARDS, everyFiveMinutes(2_000));
  await assert.rejects(
    listPartitions(store, { template: BACKWARDS, to: START * 2, maxListCalls: 5 }),
    (error: unknown) =>
      error instanceof TidemarkError && error.code === 'store' && /more than 5 LIST/.test(error.message),
  );
  assert.equal(store.calls.list, 5);
});

test('a store that lists out of order is refused, since the newest could hide behind any page', async () => {
  const store = await sourceWith(MINUTES, everyFiveMinutes(3));
  const list = store.list.bind(store);
  store.list = async (options) => {
    const page = await list(options);
    return { ...page, objects: page.objects.toReversed(), prefixes: page.prefixes.toReversed() };
  };
  await assert.rejects(listPartitions(store, { template: MINUTES, to: START * 2 }), /does not list in key order/);
});

test('an aborted listing stops', async () => {
  const store = await sourceWith(MINUTES, everyFiveMinutes(3));
  await assert.rejects(
    listPartitions(store, { template: MINUTES, to: START, signal: AbortSignal.abort(new Error('enough')) }),
    /enough/,
  );
});

test('what lies behind the upper bound is not walked, be it the future or junk', async () => {
  const times = everyFiveMinutes(10);
  for (const behind of ['dt=2099-01-01/hour=00/minute=00', 'zzz/a/b']) {
    const store = await sourceWith(MINUTES, times);
    for (let i = 0; i < 9_000; i++) await store.put(`${behind}/${i}`, one);
    const listing = await listPartitions(store, { template: MINUTES, from: START - 1, to: times.at(-1)! });
    assert.equal(listing.partitions.length, 10);
    assert.equal(listing.listCalls, 1);
    assert.equal(listing.future.length + listing.ignored.length, 1);
  }
});

test('keys are ordered by their bytes, surrogates behind the rest of the plane', () => {
  const texts = ['a', 'a/', 'a0', 'b', 'é', '\uD7FF', '\uE000', '\uFFFD', '😀', '😀a', '\u{10FFFF}', ''];
  for (const a of texts) {
    for (const b of texts) {
      assert.equal(Math.sign(compareKeys(a, b)), Buffer.compare(Buffer.from(a), Buffer.from(b)), `${a} ${b}`);
    }
  }
});
