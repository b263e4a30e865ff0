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
import { Hints } from '#src/daemon/hints.js';
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
  run(source: Store, options?: Partial<DaemonOptions>, hints?: Hints): Promise<DaemonSummary>;
}

async function bench(): Promise<Bench> {
  const settings = packageSettings({ uri: join(root, 'source') }, { uri: join(root, 'index') });
  const clock = new FakeClock(START_MS);
  const stop = new AbortController();
  const reports: RunReport[] = [];
  const lines: string[] = [];
  const note = (level: string) => (_: object, message: string) => {
    lines.push(`${level} ${message}`);
  };
  const source = await openStore(settings.source.store, systemClock);
  const index = await openStore(settings.index, systemClock);
  const run: Bench['run'] = (from, options, hints) =>
    runDaemon([{ name: 'packages', deps: { source: from, index, pool, clock }, settings, hints }], {
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

/** A store that does something before each of its listings, which every run asks for once. */
function listingFirst(store: Store, before: (listing: number) => void | Promise<void>): Store {
  let listings = 0;
  return new Proxy(store, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (name === 'list') {
        return async (options: Parameters<Store['list']>[0]) => {
          await before(listings++);
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
    assert.deepEqual([summary.ticks, summary.skippedTicks, summary.failedRuns], [4, 2, 0]);
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

  it('numbers ticks on from a grid that was handed over, and tells of ticks that it could not run', async () => {
    const { clock, source, stop, lines, run } = await bench();
    landMinutes(join(root, 'source'), 0);
    const starts: number[] = [];
    const noted = listingFirst(source, (listing) => {
      starts.push(clock.elapsed());
      if (listing === 2) stop.abort();
    });
    clock.onWake = (elapsedMs) => {
      // Asked to wake for tick 12, the process gets to run three and a half ticks later.
      if (elapsedMs === 2_400) clock.advance(3_500);
    };
    const summary = await run(noted, { grid: { startMs: -9_600, ticks: { packages: 10 } } });
    assert.deepEqual(starts, [400, 1_400, 5_900]);
    assert.deepEqual(summary.indexes.packages, {
      ticks: 3,
      hinted: 0,
      failedRuns: 0,
      skipped: { busy: 0, abandoned: 0, paused: 3 },
      nextTick: 16,
    });
    assert.ok(lines.some((line) => line.startsWith('warn the process did not get to run')));
  });

  it('keeps its ticks when the wall clock is set back an hour or forward, and says so', async () => {
    const { clock, source, stop, lines, run } = await bench();
    landMinutes(join(root, 'source'), 0);
    const starts: number[] = [];
    const jumping = listingFirst(source, (listing) => {
      starts.push(clock.elapsed());
      if (listing === 0) clock.setWall(-3_600_000);
      if (listing === 1) clock.setWall(7_200_000);
      if (listing === 2) stop.abort();
    });
    const summary = await run(jumping);
    assert.deepEqual(starts, [0, 1_000, 2_000]);
    assert.equal(summary.skippedTicks, 0);
    const told = lines.filter((line) => line.includes('wall clock'));
    assert.match(told[0] ?? '', /set back by 3600 s/);
    assert.match(told[1] ?? '', /went ahead by 7200 s/);
  });

  it('runs early where a hint says so, once what was hinted at has settled, and keeps its grid', async () => {
    const { clock, source, stop, run } = await bench();
    const hints = new Hints(200, 100);
    landMinutes(join(root, 'source'), 0);
    const starts: number[] = [];
    const hinting = listingFirst(source, (listing) => {
      starts.push(clock.elapsed());
      // Three in one moment are one run; the one that comes while it is at work is another, a little later.
      if (listing === 0) for (let i = 0; i < 3; i++) hints.note(clock.elapsed());
      if (listing === 1) hints.note(clock.elapsed());
      if (listing === 4) stop.abort();
    });
    const summary = await run(hinting, {}, hints);
    assert.deepEqual(starts, [0, 200, 400, 1_000, 2_000]);
    assert.equal(summary.hinted, 2);
    assert.equal(summary.skippedTicks, 0);
  });

  it('bounds the runs that a flood of hints may start', async () => {
    const { clock, source, stop, run } = await bench();
    const hints = new Hints(0, 400);
    const starts: number[] = [];
    const flooding = listingFirst(source, () => {
      starts.push(clock.elapsed());
      hints.note(clock.elapsed());
      hints.note(clock.elapsed() + 1);
      if (clock.elapsed() >= 1_000) stop.abort();
    });
    await run(flooding, {}, hints);
    assert.deepEqual(starts, [0, 400, 800, 1_000]);
  });

  it('leaves at a tick boundary when it drains: the run at work is finished', async () => {
    const { source, reports, run } = await bench();
    landMinutes(join(root, 'source'), 0);
    const leave = new AbortController();
    const leaving = listingFirst(source, () => leave.abort());
    const summary = await run(leaving, { drain: leave.signal });
    assert.equal(summary.ticks, 1);
    assert.equal(summary.indexes.packages?.nextTick, 1, 'where a successor goes on');
    assert.equal(reports.at(-1)?.generation, 1);
  });
});
