/** What comes late: into covered partitions, beyond the base, and under the hands of a run that is reading. */
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { systemClock } from '#src/base/time.js';
import { type RunOptions, runOnce } from '#src/coordinator/run.js';
import { RunMemory } from '#src/coordinator/run-memory.js';
import type { IndexSettings } from '#src/coordinator/settings.js';
import { readNewest } from '#src/manifest/newest.js';
import { openStore } from '#src/store/open.js';
import type { Store } from '#src/store/store.js';
import { DEMO_DELTAS, landMinutes, minuteFolder } from '../support/cli.js';
import { openLive } from '../support/live-index.js';
import { packageSettings, testPool } from '../support/package-index.js';

const root = mkdtempSync(join(tmpdir(), 'tidemark-late-'));
const pool = testPool(2);
after(async () => {
  await pool.close();
  rmSync(root, { recursive: true, force: true });
});

async function setUp(name: string, change: (settings: IndexSettings) => IndexSettings = (same) => same) {
  const folder = join(root, name, 'source');
  const settings = change(packageSettings({ uri: folder }, { uri: join(root, name, 'index') }));
  const source = await openStore(settings.source.store, systemClock);
  const index = await openStore(settings.index, systemClock);
  const run = (options: Partial<RunOptions> & { memory?: RunMemory; source?: Store } = {}) => {
    const { memory, source: from = source, ...rest } = options;
    const deps = { source: from, index, pool, clock: systemClock, ...(memory && { memory }) };
    return runOnce(deps, settings, { base: false, passOver: false, ...rest });
  };
  return { folder, source, index, run };
}

/** Ten minutes are looked at in every run; what is older is swept. */
const shortSpan = (settings: IndexSettings): IndexSettings => ({
  ...settings,
  source: { ...settings.source, coverage: { mode: 'windowed', spanMs: 10 * 60_000, onGap: 'widen' } },
});

const another = (folder: string, into: number, from: number, name = 'late.parquet') =>
  cpSync(join(DEMO_DELTAS, minuteFolder(from), 'part-0000.parquet'), join(folder, minuteFolder(into), name));

describe('late objects', () => {
  it('are found in any covered partition by a process that never lists all, and the watermark stays', async () => {
    const { folder, index, run } = await setUp('covered', shortSpan);
    landMinutes(folder, 0, 5, 10, 15, 20);
    const first = await run();
    const memory = new RunMemory();
    assert.equal((await run({ memory })).committed, false);
    another(folder, 0, 30);
    const second = await run({ memory });
    assert.deepEqual([second.committed, second.late], [true, ['2026-05-04T01:00:00.000Z']]);
    assert.equal(second.watermark, first.watermark);
    const manifest = (await readNewest(index))!;
    assert.deepEqual(
      manifest.coverage.partitions.map(({ state }) => state),
      ['late', 'read', 'read', 'read', 'read'],
    );
    rmSync(join(folder, minuteFolder(0), 'late.parquet'));
    const third = await run({ memory });
    assert.deepEqual([third.committed, third.docs], [true, first.docs], 'an object that went is late too');
    const whole = await run();
    assert.equal(whole.committed, false, 'a whole listing finds nothing that was missed');
  });

  it('lists only what is recent in a fresh process: the manifest vouches for the rest', async () => {
    const { folder, source, run } = await setUp('recorded', shortSpan);
    landMinutes(folder, 0, 5, 10, 15, 20);
    const whole = await run();
    landMinutes(folder, 25);
    const prefixes: string[] = [];
    const watching = new Proxy(source, {
      get(target, name) {
        if (name !== 'list') return Reflect.get(target, name).bind?.(target) ?? Reflect.get(target, name);
        return async (options: Parameters<Store['list']>[0]) => {
          const page = await target.list({ ...options, ...(options.startAfter === undefined && { limit: 2 }) });
          prefixes.push(...page.objects.map(({ key }) => key));
          return page;
        };
      },
    });
    const memory = new RunMemory();
    const next = await run({ memory, source: watching });
    assert.equal(next.committed, true);
    assert(next.docs > whole.docs);
    assert(
      !prefixes.some((key) => key.startsWith(minuteFolder(10))),
      'a partition beyond window and sweep is not listed',
    );
  });

  it('lists everything where a part that the manifest names is gone', async () => {
    const { folder, index, run } = await setUp('gone', shortSpan);
    landMinutes(folder, 0, 5, 10, 15, 20);
    await run();
    for (const { key } of (await index.list({ prefix: 'parts/' })).objects) await index.delete(key);
    landMinutes(folder, 25);
    assert.equal((await run({ memory: new RunMemory() })).committed, true);
    const { segments } = await openLive(index);
    assert(segments.length > 0);
  });

  it('are counted and told where the base holds the partition, until a new base is built', async () => {
    const { folder, index, run } = await setUp('beyond-base', shortSpan);
    landMinutes(folder, 0, 5, 10);
    await run({ base: true });
    landMinutes(folder, 15);
    const memory = new RunMemory();
    const quiet = await run({ memory });
    assert.deepEqual([quiet.lateBeyondBase, quiet.newlyLate], [0, []]);
    another(folder, 5, 30);
    rmSync(join(folder, minuteFolder(0)), { recursive: true });
    const told = await run({ memory });
    assert.deepEqual(told.newlyLate, [{ time: '2026-05-04T01:05:00.000Z', what: 'changed' }]);
    landMinutes(folder, 20);
    const next = await run({ memory });
    assert.deepEqual([next.committed, next.newlyLate, next.lateBeyondBase], [true, [], 1], 'told once, counted on');
    assert.equal((await readNewest(index))!.coverage.lateBeyondBase, 1);
    const other = await run({ memory: new RunMemory() });
    assert.equal(other.lateBeyondBase, 1, 'another process counts the same one');
    await run({ base: true });
    assert.equal((await readNewest(index))!.coverage.lateBeyondBase, 0);
  });
});

describe('a partition that changes while it is read', () => {
  for (const minute of [20, 25]) {
    const format = minute === 25 ? 'Arrow' : 'Parquet';
    it(`is pinned anew and never half-read: ${format}`, async () => {
      const { folder, source, index, run } = await setUp(`rewrite-${minute}`);
      landMinutes(folder, minute);
      const file = minute === 25 ? 'part-0000.arrow' : 'part-0000.parquet';
      const path = join(folder, minuteFolder(minute), file);
      let restarts = 0;
      let isRewritten = false;
      // The footer is read; before the first shard begins, the writer replaces the object by another partition's.
      const onPhase: RunOptions['onPhase'] = (phase) => {
        if (phase === 'select') restarts++;
        if (phase !== 'build' || isRewritten) return;
        isRewritten = true;
        const from = minute === 25 ? [55, 'part-0000.arrow'] : [30, 'part-0000.parquet'];
        cpSync(join(DEMO_DELTAS, minuteFolder(from[0] as number), from[1] as string), path);
      };
      const report = await run({ onPhase });
      assert(isRewritten && restarts > 2, 'the run selected once more');
      const objects = (await source.list({ prefix: minuteFolder(minute) })).objects;
      const record = JSON.parse(
        new TextDecoder().decode(await index.read(report.segments[0]!.name.replace(/tms$/, 'json'))),
      );
      assert.deepEqual(
        record.objects,
        objects.map(({ key, size, etag }) => ({ key, size, etag })),
        'the part is made of what lies there now',
      );
      const fresh = await setUp(`rewritten-${minute}`);
      cpSync(join(folder, minuteFolder(minute)), join(fresh.folder, minuteFolder(minute)), { recursive: true });
      assert.deepEqual((await fresh.run()).docs, report.docs);
    });
  }
});
