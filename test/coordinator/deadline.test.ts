/** Deadlines of real runs over real stores, on a clock that only the test moves. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { TidemarkError } from '#src/base/errors.js';
import { systemClock } from '#src/base/time.js';
import type { RunPlan } from '#src/coordinator/plan-run.js';
import { type RunOptions, runOnce } from '#src/coordinator/run.js';
import { addRun, EMPTY_HISTORY, encodeHistory } from '#src/deadline/history.js';
import { RATES_KEY, runKey } from '#src/manifest/names.js';
import { readNewest } from '#src/manifest/newest.js';
import { openStore } from '#src/store/open.js';
import type { Store } from '#src/store/store.js';
import { landMinutes } from '../support/cli.js';
import { failingStore } from '../support/failing-store.js';
import { ManualClock } from '../support/manual-clock.js';
import { packageSettings, testPool } from '../support/package-index.js';

/** Later than any file's time. */
const START_MS = Date.UTC(2100, 0, 1);
const KEEP = { keepMs: 1e9 };
const root = mkdtempSync(join(tmpdir(), 'tidemark-deadline-'));
const pool = testPool(2);
after(async () => {
  await pool.close();
  rmSync(root, { recursive: true, force: true });
});

async function setUp(name: string, ...minutes: readonly number[]) {
  const folder = join(root, name, 'source');
  landMinutes(folder, ...minutes);
  const settings = packageSettings({ uri: folder }, { uri: join(root, name, 'index') });
  const source = await openStore(settings.source.store, systemClock);
  const index = await openStore(settings.index, systemClock);
  const clock = new ManualClock(START_MS);
  const plans: RunPlan[] = [];
  const run = (options: Partial<RunOptions>, store: Store = index) =>
    runOnce({ source, index: store, pool, clock }, settings, {
      base: false,
      passOver: false,
      journal: KEEP,
      onPlan: (plan) => plans.push(plan),
      ...options,
    });
  const journal = async (generation: number, kind: string) =>
    JSON.parse(new TextDecoder().decode(await index.read(runKey(generation, kind))));
  const parts = () => readdirSync(join(root, name, 'index/parts')).filter((file) => file.endsWith('.tms')).length;
  return { folder, settings, index, clock, plans, run, journal, parts };
}

const within = (budgetMs: number, onMiss: 'finish' | 'abandon' = 'finish') => ({ tickMs: 0, budgetMs, onMiss });
const isDeadline = (error: unknown) => error instanceof TidemarkError && error.code === 'deadline';

describe('a deadline', () => {
  it('counts from the tick: a run that began late has what is left of it', async () => {
    const { clock, plans, run } = await setUp('tick', 0);
    clock.advance(4_000);
    const report = await run({ deadline: within(30_000) });
    assert.equal(plans[0]!.remainingMs, 26_000);
    assert.equal(report.outcome, 'met');
    assert.ok(plans[0]!.prediction.totalMs > 0 && plans[0]!.budgets!.build > plans[0]!.prediction.phases.build);
  });

  it('that is met, degraded or missed is so in the manifest, the report and the journal', async () => {
    const { folder, index, clock, plans, run, journal } = await setUp('outcome', 0, 5);
    const outcomes = async () => {
      const { generation, outcome, degradeStep } = (await readNewest(index))!;
      const written = await journal(generation, 'committed');
      assert.deepEqual([written.outcome, written.degradeStep], [outcome, degradeStep ?? null]);
      return [generation, outcome, degradeStep];
    };
    await run({ deadline: within(60_000) });
    assert.deepEqual(await outcomes(), [1, 'met', undefined]);
    landMinutes(folder, 10, 15);
    // What the clock that stands still has taught is nothing; a run of two thirds fits where a whole one does not.
    const whole = (await expected()).totalMs;
    const report = await run({ deadline: { ...within(whole * 1.25 * 0.8), tickMs: clock.elapsed() } });
    assert.deepEqual(plans.at(-1)!.decision.way.steps, ['fewer-partitions']);
    assert.deepEqual(await outcomes(), [2, 'degraded', 'fewer-partitions']);
    assert.deepEqual([report.outcome, report.watermark], ['degraded', '2026-05-04T01:10:00.000Z']);
    assert.deepEqual(
      report.skipped.map(({ time, reason }) => [time, reason]),
      [['2026-05-04T01:15:00.000Z', 'deferred']],
    );
    const late = await run({ deadline: within(-1) });
    assert.deepEqual([late.outcome, late.watermark], ['missed', '2026-05-04T01:15:00.000Z']);
    assert.deepEqual(await outcomes(), [3, 'missed', undefined]);

    async function expected() {
      const probe: RunPlan[] = [];
      const stop = new Error('only the plan was wanted');
      const onPlan = (plan: RunPlan) => {
        probe.push(plan);
        throw stop;
      };
      await assert.rejects(run({ deadline: within(1e9), onPlan }), stop);
      return probe[0]!.prediction;
    }
  });

  it('leaves parts that a degraded run made as they are: nothing is built twice', async () => {
    const { folder, index, plans, run, parts } = await setUp('kept', 0);
    // Where writing is what takes long, the cheaper compression is worth its step.
    const amounts = [1, 1_000_000];
    const slowWrites = addRun(
      EMPTY_HISTORY,
      [
        ['write', { amounts, value: 10_000 }],
        ['writeFast', { amounts, value: 1_000 }],
      ],
      1,
    );
    await index.put(RATES_KEY, encodeHistory(slowWrites, pool.threads));
    await run({ deadline: within(-1) });
    assert.equal((await readNewest(index))!.degradeStep, 'stored-fast');
    const idle = await run({ deadline: within(60_000) });
    assert.deepEqual([idle.committed, parts()], [false, 1]);
    landMinutes(folder, 5);
    const next = await run({ deadline: within(60_000) });
    assert.deepEqual([next.committed, next.outcome, parts(), plans.at(-1)!.work.newParts], [true, 'met', 2, 1]);
    assert.deepEqual(
      (await readNewest(index))!.coverage.partitions.map(({ state }) => state),
      ['read', 'read'],
    );
  });

  it('is met by a segment beside the delta where the fold would take too long, and the fold comes later', async () => {
    const { folder, settings, index, plans, run } = await setUp('tiered', 0, 5, 10);
    Object.assign(settings, { delta: { layout: 'auto', mergeBudgetMs: 1e9 } });
    await run({ deadline: within(60_000) });
    const rates = addRun(EMPTY_HISTORY, [['merge', { amounts: [3, 500_000], value: 50_000 }]], 1);
    await index.put(RATES_KEY, encodeHistory(rates, pool.threads));
    landMinutes(folder, 15);
    const reopened = await openStore(settings.index, systemClock);
    const report = await run({ deadline: within(20_000) }, reopened);
    assert.deepEqual(plans.at(-1)!.decision.way.steps, ['tiered']);
    assert.deepEqual([report.outcome, report.degradeStep, report.segments.length], ['degraded', 'tiered', 2]);
    const { counts } = (await readNewest(index))!;
    landMinutes(folder, 20);
    const folded = await run({ deadline: within(1e9) }, reopened);
    assert.deepEqual([folded.outcome, folded.segments.length], ['met', 1]);
    assert.ok((await readNewest(index))!.counts.docs > counts.docs);
  });

  it('is looked at again before the fold: a build that took longer than expected leaves no time for it', async () => {
    const { folder, settings, index, clock, plans, run } = await setUp('second-look', 0, 5);
    Object.assign(settings, { delta: { layout: 'auto', mergeBudgetMs: 1e9 } });
    await run({ deadline: within(60_000) });
    landMinutes(folder, 10);
    const slow = failingStore(index, (_, operation, key, when) => {
      if (operation === 'createWriter' && when === 'before' && key.startsWith('parts/')) clock.advance(59_999);
    });
    const report = await run({ deadline: within(60_000) }, slow);
    assert.deepEqual(plans.at(-1)!.decision.way.steps, []);
    assert.deepEqual([report.outcome, report.degradeStep, report.segments.length], ['degraded', 'tiered', 2]);
  });

  it('with `abandon` cancels the run, keeps its parts, and comes to an end however often it passes', async () => {
    const { index, clock, run, parts, journal } = await setUp('abandon', 0, 5, 10, 15);
    const made: number[] = [];
    /** Each run has time for one part: the deadline passes as the second one's segment is begun. */
    const slow = () => {
      let segments = 0;
      return failingStore(index, (_, operation, key, when) => {
        if (operation === 'createWriter' && when === 'before' && key.endsWith('.tms') && segments++ === 1)
          clock.advance(1_001);
      });
    };
    const attempt = () => run({ deadline: { tickMs: clock.elapsed(), budgetMs: 1_000, onMiss: 'abandon' } }, slow());
    for (let tick = 0; tick < 2; tick++) {
      await assert.rejects(attempt(), isDeadline);
      made.push(parts());
      assert.equal(await readNewest(index), undefined, 'nothing is visible');
    }
    assert.deepEqual(made, [1, 2], 'one more part a run');
    assert.equal((await journal(1, 'failed-deadline')).parts.length, 2);
    assert.equal(clock.sleeping, 0, 'no timer is left');
    const last = await attempt();
    assert.deepEqual([last.committed, last.outcome, parts()], [true, 'missed', 4], 'after two in a row it is finished');
    const tick = clock.elapsed();
    landMinutes(join(root, 'abandon/source'), 20);
    assert.equal((await run({ deadline: { tickMs: tick, budgetMs: 1_000, onMiss: 'abandon' } })).outcome, 'met');
  });

  it('with `abandon` does not cancel a commit', async () => {
    const { index, clock, run } = await setUp('commit', 0);
    const slow = failingStore(index, (_, operation, __, when) => {
      if (operation === 'putIfAbsent' && when === 'before') clock.advance(5_000);
    });
    const report = await run({ deadline: within(1_000, 'abandon') }, slow);
    assert.deepEqual([report.committed, report.outcome], [true, 'missed']);
  });
});

describe('rates and journals', () => {
  it('are shared over restarts, and a broken object is as good as none', async () => {
    const { folder, settings, index, plans, run } = await setUp('rates', 0);
    const sample = { amounts: [1, 1_000_000], value: 50_000 };
    const taught = addRun(EMPTY_HISTORY, [['build', sample]], 1);
    await index.put(RATES_KEY, encodeHistory(taught, pool.threads));
    const rebuilt = await openStore(settings.index, systemClock);
    await run({ deadline: within(60_000) }, rebuilt);
    assert.ok(plans[0]!.prediction.phases.build > 1_000, 'fifty seconds a megabyte');
    assert.equal(plans[0]!.model.samples, 1);
    landMinutes(folder, 5);
    writeFileSync(join(settings.index.uri, RATES_KEY), '{"format": 1, "thre');
    await run({ deadline: within(60_000) }, await openStore(settings.index, systemClock));
    assert.equal(plans[1]!.model.samples, 0);
  });

  it('never fail a run, and tell the evidence', async () => {
    const { index, run, journal } = await setUp('journal', 0, 5);
    const broken = failingStore(index, (_, operation, key) => {
      if (operation === 'put' && key.startsWith('runs/')) throw new Error('the disk is full');
    });
    const first = await run({ deadline: within(60_000), until: Date.UTC(2026, 4, 4, 1) }, broken);
    assert.equal(first.committed, true);
    await assert.rejects(
      journal(1, 'committed'),
      (error) => error instanceof TidemarkError && error.code === 'not-found',
    );
    await run({ deadline: within(60_000) });
    const written = await journal(2, 'committed');
    assert.equal(written.listing.objects, 4);
    assert.match(written.listing.sha256, /^[0-9a-f]{64}$/);
    assert.deepEqual(
      written.parts.map((part: { cached: boolean }) => part.cached),
      [false, true],
    );
    assert.deepEqual(written.selection.fresh, ['2026-05-04T01:05:00.000Z']);
    assert.equal(written.deadline.ladder.fits, true);
    assert.equal(written.merges[0].inputs, 2);
    assert.equal(written.commit.committed, true);
  });

  it('of failed runs say why', async () => {
    const { settings, run, journal } = await setUp('gate', 0);
    const gate = { minDocRatio: 0, maxKillRatio: -1 };
    Object.assign(settings, { gate });
    await assert.rejects(run({ deadline: within(60_000) }));
    assert.match((await journal(1, 'failed-gate')).error.message, /superseded or deleted/);
  });
});
