/** The daemon over real stores and real runs, under a clock that only moves when it is told to. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, beforeEach, describe, it } from 'node:test';
import { TidemarkError } from '#src/base/errors.js';
import { systemClock } from '#src/base/time.js';
import type { RunReport } from '#src/coordinator/report.js';
import { runOnce } from '#src/coordinator/run.js';
import { type DaemonOptions, type DaemonSummary, runDaemon } from '#src/daemon/loop.js';
import { readNewest } from '#src/manifest/newest.js';
import { openStore } from '#src/store/open.js';
import type { Store } from '#src/store/store.js';
import { landMinutes } from '../support/cli.js';
import { FakeClock } from '../support/fake-clock.js';
import { packageSettings, testPool } from '../support/package-index.js';

/** Later than any file's time. */
const START_MS = Date.UTC(2100, 0, 1);
const EVERY_MS = 1_000;

const pool = testPool(1);
after(() => pool.close());

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tidemark-daemon-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

interface Bench {
  readonly clock: FakeClock;
  readonly source: Store;
  readonly index: Store;
  readonly stop: AbortController;
  readonly reports: RunReport[];
  /** Levels and sentences of the log. */
  readonly lines: string[];
  /** Runs the daemon over this source. */
  run(source: Store, options?: Partial<DaemonOptions>): Promise<DaemonSummary>;
}

async function bench(): Promise<Bench> {
  const plain = packageSettings({ uri: join(root, 'source') }, { uri: join(root, 'index') });
  // Nothing is older than what every run lists, so that there is nothing to sweep.
  const settings = { ...plain, source: { ...plain.source, start: Date.UTC(2026, 4, 4, 1) } };
  const clock = new FakeClock(START_MS);
  const stop = new AbortController();
  const reports: RunReport[] = [];
  const lines: string[] = [];
  const note = (level: string) => (_: object, message: string) => {
    lines.push(`${level} ${message}`);
  };
  const source = await openStore(settings.source.store, systemClock);
  const index = await openStore(settings.index, systemClock);
  const run: Bench['run'] = (from, options) =>
    runDaemon([{ name: 'packages', deps: { source: from, index, pool, clock }, settings }], {
      everyMs: EVERY_MS,
      deadlineMs: 10 * EVERY_MS,
      clock,
      log: { info: note('info'), warn: note('warn'), error: note('error') },
      signal: stop.signal,
      onRun: (_, report) => reports.push(report),
      ...options,
    });
  return { clock, source, index, stop, reports, lines, run };
}

/**
 * A store that does something before each run's listing of what is recent. Behind it follows one of the base's partition, told
 * by where it begins.
 */
function listingFirst(store: Store, before: (listing: number) => void | Promise<void>): Store {
  let listings = 0;
  let last = '';
  return new Proxy(store, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (name === 'list') {
        return async (options: Parameters<Store['list']>[0]) => {
          const begin = options.startAfter ?? '';
          const isSweep = last.includes('hour=01') && begin.includes('hour=00');
          last = begin;
          if (!isSweep) await before(listings++);
          return target.list(options);
        };
      }
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
}

describe('the daemon', () => {
  it('runs on the grid, one run at a time, and counts the ticks that a long run overshot', async () => {
    const { clock, source, stop, reports, lines, run } = await bench();
    landMinutes(join(root, 'source'), 0);
    const starts: number[] = [];
    let running = 0;
    const slow = listingFirst(source, async (listing) => {
      starts.push(clock.elapsed());
      assert.equal(++running, 1, 'no other run is under way');
      if (listing === 1) clock.advance(2_500);
      await new Promise((resolve) => setImmediate(resolve));
      if (listing === 3) stop.abort();
      running--;
    });
    const summary = await run(slow);
    assert.deepEqual(starts, [0, 1_000, 4_000, 5_000]);
    assert.deepEqual(summary, { ticks: 4, skippedTicks: 2, failedRuns: 0 });
    assert.ok(lines.includes('warn runs took longer than a tick'));
    assert.deepEqual(
      reports.map(({ committed, generation }) => [committed, generation]),
      [
        [true, 1],
        [false, 1],
        [false, 1],
      ],
    );
  });

  it('takes the epoch after the newest one with its first commit, and keeps it', async () => {
    const { clock, source, index, stop, run } = await bench();
    const folder = join(root, 'source');
    const settings = packageSettings({ uri: folder }, { uri: join(root, 'index') });
    landMinutes(folder, 0);
    await runOnce({ source, index, pool, clock }, settings, { base: true, passOver: false, epoch: 7 });
    const epochs: (number | undefined)[] = [];
    const feeding = listingFirst(source, async (listing) => {
      if (listing < 2) landMinutes(folder, 5 * (listing + 1));
      else stop.abort();
      epochs.push((await readNewest(index))?.epoch);
    });
    await run(feeding);
    assert.deepEqual(epochs, [7, 8, 8]);
  });

  it('stops as fenced where another daemon has taken a higher epoch', async () => {
    const { clock, source, index, run } = await bench();
    const folder = join(root, 'source');
    const settings = packageSettings({ uri: folder }, { uri: join(root, 'index') });
    landMinutes(folder, 0);
    clock.onWake = () => landMinutes(folder, 5);
    const usurped = listingFirst(source, async (listing) => {
      if (listing !== 1) return;
      landMinutes(folder, 10);
      await runOnce({ source, index, pool, clock }, settings, { base: false, passOver: false, epoch: 2 });
    });
    await assert.rejects(run(usurped), (error) => error instanceof TidemarkError && error.code === 'fenced');
    assert.equal((await readNewest(index))?.epoch, 2, 'the other one leads');
  });

  it('takes a higher epoch with its next commit where another daemon took the same one at the same time', async () => {
    const { clock, source, index, stop, run } = await bench();
    const folder = join(root, 'source');
    const settings = packageSettings({ uri: folder }, { uri: join(root, 'index') });
    landMinutes(folder, 0);
    const epochs: (number | undefined)[] = [];
    const raced = listingFirst(source, async (listing) => {
      epochs.push((await readNewest(index))?.epoch);
      if (listing === 0)
        await runOnce({ source, index, pool, clock }, settings, { base: true, passOver: false, epoch: 1 });
      if (listing === 0 || listing === 2) landMinutes(folder, 5 * (listing + 1));
      if (listing === 3) stop.abort();
    });
    await run(raced);
    // Listings 0 and 1 are one run: its first try, and the one after it lost the commit to the other daemon.
    assert.deepEqual(epochs, [undefined, 1, 1, 2]);
  });

  it('tells of a failed run in words and commits at the next tick', async () => {
    const { source, stop, reports, lines, run } = await bench();
    landMinutes(join(root, 'source'), 0);
    const broken = listingFirst(source, (listing) => {
      if (listing === 0) throw new TidemarkError('store', 'the store is away', { fix: 'wait for it' });
      if (listing === 2) stop.abort();
    });
    const summary = await run(broken);
    assert.equal(summary.failedRuns, 1);
    assert.ok(lines.includes('error run failed, the next tick tries again: the store is away; wait for it'));
    assert.deepEqual(
      reports.map(({ generation }) => generation),
      [1],
    );
  });

  it('ends by itself when all partitions up to a time are done', async () => {
    const { source, reports, run } = await bench();
    landMinutes(join(root, 'source'), 0, 5, 10);
    const summary = await run(source, { until: Date.UTC(2026, 4, 4, 1, 5) });
    assert.equal(summary.ticks, 2);
    assert.equal(reports.at(-1)?.watermark, '2026-05-04T01:05:00.000Z');
  });

  it('tells of a run that took longer than its deadline', async () => {
    const { clock, source, reports, lines, run } = await bench();
    landMinutes(join(root, 'source'), 0);
    const slow = listingFirst(source, (listing) => {
      if (listing === 0) clock.advance(600);
    });
    await run(slow, { until: Date.UTC(2026, 4, 4, 1), deadlineMs: 500 });
    assert.deepEqual(
      reports.map(({ outcome }) => outcome),
      ['missed', 'met'],
    );
    assert.ok(lines.includes('warn the run missed its deadline'));
  });
});
