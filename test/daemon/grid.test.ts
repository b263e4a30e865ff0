import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { nextTick, wokenTick } from '#src/daemon/grid.js';

describe('nextTick', () => {
  it('goes on with the next tick after a run within its own', () => {
    assert.deepEqual(nextTick(0, 0, 500), { tick: 1, skipped: 0 });
    assert.deepEqual(nextTick(0, 499, 500), { tick: 1, skipped: 0 });
  });

  it('runs at once where a run ends at the very moment of a tick', () => {
    assert.deepEqual(nextTick(0, 500, 500), { tick: 1, skipped: 0 });
    assert.deepEqual(nextTick(0, 1000, 500), { tick: 2, skipped: 1 });
  });

  it('skips the ticks that a run overshot', () => {
    assert.deepEqual(nextTick(3, 2600, 500), { tick: 6, skipped: 2 });
  });

  it('never goes back, never runs a tick before it is due, never leaves out one that it could keep', () => {
    const tick = fc.nat({ max: 1_000_000 });
    fc.assert(
      fc.property(tick, fc.nat({ max: 100_000 }), fc.integer({ min: 1, max: 60_000 }), (last, lateMs, everyMs) => {
        const elapsed = last * everyMs + lateMs;
        const next = nextTick(last, elapsed, everyMs);
        assert.ok(next.tick > last);
        assert.equal(next.skipped, next.tick - last - 1);
        if (next.tick > last + 1) assert.ok((next.tick - 1) * everyMs < elapsed, 'the tick before was over');
        assert.ok(next.tick * everyMs >= elapsed);
      }),
      { seed: 4, numRuns: 500 },
    );
  });
});

describe('wokenTick', () => {
  it('is the tick that was slept for, on time or less than a tick late', () => {
    assert.deepEqual(wokenTick(4, 2_000, 500), { tick: 4, skipped: 0 });
    assert.deepEqual(wokenTick(4, 2_499, 500), { tick: 4, skipped: 0 });
  });

  it('is the latest one that is due where the process did not get to run for whole ticks', () => {
    assert.deepEqual(wokenTick(4, 2_500, 500), { tick: 5, skipped: 1 });
    assert.deepEqual(wokenTick(4, 61_200, 500), { tick: 122, skipped: 118 });
  });
});
