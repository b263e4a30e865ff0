import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { encodeManifest } from '#src/manifest/codec.js';
import {
  generationOf,
  killKey,
  manifestKey,
  partKey,
  planHash,
  rejectKey,
  runKey,
  segmentKey,
} from '#src/manifest/names.js';
import { listGenerations, newestGeneration, readManifest, readNewest } from '#src/manifest/newest.js';
import type { ListOptions, Store } from '#src/store/store.js';
import { aManifest } from '../support/manifest-fixture.js';
import { MemoryStore } from '../support/memory-store.js';

async function indexWith(generations: Iterable<number>): Promise<MemoryStore> {
  const store = new MemoryStore({ now: () => 0 });
  for (const generation of generations) await store.put(manifestKey(generation), Uint8Array.of(0x7b));
  return store;
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);

test('names sort by generation and are read back', () => {
  assert.equal(manifestKey(42), 'manifests/00000000000000000042.json');
  assert.equal(generationOf(manifestKey(Number.MAX_SAFE_INTEGER)), Number.MAX_SAFE_INTEGER);
  assert.ok(manifestKey(9) < manifestKey(10));
  for (const other of [
    'manifests/42.json',
    'manifests/00000000000000000042.json.bak',
    'manifests/99999999999999999999.json',
    'x',
  ]) {
    assert.equal(generationOf(other), undefined, other);
  }
  assert.throws(() => manifestKey(1.5), /whole number/);
  const hash = planHash('ab'.repeat(32));
  assert.equal(segmentKey(hash), `segments/${'ab'.repeat(16)}.tms`);
  assert.equal(partKey(hash), `parts/${'ab'.repeat(16)}.tms`);
  assert.equal(killKey(hash), `kills/${'ab'.repeat(16)}.tmk`);
  assert.equal(rejectKey(hash), `rejects/${'ab'.repeat(16)}.json`);
  assert.equal(runKey(3, 'journal'), 'runs/00000000000000000003-journal.json');
  assert.throws(() => segmentKey('../escape'), /plan hash/);
  assert.throws(() => runKey(3, '../x'), /lower-case name/);
});

test('two requests open an index of up to 1,000 manifests; one tells a follower that nothing is new', async () => {
  const store = await indexWith(upTo(999));
  await store.put(manifestKey(1_000), encodeManifest(aManifest({ generation: 1_000 })));
  await store.put('manifests/zzz-not-ours.json', Uint8Array.of(1));
  await store.delete(manifestKey(1));
  assert.equal((await readNewest(store))?.generation, 1_000);
  assert.deepEqual({ list: store.calls.list, read: store.calls.read }, { list: 1, read: 1 });
  store.calls.list = 0;
  assert.equal(await newestGeneration(store, { atLeast: 1_000 }), 1_000);
  assert.equal(store.calls.list, 1);
});

test('a follower needs two requests however long the history is', async () => {
  const store = await indexWith(upTo(20_000));
  await store.put(manifestKey(20_001), encodeManifest(aManifest({ generation: 20_001 })));
  assert.equal((await readNewest(store, { atLeast: 20_000 }))?.generation, 20_001);
  assert.deepEqual({ list: store.calls.list, read: store.calls.read }, { list: 1, read: 1 });
});

test('opening an index of 100,000 manifests is bounded', async () => {
  const store = await indexWith(upTo(100_000));
  assert.equal(await newestGeneration(store), 100_000);
  assert.ok(store.calls.list <= 17, `${store.calls.list} requests`);
});

test('no index, no generation', async () => {
  const store = await indexWith([]);
  assert.equal(await newestGeneration(store), undefined);
  assert.equal(await readNewest(store), undefined);
});

test('the newest is found whatever holes gc left and wherever the search starts', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 9_000 }),
      fc.array(fc.tuple(fc.integer({ min: 0, max: 9_000 }), fc.integer({ min: 1, max: 4_000 })), { maxLength: 3 }),
      fc.integer({ min: 0, max: 9_000 }),
      async (count, holes, known) => {
        const left = upTo(count).filter(
          (g) => g === count || !holes.some(([from, length]) => g >= from && g < from + length),
        );
        const store = await indexWith(left);
        assert.equal(await newestGeneration(store), count);
        assert.equal(await newestGeneration(store, { atLeast: Math.min(known, count) }), count);
      },
    ),
    { seed: 8, numRuns: 25 },
  );
});

test('generations are listed over pages, behind the one given', async () => {
  const store = await indexWith(upTo(2_500));
  await store.put('manifests/readme.txt', Uint8Array.of(1));
  const all = await listGenerations(store);
  assert.deepEqual(
    all.map((entry) => entry.generation),
    upTo(2_500),
  );
  assert.deepEqual(
    (await listGenerations(store, { after: 2_498 })).map((entry) => entry.key),
    [manifestKey(2_499), manifestKey(2_500)],
  );
});

test("a manifest under another one's name is corrupt; one that is not there is not found", async () => {
  const store = await indexWith([]);
  await store.put(manifestKey(7), encodeManifest(aManifest({ generation: 6 })));
  await assert.rejects(readManifest(store, 7), /says generation 6/);
  await assert.rejects(readManifest(store, 8), { code: 'not-found' });
});

test('a store that answers with short pages hides no newer manifest', async () => {
  const store = await indexWith([...upTo(7), 5_000, 5_003]);
  await store.put('manifests/00000000000000000003.json.bak', Uint8Array.of(1));
  for (const limit of [1, 2, 3]) {
    const short: Store = Object.assign(Object.create(store) as Store, {
      list: (options: ListOptions) => store.list({ ...options, limit }),
    });
    assert.equal(await newestGeneration(short), 5_003, `pages of ${limit}`);
    assert.equal(await newestGeneration(short, { atLeast: 4 }), 5_003);
  }
});
