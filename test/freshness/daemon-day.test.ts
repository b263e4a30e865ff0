/** Replayed hours of the real daemon: what holds for every partition, whatever goes wrong. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { systemClock } from '#src/base/time.js';
import { dayData, openDayBench } from '#src/cli/freshness-bench.js';
import { type Arrival, arrivalsOfDay } from '#src/freshness/arrivals.js';
import { type DayBench, replayDaemonDay } from '#src/freshness/daemon-day.js';
import type { Fault } from '#src/freshness/faults.js';
import type { Rates } from '#src/freshness/rates.js';
import type { Seen } from '#src/freshness/summary.js';
import { readNewest } from '#src/manifest/newest.js';
import type { Store } from '#src/store/store.js';
import { testPool } from '../support/package-index.js';

const SECOND = 1_000;
const START = Date.UTC(2026, 4, 4);
const RUN_MS = 800;
const RATES: Rates = {
  startMs: 500,
  fixedMs: RUN_MS,
  build: { baseMs: 0, msPerDoc: 0 },
  merge: { baseMs: 0, msPerDoc: 0 },
  spread: [1],
};

const root = mkdtempSync(join(tmpdir(), 'tidemark-replay-'));
const pool = testPool(1);
let data: Store;
before(async () => {
  data = await dayData(root, 12, 1, systemClock, new AbortController().signal);
});
after(async () => {
  data.close();
  await pool.close();
  rmSync(root, { recursive: true, force: true });
});

let replays = 0;

async function replay(
  arrivals: readonly Arrival[],
  everyMs: number,
  settleMs: number,
  faults: readonly Fault[] = [],
): Promise<{ readonly seen: Seen[]; readonly bench: DayBench }> {
  const parameters = { everyMs, settleMs, spanMs: 20 * 60 * SECOND, backOffMs: SECOND };
  const folder = join(root, `replay-${replays++}`);
  const bench = await openDayBench(folder, data, parameters, START, pool, new AbortController().signal);
  const seen = await replayDaemonDay(arrivals, parameters, RATES, faults, 1, bench);
  return { seen, bench };
}

const waits = (seen: readonly Seen[]) => seen.map(({ landedAt, visibleAt }) => visibleAt - landedAt);

describe('a replayed day of the daemon', () => {
  const arrivals = arrivalsOfDay({ seed: 1, startMs: START, hours: 1, docs: 100 });

  it('shows every partition within a trigger, the settle time and the run', async () => {
    const { seen, bench } = await replay(arrivals, 30 * SECOND, 5 * SECOND);
    assert.deepEqual(
      seen.map(({ time }) => time),
      arrivals.map(({ time }) => time),
    );
    for (const wait of waits(seen)) {
      assert.ok(wait >= 5 * SECOND + RUN_MS && wait <= 35 * SECOND + RUN_MS, `${wait} ms`);
    }
    const manifest = (await readNewest(bench.index))!;
    assert.equal(manifest.watermark, arrivals.at(-1)!.time);
    assert.ok(manifest.base !== null, 'the base was moved up on the way');
  });

  it('is bound by the trigger, also where idle ticks are passed over', async () => {
    const { seen } = await replay(arrivals.slice(0, 2), SECOND, SECOND);
    for (const wait of waits(seen)) assert.ok(wait >= SECOND + RUN_MS && wait <= 2 * SECOND + RUN_MS, `${wait} ms`);
  });

  it('takes a fault for as long as it lasts and no longer', async () => {
    const [first, second, third, fourth] = arrivals.map(({ landedAt }) => landedAt);
    const faults: Fault[] = [
      // In the middle of the run: nothing of it is committed.
      { kind: 'kill', from: first! + 1_500, to: first! + 1_500 },
      { kind: 'outage', from: second! - SECOND, to: second! + 60 * SECOND },
      { kind: 'stall', from: third! + 100, to: third! + 20_100 },
    ];
    const { seen, bench } = await replay(arrivals.slice(0, 4), SECOND, SECOND, faults);
    const [killed, away, stalled, calm] = waits(seen);
    assert.ok(killed! > 1_500 + 500 && killed! < 6 * SECOND, `${killed} ms`);
    assert.ok(away! > 60 * SECOND && away! < 75 * SECOND, `${away} ms`);
    assert.ok(stalled! > 20 * SECOND && stalled! < 24 * SECOND, `${stalled} ms`);
    assert.ok(calm! <= 2 * SECOND + RUN_MS, `${calm} ms`);
    assert.ok(fourth! > third!);
    assert.equal((await readNewest(bench.index))!.epoch, 1, 'the first process died before it committed anything');
  });
});
