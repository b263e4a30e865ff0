import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { memoryTrend } from '#src/daemon/memory-trend.js';
import { RestartPlan } from '#src/daemon/restart-plan.js';

const MIB = 2 ** 20;
const MINUTE_MS = 60_000;
const rule = { everyMs: 'never', memoryGrowthBytes: 256 * MIB } as const;

/** The reasons that a plan gives, a tick a minute over eight hours of a process whose memory follows `bytesAt`. */
function reasonsOf(bytesAt: (minute: number) => number): string[] {
  const plan = new RestartPlan(rule, 0);
  const minutes = Array.from({ length: 480 }, (_, minute) => minute);
  return minutes.flatMap((minute) => plan.due(minute * MINUTE_MS, bytesAt(minute)) ?? []);
}

describe('a planned restart', () => {
  it('is due by age, counted from the birth of the process', () => {
    const plan = new RestartPlan({ everyMs: 5_000, memoryGrowthBytes: 'never' }, 1_000);
    assert.equal(plan.due(5_999, 0), undefined);
    assert.match(plan.due(6_000, 0) ?? '', /5 s old/);
  });

  it('is due where memory keeps growing', () => {
    const [first] = reasonsOf((minute) => 500 * MIB + minute * 5 * MIB + (minute % 7) * 4 * MIB);
    assert.match(first ?? '', /^memory grows by (29|30)\d MiB an hour/);
  });

  it('is not due for a sawtooth, a warm-up or a slow growth', () => {
    assert.deepEqual(
      reasonsOf((minute) => 500 * MIB + (minute % 20) * 30 * MIB),
      [],
      'sawtooth',
    );
    assert.deepEqual(
      reasonsOf((minute) => 500 * MIB + Math.min(minute, 9) * 100 * MIB),
      [],
      'warm-up',
    );
    assert.deepEqual(
      reasonsOf((minute) => 500 * MIB + minute * 4 * MIB),
      [],
      'slow',
    );
  });
});

describe('memoryTrend', () => {
  it('is the slope of a line, and nothing for samples that are all the same', () => {
    const line = [0, 1, 2, 3].map((at) => ({ atMs: at * 10, bytes: 7 + at * 50 }));
    assert.deepEqual(memoryTrend(line), { bytesPerMs: 5, fit: 1 });
    assert.deepEqual(memoryTrend(line.map(({ atMs }) => ({ atMs, bytes: 7 }))), { bytesPerMs: 0, fit: 0 });
  });
});
