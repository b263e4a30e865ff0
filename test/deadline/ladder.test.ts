/** The ladder's decisions: pure functions of a prediction and what is left of the deadline. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Prediction } from '#src/deadline/cost-model.js';
import { climb, type DegradeStep, LADDER, type LadderInput, type Way } from '#src/deadline/ladder.js';
import { fasterStored, storedChoices } from '#src/deadline/stored-fast.js';

const expects = (totalMs: number): Prediction => ({
  phases: { read: 0, build: totalMs, merge: 0, seal: 0, commit: 0 },
  totalMs,
});

const CUTS = [50, 40, 30, 20, 10];

/** 100 ms a partition of six and 200 ms of merging, of which the steps save their part. */
function decide(remainingMs: number, changes: Partial<LadderInput> = {}) {
  const predictWay = ({ steps, until = 60 }: Way) => {
    const parts = (until / 10) * (steps.includes('stored-fast') ? 90 : 100);
    return expects(parts + (steps.includes('tiered') ? 0 : 200));
  };
  return climb({ remainingMs, safety: 1, available: new Set(LADDER), cuts: CUTS, predict: predictWay, ...changes });
}

const stepsAt = (remainingMs: number, changes?: Partial<LadderInput>) => decide(remainingMs, changes).way;

describe('the ladder', () => {
  it('is not climbed while the run fits', () => {
    const decision = decide(800);
    assert.deepEqual(decision.way, { steps: [] });
    assert.equal(decision.fits, true);
    assert.equal(decision.considered.length, 1);
  });

  it('is climbed step by step, each on top of those before, only as far as needed', () => {
    assert.deepEqual(stepsAt(799), { steps: ['stored-fast'] });
    assert.deepEqual(stepsAt(739), { steps: ['stored-fast', 'tiered'] });
    assert.deepEqual(stepsAt(500), { steps: [...LADDER], until: 50 });
    assert.deepEqual(stepsAt(181), { steps: [...LADDER], until: 20 });
  });

  it('takes the least late way where none fits', () => {
    const { way, fits, prediction } = decide(-5);
    assert.deepEqual([way, fits, prediction.totalMs], [{ steps: [...LADDER], until: 10 }, false, 90]);
  });

  it('passes over steps that are not to be had, and those that save nothing', () => {
    assert.deepEqual(stepsAt(600, { available: new Set<DegradeStep>(['tiered']) }), { steps: ['tiered'] });
    assert.deepEqual(stepsAt(300, { available: new Set() }), { steps: [] });
    assert.deepEqual(stepsAt(10, { predict: () => expects(100) }), { steps: [] });
    assert.deepEqual(stepsAt(100, { cuts: [] }).until, undefined);
  });

  it('holds the prediction times the safety factor against the deadline', () => {
    assert.deepEqual(stepsAt(800, { safety: 1.1 }), { steps: ['stored-fast', 'tiered'] });
  });

  it('finds the newest end that fits, whatever the deadline', () => {
    fc.assert(
      fc.property(fc.integer({ min: 90, max: 540 }), (remainingMs) => {
        const { way, fits } = decide(remainingMs);
        if (!way.steps.includes('fewer-partitions')) return;
        const newest = CUTS.find((cut) => cut * 9 <= remainingMs);
        assert.deepEqual([way.until, fits], [newest, true]);
      }),
      { seed: 7 },
    );
  });
});

describe('cheaper compression', () => {
  it('is the kernel level first, then none', () => {
    assert.deepEqual(fasterStored({ codec: 'deflate', level: 6 }), { codec: 'deflate', level: 1 });
    assert.deepEqual(fasterStored({ codec: 'deflate', level: 1 }), { codec: 'none', level: 0 });
    assert.deepEqual(storedChoices({ codec: 'none', level: 0 }), [{ codec: 'none', level: 0 }]);
  });
});
