/** Commits that meet another line: holes, lost answers, higher epochs; rollback, resume, taking the lead. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TidemarkError } from '#src/base/errors.js';
import { commitManifest } from '#src/commit/commit.js';
import { resume, rollback } from '#src/commit/rollback.js';
import { takeLead } from '#src/commit/take-lead.js';
import { encodeManifest } from '#src/manifest/codec.js';
import type { Manifest } from '#src/manifest/manifest.js';
import { manifestKey } from '#src/manifest/names.js';
import { listGenerations, readNewest } from '#src/manifest/newest.js';
import { intercepted } from '../support/intercepted-store.js';
import { aManifest, aSegment } from '../support/manifest-fixture.js';
import { MemoryStore } from '../support/memory-store.js';

const T = (minute: number) => Date.UTC(2026, 4, 4, 1, minute);
const now = () => T(50);
const failsWith = (code: string) => (error: unknown) => error instanceof TidemarkError && error.code === code;

/** Generation `n` holds the partitions of minutes 0, 5, .. up to its own, the part of each told by its digit. */
function generation(n: number, more: Partial<Manifest> = {}, digits = '0123456789'): Manifest {
  const partitions = Array.from({ length: n }, (_, i) => ({
    time: T(i * 5),
    part: digits[i]!.repeat(32),
    state: 'read' as const,
  }));
  const watermark = T((n - 1) * 5);
  const coverage = { from: undefined, to: watermark, partitions, skipped: [], gap: false, gaps: [], lateBeyondBase: 0 };
  const segment = aSegment({ name: `segments/${String(n).repeat(32)}.tms` });
  return aManifest({
    generation: n,
    nonce: `n-${n}`,
    ...(n > 1 && { parent: `n-${n - 1}` }),
    watermark,
    coverage,
    delta: { segments: [segment] },
    counts: { docs: 10, live: 10, killed: 0, rejected: 0, moved: 0 },
    ...more,
  });
}

async function lineOf(...manifests: readonly Manifest[]): Promise<MemoryStore> {
  const store = new MemoryStore({ now });
  for (const manifest of manifests) {
    for (const { name, bytes } of manifest.delta.segments) await store.put(name, new Uint8Array(bytes));
    await store.putIfAbsent(manifestKey(manifest.generation), encodeManifest(manifest));
  }
  return store;
}

const generationsIn = async (store: MemoryStore) => (await listGenerations(store)).map(({ generation: n }) => n);

describe('a commit', () => {
  it('into a hole behind the end of the line is none, and leaves nothing', async () => {
    const store = await lineOf(generation(1), generation(5, { epoch: 3 }));
    const late = await commitManifest(store, generation(2));
    assert.equal(late.committed, false);
    assert.equal(!late.committed && late.other.generation, 5);
    assert.deepEqual(await generationsIn(store), [1, 5]);
  });

  it('into a hole right before another line is none either', async () => {
    const store = await lineOf(generation(1), generation(3, { parent: 'n-other' }));
    assert.equal((await commitManifest(store, generation(2))).committed, false);
    assert.deepEqual(await generationsIn(store), [1, 3]);
  });

  it('that was built upon before it was confirmed is one, and tells what came since', async () => {
    const store = await lineOf(generation(1));
    const overtaken = intercepted(store, {
      putIfAbsent: async (key, bytes) => {
        const answer = await store.putIfAbsent(key, bytes);
        await store.putIfAbsent(manifestKey(3), encodeManifest(generation(3, { epoch: 2 })));
        return answer;
      },
    });
    const result = await commitManifest(overtaken, generation(2));
    assert.equal(result.committed, true);
    assert.equal(result.committed && result.newest?.epoch, 2);
    assert.deepEqual(await generationsIn(store), [1, 2, 3]);
  });

  it('is known again by its nonce after a lost answer', async () => {
    const store = await lineOf(generation(1), generation(2));
    assert.deepEqual(await commitManifest(store, generation(2)), { committed: true, newest: undefined });
    const other = await commitManifest(store, generation(2, { nonce: 'mine' }));
    assert.equal(!other.committed && other.other.nonce, 'n-2');
  });
});

describe('a rollback', () => {
  it('has the old content under a new generation, and holds what came between', async () => {
    const store = await lineOf(generation(1), generation(2), generation(3), generation(4, { epoch: 7 }));
    const manifest = await rollback(store, 2, now);
    assert.deepEqual([manifest.generation, manifest.epoch, manifest.rolledBackFrom], [5, 7, 4]);
    assert.deepEqual(manifest.delta, generation(2).delta);
    assert.equal(manifest.watermark, T(5));
    assert.deepEqual(manifest.held, [{ from: T(5), to: T(15) }]);
    assert.deepEqual(await readNewest(store), manifest);
    assert.equal(manifest.parent, 'n-4');
  });

  it('holds an older partition too whose objects changed since', async () => {
    const store = await lineOf(generation(2), generation(3, {}, '0a2'));
    assert.deepEqual((await rollback(store, 2, now)).held, [{ from: T(5) - 1, to: T(10) }]);
  });

  it('on top of another one holds what both hold; resume lets all of it in, once', async () => {
    const store = await lineOf(generation(1), generation(2), generation(3));
    await rollback(store, 2, now);
    const second = await rollback(store, 1, now);
    assert.deepEqual(second.held, [{ from: T(0), to: T(10) }]);
    const { manifest, committed } = await resume(store, now);
    assert.deepEqual([committed, manifest.generation, manifest.held], [true, 6, []]);
    assert.equal(manifest.rolledBackFrom, undefined);
    assert.equal((await resume(store, now)).committed, false);
  });

  it('goes on top of what is committed meanwhile', async () => {
    const store = await lineOf(generation(1), generation(2));
    let races = 0;
    const raced = intercepted(store, {
      putIfAbsent: async (key, bytes) => {
        if (races++ === 0) await store.putIfAbsent(manifestKey(3), encodeManifest(generation(3)));
        return store.putIfAbsent(key, bytes);
      },
    });
    const manifest = await rollback(raced, 1, now);
    assert.deepEqual([manifest.generation, manifest.rolledBackFrom], [4, 3]);
    assert.deepEqual(manifest.held, [{ from: T(0), to: T(10) }]);
  });

  it('refuses a generation that is the newest, gone, or not whole', async () => {
    const store = await lineOf(generation(1), generation(3));
    await assert.rejects(rollback(store, 3, now), failsWith('usage'));
    await assert.rejects(rollback(store, 2, now), failsWith('usage'));
    await store.delete(generation(1).delta.segments[0]!.name);
    await assert.rejects(rollback(store, 1, now), failsWith('corrupt'));
    assert.deepEqual(await generationsIn(store), [1, 3]);
  });
});

describe('taking the lead', () => {
  it('commits the same content under the next epoch, and only one of two does', async () => {
    const store = await lineOf(generation(1, { epoch: 4 }));
    const first = await takeLead(store, 4, now);
    assert.deepEqual([first?.generation, first?.epoch], [2, 5]);
    assert.deepEqual(first?.delta, generation(1).delta);
    assert.equal(await takeLead(store, 4, now), undefined);
    assert.deepEqual(await generationsIn(store), [1, 2]);
  });
});
