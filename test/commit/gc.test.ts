/** Collection over random histories, held against a slow reference that remembers everything. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Clock } from '#src/base/time.js';
import { collectGarbage } from '#src/commit/gc.js';
import { encodeManifest } from '#src/manifest/codec.js';
import type { Manifest } from '#src/manifest/manifest.js';
import { killKey, manifestKey, partKey, recordKey, rejectKey, segmentKey } from '#src/manifest/names.js';
import type { Store } from '#src/store/store.js';
import { intercepted } from '../support/intercepted-store.js';
import { aManifest, aSegment } from '../support/manifest-fixture.js';
import { MemoryStore } from '../support/memory-store.js';

const HOUR = 3_600_000;
const KEEP = 24 * HOUR;
const START = Date.UTC(2026, 4, 4);

const hash = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 32);
const bytes = (text: string) => new TextEncoder().encode(text);

/** A clock that a test sets. */
class SetClock implements Clock {
  ms = START;
  now = () => this.ms;
  elapsed = () => 0;
  sleep = async () => undefined;
}

/** What a generation names, by small numbers. */
interface Content {
  readonly base: number;
  readonly delta: number;
  readonly parts: readonly number[];
  readonly kills: number;
}

/** Objects that a generation needs, spelled out one by one. */
function objectsOf({ base, delta, parts, kills }: Content): string[] {
  const segments = [segmentKey(hash(`base ${base}`)), segmentKey(hash(`delta ${delta}`))];
  const names = [...segments, ...parts.map((part) => partKey(hash(`part ${part}`)))];
  const rejects = parts.map((part) => rejectKey(hash(`part ${part}`)));
  return [...names, ...names.map(recordKey), ...rejects, killKey(hash(`kills ${kills}`))];
}

function manifestOf(generation: number, content: Content, epoch = 1): Manifest {
  const name = segmentKey(hash(`base ${content.base}`));
  const delta = segmentKey(hash(`delta ${content.delta}`));
  const time = (part: number) => START + part * HOUR;
  return aManifest({
    generation,
    epoch,
    nonce: `n-${generation}`,
    base: { segments: [aSegment({ name, docs: 10, live: 9 })], watermark: 0 },
    delta: { segments: [aSegment({ name: delta })] },
    kills: { [name]: { object: killKey(hash(`kills ${content.kills}`)), sha256: 'd'.repeat(64), count: 1 } },
    coverage: {
      from: 0,
      to: time(content.parts.at(-1)!),
      partitions: content.parts.map((part) => ({ time: time(part), part: hash(`part ${part}`), state: 'read' })),
      skipped: [],
      gap: false,
      gaps: [],
      lateBeyondBase: 0,
    },
    counts: { docs: 20, live: 19, killed: 1, rejected: 0, moved: 0 },
  });
}

async function keysOf(store: Store): Promise<Set<string>> {
  return new Set((await store.list({ prefix: '' })).objects.map(({ key }) => key));
}

const content: fc.Arbitrary<Content> = fc.record({
  base: fc.nat(2),
  delta: fc.nat(6),
  parts: fc.uniqueArray(fc.nat(9), { minLength: 1, maxLength: 4 }).map((parts) => parts.sort((a, b) => a - b)),
  kills: fc.nat(4),
});

/** Time passes; a run commits, or dies before its commit; somebody collects. */
const step = fc.record({
  hours: fc.nat(20),
  act: fc.constantFrom('commit', 'commit', 'die', 'collect'),
  content,
});

describe('gc', () => {
  it('never deletes what a generation of less than keep ago needs, nor what is younger itself, and deletes all the rest in the end', async () => {
    let deletedCount = 0;
    const property = fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 14 }), async (steps) => {
      const clock = new SetClock();
      const store = new MemoryStore(clock);
      const line: { generation: number; content: Content; endedAt: number }[] = [];
      const write = async (next: Content) => {
        for (const key of objectsOf(next)) {
          const info = await store.stat(key);
          // As a writer does: what may be collected before it commits is written anew.
          if (info === undefined || info.lastModified < clock.ms - KEEP / 2) await store.put(key, bytes(key));
        }
      };
      const collect = async () => {
        const before = await keysOf(store);
        await collectGarbage(store, { keepMs: KEEP, dryRun: false, clock });
        const left = await keysOf(store);
        deletedCount += before.size - left.size;
        for (const { generation, content: named, endedAt } of line) {
          if (endedAt < clock.ms - KEEP) continue;
          for (const key of [manifestKey(generation), ...objectsOf(named)])
            assert.ok(left.has(key), `${key} is needed`);
        }
        return left;
      };
      for (const { hours, act, content: next } of steps) {
        clock.ms += hours * HOUR;
        if (act === 'collect' && line.length > 0) await collect();
        if (act === 'commit' || act === 'die') await write(next);
        if (act !== 'commit') continue;
        if (line.length > 0) line.at(-1)!.endedAt = clock.ms;
        const generation = line.length + 1;
        line.push({ generation, content: next, endedAt: Number.POSITIVE_INFINITY });
        await store.putIfAbsent(manifestKey(generation), encodeManifest(manifestOf(generation, next)));
      }
      if (line.length === 0) return;
      // A commit long afterwards, and all that it does not need goes.
      const last: Content = { base: 0, delta: 0, parts: [0], kills: 0 };
      clock.ms += 3 * KEEP;
      await write(last);
      line.at(-1)!.endedAt = clock.ms;
      line.push({ generation: line.length + 1, content: last, endedAt: Number.POSITIVE_INFINITY });
      await store.putIfAbsent(manifestKey(line.length), encodeManifest(manifestOf(line.length, last)));
      clock.ms += KEEP + HOUR;
      const left = await collect();
      assert.deepEqual(left, new Set([manifestKey(line.length), ...objectsOf(last)]));
    });
    await fc.assert(property, { seed: 20260504, numRuns: 150 });
    assert.ok(deletedCount > 1_000, `${deletedCount} objects were deleted in all`);
  });

  const one: Content = { base: 0, delta: 0, parts: [0], kills: 0 };
  const two: Content = { base: 0, delta: 1, parts: [1], kills: 1 };

  /** Generation 1 was superseded by 2 two days ago. */
  async function twoGenerations() {
    const clock = new SetClock();
    const store = new MemoryStore(clock);
    for (const [i, next] of [one, two].entries()) {
      for (const key of objectsOf(next)) await store.put(key, bytes(key));
      await store.putIfAbsent(manifestKey(i + 1), encodeManifest(manifestOf(i + 1, next)));
      clock.ms += 2 * KEEP;
    }
    return { clock, store };
  }

  it('tells what would go in a dry run, by kind, and deletes nothing', async () => {
    const { clock, store } = await twoGenerations();
    const before = await keysOf(store);
    const dry = await collectGarbage(store, { keepMs: KEEP, dryRun: true, clock });
    assert.deepEqual(await keysOf(store), before);
    const real = await collectGarbage(store, { keepMs: KEEP, dryRun: false, clock });
    assert.deepEqual(real.deleted, dry.deleted);
    const counts = Object.fromEntries(Object.entries(real.deleted).map(([kind, { count }]) => [kind, count]));
    assert.deepEqual(counts, {
      manifests: 1,
      segments: 2,
      parts: 2,
      kills: 1,
      overlays: 0,
      rejects: 1,
      runs: 0,
      probes: 0,
    });
    assert.ok(real.deleted.segments.bytes > 0);
    assert.equal(real.retained, 1);
  });

  it('leaves what a stalled writer may rely on until somebody has committed since', async () => {
    const { clock, store } = await twoGenerations();
    const orphan = segmentKey(hash('orphan'));
    await store.put(orphan, bytes(orphan));
    clock.ms += 2 * KEEP;
    await collectGarbage(store, { keepMs: KEEP, dryRun: false, clock });
    assert.ok(await store.stat(orphan), 'its writer could still create generation 3');
    await store.putIfAbsent(manifestKey(3), encodeManifest(manifestOf(3, two)));
    await collectGarbage(store, { keepMs: KEEP, dryRun: false, clock });
    assert.equal(await store.stat(orphan), undefined);
  });

  it('spares what was written anew, or named by a commit, since it looked', async () => {
    const { clock, store } = await twoGenerations();
    const doomed = objectsOf(one).filter((key) => !objectsOf(two).includes(key));
    const [rewritten, named] = [segmentKey(hash('delta 0')), partKey(hash('part 0'))];
    assert.ok(doomed.includes(rewritten) && doomed.includes(named));
    let looks = 0;
    const busy = intercepted(store, {
      list: async (options) => {
        const page = await store.list(options);
        // Behind the first look at the whole line comes the one before the first deletion.
        if (options.prefix === 'manifests/' && options.startAfter === manifestKey(2) && looks++ === 0) {
          await store.put(rewritten, bytes(rewritten));
          const next = manifestOf(3, { ...two, parts: [0, 1] });
          await store.putIfAbsent(manifestKey(3), encodeManifest(next));
          return store.list(options);
        }
        return page;
      },
    });
    await collectGarbage(busy, { keepMs: KEEP, dryRun: false, clock });
    assert.equal(looks > 0, true);
    assert.ok(await store.stat(rewritten));
    assert.ok(await store.stat(named));
    assert.equal(await store.stat(killKey(hash('kills 0'))), undefined, 'the others go');
  });

  it('does not collect for a daemon that has lost the lead', async () => {
    const { clock, store } = await twoGenerations();
    await store.putIfAbsent(manifestKey(3), encodeManifest(manifestOf(3, two, 2)));
    const before = await keysOf(store);
    await assert.rejects(collectGarbage(store, { keepMs: KEEP, epoch: 1, dryRun: false, clock }), /led under epoch 2/);
    assert.deepEqual(await keysOf(store), before);
  });
});
