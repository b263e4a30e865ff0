/** Operator commands, gate and standby beside a running daemon: real stores and real runs, under a clock that moves when told. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, beforeEach, describe, it } from 'node:test';
import { systemClock } from '#src/base/time.js';
import { resume, rollback } from '#src/commit/rollback.js';
import type { RunReport } from '#src/coordinator/report.js';
import type { IndexSettings } from '#src/coordinator/settings.js';
import { type BeatOptions, beat, readHeartbeat } from '#src/daemon/heartbeat.js';
import { type DaemonOptions, runDaemon, runTrigger } from '#src/daemon/loop.js';
import { awaitLead } from '#src/daemon/standby.js';
import { politePool, Turn } from '#src/daemon/turn.js';
import { isCompactionDue } from '#src/daemon/upkeep.js';
import { encodeManifest } from '#src/manifest/codec.js';
import { HEARTBEAT_KEY, manifestKey } from '#src/manifest/names.js';
import { readNewest } from '#src/manifest/newest.js';
import type { Pool } from '#src/shard/pool.js';
import { openStore } from '#src/store/open.js';
import type { Store } from '#src/store/store.js';
import { landMinutes } from '../support/cli.js';
import { FakeClock } from '../support/fake-clock.js';
import { intercepted } from '../support/intercepted-store.js';
import { aManifest, aSegment } from '../support/manifest-fixture.js';
import { MemoryStore } from '../support/memory-store.js';
import { packageSettings, runWith, testPool } from '../support/package-index.js';

const START_MS = Date.UTC(2100, 0, 1);
const MINUTE = 60_000;
const T = (minute: number) => Date.UTC(2026, 4, 4, 1, minute);

const pool = testPool(1);
after(() => pool.close());

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tidemark-operations-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

async function bench(more: Partial<IndexSettings> = {}) {
  const settings = { ...packageSettings({ uri: join(root, 'source') }, { uri: join(root, 'index') }), ...more };
  const clock = new FakeClock(START_MS);
  const stop = new AbortController();
  const reports: RunReport[] = [];
  const lines: string[] = [];
  const note = (level: string) => (_: object, message: string) => {
    lines.push(`${level} ${message}`);
  };
  const log = { info: note('info'), warn: note('warn'), error: note('error') };
  const source = await openStore(settings.source.store, systemClock);
  const index = await openStore(settings.index, systemClock);
  const options: DaemonOptions = {
    everyMs: 1_000,
    deadlineMs: 10_000,
    clock,
    log,
    signal: stop.signal,
    onRun: (_, report) => reports.push(report),
  };
  const daemonIndex = (from: Store) => ({ name: 'packages', deps: { source: from, index, pool, clock }, settings });
  return { settings, clock, stop, reports, lines, log, source, index, options, daemonIndex };
}

const timesOf = async (index: Store) => (await readNewest(index))!.coverage.partitions.map(({ time }) => time);

describe('rollback and resume beside a daemon', () => {
  it('keep its epoch, hold what came since, and let it in again; the daemon says so in words', async () => {
    const { stop, reports, lines, source, index, options, daemonIndex } = await bench();
    const folder = join(root, 'source');
    landMinutes(folder, 0);
    const held: number[][] = [];
    let listings = 0;
    const steps: Record<number, () => Promise<unknown>> = {
      1: async () => landMinutes(folder, 5),
      2: async () => {
        // The run is under way: its commit meets the rollback, and it starts over.
        await rollback(index, 1, Date.now);
        landMinutes(folder, 10);
      },
      4: async () => {
        held.push(await timesOf(index));
        await resume(index, Date.now);
      },
      6: async () => stop.abort(),
    };
    const feeding = intercepted(source, {
      list: async (asked) => {
        await steps[listings++]?.();
        return source.list(asked);
      },
    });
    await runDaemon([daemonIndex(feeding)], options);
    assert.deepEqual(held, [[T(0), T(10)]]);
    assert.deepEqual(await timesOf(index), [T(0), T(5), T(10)]);
    const newest = (await readNewest(index))!;
    assert.deepEqual([newest.generation, newest.epoch, newest.held], [6, 1, []]);
    const skipped = reports.map(({ generation, skipped: all }) => [generation, all.map(({ reason }) => reason).join()]);
    assert.deepEqual(skipped.slice(2, 4), [
      [4, 'held'],
      [4, 'held'],
    ]);
    assert.ok(lines.some((line) => /^warn 1 partitions are held since a rollback .*: tidemark resume/.test(line)));
  });

  it('leave a changed partition as the older generation has it while it is held', async () => {
    const { settings, source, index } = await bench();
    const folder = join(root, 'source');
    landMinutes(folder, 0, 5);
    await runWith({ pool, settings });
    const before = (await readNewest(index))!;
    // A writer adds to a covered partition, and somebody thinks better of it.
    const bytes = await source.read('dt=2026-05-04/hour=01/minute=05/part-0000.parquet');
    await source.put('dt=2026-05-04/hour=01/minute=00/part-0009.parquet', bytes);
    assert.equal((await runWith({ pool, settings })).generation, 2);
    await rollback(index, 1, Date.now);
    assert.equal((await runWith({ pool, settings })).committed, false);
    assert.deepEqual((await readNewest(index))!.counts, before.counts);
    await resume(index, Date.now);
    assert.equal((await runWith({ pool, settings })).committed, true);
    assert.deepEqual((await readNewest(index))!.held, []);
  });

  it('keep a new base from reaching beyond what is held', async () => {
    const { settings, index } = await bench();
    landMinutes(join(root, 'source'), 0);
    await runWith({ pool, settings });
    landMinutes(join(root, 'source'), 5, 10);
    await runWith({ pool, settings });
    await rollback(index, 1, Date.now);
    await runWith({ pool, settings }, { base: true });
    assert.equal((await readNewest(index))!.base?.watermark, T(0));
    await resume(index, Date.now);
    await runWith({ pool, settings });
    assert.deepEqual(await timesOf(index), [T(5), T(10)], 'nothing is lost');
  });
});

describe('a base that is built while the daemon runs', () => {
  it('is the same base with another delta when a run commits in between', async () => {
    const { settings, index } = await bench();
    const folder = join(root, 'source');
    landMinutes(folder, 0, 5);
    await runWith({ pool, settings });
    let races = 0;
    const raced = intercepted(index, {
      putIfAbsent: async (key, bytes) => {
        if (races++ === 0) {
          landMinutes(folder, 10);
          await runWith({ pool, settings });
        }
        return index.putIfAbsent(key, bytes);
      },
    });
    const report = await runWith({ pool, settings, index: raced }, { base: true });
    const manifest = (await readNewest(index))!;
    assert.deepEqual([races, report.generation, manifest.base?.watermark], [2, 3, T(5)]);
    assert.deepEqual(await timesOf(index), [T(10)]);
    assert.equal(manifest.watermark, T(10));
    const settled = await runWith({ pool, settings });
    assert.equal(settled.committed, false, 'there is nothing that it lost');
  });
});

describe('the gate', () => {
  const gate = (query: string) => ({ minDocRatio: 0.5, maxKillRatio: 0.5, queries: [{ query, minTotal: 1 }] });

  it('with a golden query that finds nothing commits nothing, and the daemon says so at every tick', async () => {
    const { reports, lines, source, index, options, daemonIndex } = await bench({ gate: gate('name:"no such name"') });
    landMinutes(join(root, 'source'), 0);
    await runWith({ pool, settings: packageSettings({ uri: join(root, 'source') }, { uri: join(root, 'index') }) });
    landMinutes(join(root, 'source'), 5);
    const summary = await runDaemon([daemonIndex(source)], { ...options, maxTicks: 3 });
    assert.equal(summary.failedRuns, 3);
    assert.deepEqual(reports, []);
    assert.equal((await readNewest(index))!.generation, 1);
    const told = lines.filter((line) => /^warn the gate refused .* generation 1 of .* stays.*finds 0/.test(line));
    assert.equal(told.length, 3);
    await assert.rejects(runTrigger(daemonIndex(source), options), /golden query/);
    assert.equal((await runTrigger(daemonIndex(source), { ...options, forceGate: true })).committed, true);
  });

  it('with a golden query that finds enough commits', async () => {
    const { source, options, daemonIndex } = await bench({ gate: gate('summary:react') });
    landMinutes(join(root, 'source'), 0);
    assert.equal((await runTrigger(daemonIndex(source), options)).committed, true);
  });
});

describe('a standby', () => {
  /** The store's clock, and another one a day ahead that a standby has. */
  async function lease() {
    const clock = new FakeClock(START_MS + 24 * 60 * MINUTE);
    const store = new MemoryStore({ now: () => START_MS + clock.elapsed() });
    await store.putIfAbsent(manifestKey(1), encodeManifest(aManifest({ epoch: 3, delta: { segments: [] } })));
    const stop = new AbortController();
    const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
    const standby = () =>
      awaitLead({ name: 'i', index: store, intervalMs: 1_000, clock, log: silent, signal: stop.signal });
    const beating = (until: () => boolean, pid = 1) => {
      const leader = new AbortController();
      const options: BeatOptions = {
        index: store,
        intervalMs: 1_000,
        host: 'h',
        pid,
        // It is called once a second by the test itself.
        clock: { ...systemClock, sleep: async () => leader.abort() },
        vitals: () => ({ epoch: 3, generation: 1, tick: 0, phase: 'idle', progress: 0, state: 'running' }),
        mayRelease: () => true,
        onFailure: assert.ifError,
      };
      const write = async () => {
        const bytes = JSON.stringify({ time: '', ...options.vitals(), intervalMs: 1_000, host: 'h', pid });
        await store.put(HEARTBEAT_KEY, new TextEncoder().encode(bytes));
      };
      clock.onWake = () => {
        if (until()) void write();
      };
      return { options, write, leader };
    };
    return { clock, store, stop, standby, beating };
  }

  it("waits while the heart beats, and takes the next epoch once it is stale by the store's clock", async () => {
    const { clock, store, standby, beating } = await lease();
    await beating(() => clock.elapsed() <= 20_000).write();
    assert.equal(await standby(), 4);
    assert.equal(clock.elapsed(), 26_000, 'four beats and the second of a date after the last one, at 20 s');
    assert.equal((await readNewest(store))!.epoch, 4);
  });

  it('takes it at once where it was released, and after a lease where no heart ever beat', async () => {
    const released = await lease();
    const { options, leader } = released.beating(() => false);
    await beat(options, leader.signal);
    assert.equal((await readHeartbeat(released.store)).heartbeat?.state, 'released');
    assert.equal(await released.standby(), 4);
    assert.equal(released.clock.elapsed(), 0);
    const silent = await lease();
    assert.equal(await silent.standby(), 4);
    assert.equal(silent.clock.elapsed(), 6_000);
  });

  it('releases nothing where the heartbeat is another one by now', async () => {
    const { store, beating } = await lease();
    const { options, leader } = beating(() => false, 1);
    const fenced = {
      ...options,
      clock: {
        ...options.clock,
        sleep: async () =>
          beating(() => false, 2)
            .write()
            .then(() => leader.abort()),
      },
    };
    await beat(fenced, leader.signal);
    const { heartbeat } = await readHeartbeat(store);
    assert.deepEqual([heartbeat?.pid, heartbeat?.state], [2, 'running']);
  });

  it('is one of two that takes the lead; the other goes on waiting', async () => {
    const { store, stop, clock, standby, beating } = await lease();
    await beating(() => false).write();
    let ledSince: number | undefined;
    const first = Promise.race([standby(), standby()].map((one) => one.catch(() => undefined)));
    const taken = await first;
    ledSince = clock.elapsed();
    beating(() => {
      if (clock.elapsed() > ledSince! + 30_000) stop.abort();
      return true;
    });
    assert.equal(taken, 4);
    while (!stop.signal.aborted) await new Promise((resolve) => setImmediate(resolve));
    assert.equal((await readNewest(store))!.epoch, 4);
  });
});

describe('upkeep', () => {
  it('hands tasks to the pool only while no run is at work, and leaves a thread to it', async () => {
    const turn = new Turn();
    let running = 0;
    let most = 0;
    const done: (() => void)[] = [];
    const fake = {
      threads: 3,
      run: async () => {
        most = Math.max(most, ++running);
        await new Promise<void>((resolve) => done.push(resolve));
        running--;
      },
    } as unknown as Pool;
    const polite = politePool(fake, turn);
    const settle = () => new Promise((resolve) => setImmediate(resolve));
    let endRun: () => void = () => undefined;
    const run = turn.run(() => new Promise<void>((resolve) => (endRun = resolve)));
    const tasks = [1, 2, 3, 4].map(() => polite.run({} as never, 0));
    await settle();
    assert.equal(running, 0, 'a run is at work');
    endRun();
    await run;
    await settle();
    assert.equal(running, 2, 'one thread stays free');
    while (done.length > 0) {
      done.shift()!();
      await settle();
    }
    await Promise.all(tasks);
    assert.equal(most, 2);
    assert.equal(polite.threads, 3);
  });

  it('finds a compaction due by what would be folded, or by the time', () => {
    const partitions = [0, 5, 10, 15].map((minute) => ({
      time: T(minute),
      part: 'a'.repeat(32),
      state: 'read' as const,
    }));
    const coverage = { ...aManifest().coverage, partitions };
    const base = { segments: [aSegment({ docs: 1_000, live: 1_000 })], watermark: 0 };
    const manifest = aManifest({ coverage, base, delta: { segments: [aSegment({ docs: 400, live: 400 })] } });
    const due = (deltaRatio: number, spanMs: number, sinceMs = 0, everyMs: number | 'never' = 'never') =>
      isCompactionDue(manifest, spanMs, { deltaRatio, everyMs }, sinceMs);
    assert.equal(due(0.2, 10 * MINUTE), true, 'two of four partitions: 200 documents of 1,000');
    assert.equal(due(0.21, 10 * MINUTE), false);
    assert.equal(due(0.9, 10 * MINUTE, 3_600_000, 3_600_000), true);
    assert.equal(due(0, 20 * MINUTE, 3_600_000, 3_600_000), false, 'everything is within the span');
  });
});
