/** How segments grow: few of them, each part merged rarely. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planDelta } from '#src/coordinator/delta-plan.js';
import { nextTierMerge } from '#src/coordinator/tier-policy.js';
import { aManifest, aSegment } from '../support/manifest-fixture.js';

test('300 parts lie in a dozen segments, and each was merged four times at most', () => {
  let segments: number[] = [];
  let merged = 0;
  let most = 0;
  for (let part = 0; part < 300; part++) {
    segments.push(1);
    for (let due = nextTierMerge(segments); due !== undefined; due = nextTierMerge(segments)) {
      const total = segments.slice(due.start, due.end).reduce((sum, count) => sum + count, 0);
      merged += total;
      segments = [...segments.slice(0, due.start), total, ...segments.slice(due.end)];
    }
    most = Math.max(most, segments.length);
  }
  assert(most <= 12, `${most} segments`);
  assert(merged <= 4 * 300, `${merged} parts merged`);
});

test('odd sizes end as few segments too, and what must stay is passed by', () => {
  assert.deepEqual(nextTierMerge([1, 4, 1, 4, 1, 4, 1]), { start: 0, end: 7 });
  assert.equal(nextTierMerge([4, 4, 4, 1, 1, 1]), undefined);
  assert.deepEqual(nextTierMerge([4, 1, 1, 1, 1, undefined]), { start: 1, end: 5 });
  assert.equal(nextTierMerge([1, 1, undefined, 1, 1]), undefined);
  assert.equal(nextTierMerge([]), undefined);
});

test('only what changed is made anew: a new part, a segment whose partition changed, was joined or left', () => {
  const part = (time: number, name = 'a') => ({ time, part: name.repeat(32), state: 'read' as const });
  const held = (name: string, first: number, last: number, count: number) =>
    aSegment({ name, partitions: { count, runs: [[first, last]] } });
  const previous = aManifest({
    coverage: { ...aManifest().coverage, partitions: [part(1), part(2), part(3), part(5)] },
    delta: { segments: [held('old', 1, 3, 3), held('new', 5, 5, 1)] },
  });
  const plan = (...next: ReturnType<typeof part>[]) =>
    planDelta('tiered', previous, next).map(({ times, kept }) => `${kept?.name ?? 'made'} ${times}`);
  assert.deepEqual(plan(part(1), part(2), part(3), part(5), part(6)), ['old 1,2,3', 'new 5', 'made 6']);
  assert.deepEqual(plan(part(1), part(2, 'b'), part(3), part(5)), ['made 1,2,3', 'new 5']);
  assert.deepEqual(plan(part(1), part(3), part(4), part(5)), ['made 1,3', 'made 4', 'new 5']);
  assert.deepEqual(plan(part(5), part(6), part(7), part(8), part(9)), ['new 5', 'made 6,7,8,9']);
  assert.deepEqual(
    planDelta('window', previous, [part(1), part(6)]).map(({ times }) => times),
    [[1, 6]],
  );
});
