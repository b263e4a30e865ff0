/** The pure half of the freshness bench: days, faults, rates, the batch job. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Arrival, arrivalsOfDay, delayArrivals } from '#src/freshness/arrivals.js';
import { type BatchParameters, replayBatchDay } from '#src/freshness/batch-day.js';
import { isUndisturbed, planFaults } from '#src/freshness/faults.js';
import { drawnMs, expectedMs, fitRates, type Rates } from '#src/freshness/rates.js';
import { spreadOf } from '#src/freshness/summary.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const START = Date.UTC(2026, 4, 4);
const DAY = { seed: 1, startMs: START, hours: 24, docs: 5_000 };

/** A run takes a second, whatever it holds. */
const ONE_SECOND: Rates = {
  startMs: 0,
  fixedMs: SECOND,
  build: { baseMs: 0, msPerDoc: 0 },
  merge: { baseMs: 0, msPerDoc: 0 },
  spread: [1],
};

const BATCH: BatchParameters = {
  everyMs: 5 * MINUTE,
  schedulerDelayMs: 5 * SECOND,
  startUpMs: 90 * SECOND,
  retryDelayMs: 5 * MINUTE,
  spanMs: 300 * MINUTE,
  reads: 'interval',
};

/** One partition of one document that lands at this time of the day, ms. */
const landing = (...times: readonly number[]): Arrival[] =>
  times.map((at) => ({ time: START + at - 6 * MINUTE, endsAt: START + at, landedAt: START + at, docs: 1 }));

describe('a day of partitions', () => {
  const arrivals = arrivalsOfDay(DAY);

  it('has slots of five to seven minutes without a hole, each landing when it is over', () => {
    assert.equal(arrivals[0]!.time, START);
    for (const [i, { time, endsAt, landedAt, docs }] of arrivals.entries()) {
      assert.ok([5, 6, 7].includes((endsAt - time) / MINUTE));
      assert.ok(landedAt >= endsAt + 10 * SECOND && landedAt < endsAt + 50 * SECOND);
      assert.equal(endsAt, arrivals[i + 1]?.time ?? endsAt);
      assert.ok(docs > 0);
    }
    assert.ok(Math.abs(arrivals.length - 240) < 10);
  });

  it('is the same for the same seed, and another for another', () => {
    assert.deepEqual(arrivalsOfDay(DAY), arrivals);
    assert.notDeepEqual(arrivalsOfDay({ ...DAY, seed: 2 }), arrivals);
    assert.deepEqual(planFaults(arrivals, 3), planFaults(arrivals, 3));
  });

  it('lands together what a late exporter held back', () => {
    const [first, second, third] = delayArrivals(landing(0, MINUTE, 9 * MINUTE), START, START + 5 * MINUTE);
    assert.deepEqual([first!.landedAt, second!.landedAt], [START + 5 * MINUTE, START + 5 * MINUTE]);
    assert.equal(third!.landedAt, START + 9 * MINUTE);
  });
});

describe('measured rates', () => {
  const run = (newDocs: number, windowDocs: number, buildMs: number) => ({
    ...{ newDocs, windowDocs, buildMs, mergeMs: 20 + windowDocs / 100, fixedMs: 5 },
  });

  it('follow the documents, and one slow run does not turn them', () => {
    const runs = [
      run(100, 1_000, 11),
      run(200, 2_000, 12),
      run(300, 3_000, 13),
      run(400, 4_000, 140),
      run(500, 5_000, 15),
    ];
    const rates = fitRates({ machine: 'here', startMs: 400, runs });
    assert.ok(Math.abs(expectedMs(rates, 1_000, 10_000) - (5 + 20 + 20 + 100)) < 1e-6);
  });

  it('scatter as the measured runs did', () => {
    const rates = { ...ONE_SECOND, spread: [0.5, 2] };
    assert.deepEqual([drawnMs(rates, 1, 1, 0.2), drawnMs(rates, 1, 1, 0.9)], [500, 2_000]);
  });
});

describe('the batch job', () => {
  const waits = (arrivals: readonly Arrival[], parameters = BATCH, faults: Parameters<typeof replayBatchDay>[3] = []) =>
    replayBatchDay(arrivals, parameters, ONE_SECOND, faults, 1).map(
      ({ landedAt, visibleAt }) => (visibleAt - landedAt) / SECOND,
    );

  it('is due at the next slot of its schedule, and publishes after scheduler, cluster and work', () => {
    assert.deepEqual(waits(landing(2 * MINUTE)), [180 + 5 + 90 + 1]);
  });

  it('reads what had landed when it was due, or when it lists', () => {
    const late = landing(2 * MINUTE, 5 * MINUTE + SECOND);
    assert.deepEqual(waits(late), [276, 299 + 96]);
    assert.deepEqual(waits(late, { ...BATCH, reads: 'listing' }), [276, 95]);
  });

  it('starts over after a failure, from the scheduler on', () => {
    const at = START + 5 * MINUTE + 95 * SECOND;
    assert.deepEqual(waits(landing(2 * MINUTE), BATCH, [{ kind: 'kill', from: at, to: at }]), [180 + 95 + 300 + 96]);
    // A kill while there is no process yet hits nobody.
    assert.deepEqual(waits(landing(2 * MINUTE), BATCH, [{ kind: 'kill', from: START, to: START }]), [276]);
  });

  it('runs one job at a time, and takes the latest slot once it is free', () => {
    const slow = { ...BATCH, startUpMs: 11 * MINUTE };
    // The first job reads nothing and ends at 11:06; the one due at 10:00 starts then, and that of 5:00 is left out.
    assert.deepEqual(waits(landing(4 * MINUTE, 9 * MINUTE), slow), [7 * 60 + 6 + 666, 2 * 60 + 6 + 666]);
  });

  it('publishes every partition of a day once', () => {
    const arrivals = arrivalsOfDay(DAY);
    const seen = replayBatchDay(arrivals, BATCH, ONE_SECOND, planFaults(arrivals, 1), 1);
    assert.deepEqual(
      seen.map(({ time }) => time),
      arrivals.map(({ time }) => time),
    );
  });
});

describe('figures', () => {
  it('are ones that occurred', () => {
    const values = Array.from({ length: 200 }, (_, i) => i + 1);
    assert.deepEqual(spreadOf(values), { p50Ms: 100, p99Ms: 198, worstMs: 200 });
  });

  it('tell partitions that a fault came near', () => {
    const faults = [{ kind: 'outage', from: 1_000, to: 2_000 }] as const;
    assert.equal(isUndisturbed(faults, 2_500, 3_000, 100), true);
    assert.equal(isUndisturbed(faults, 2_050, 3_000, 100), false, 'too soon after it');
    assert.equal(isUndisturbed(faults, 500, 1_500, 100), false, 'begun before it was seen');
    assert.equal(isUndisturbed(faults, 500, 1_000, 100), true);
  });
});
