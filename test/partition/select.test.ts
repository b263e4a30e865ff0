import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { CoverageRule } from '#src/partition/coverage.js';
import { type Candidate, type SelectOptions, selectPartitions } from '#src/partition/select.js';

const DISJOINT: CoverageRule = { mode: 'disjoint', onGap: 'widen' };
const ready = (time: number): Candidate => ({ time, state: 'ready', hasData: true });
const range = (from: number, to: number, step = 1): number[] =>
  Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, i) => from + i * step);

function select(candidates: readonly Candidate[], options: Partial<SelectOptions> = {}) {
  const selection = selectPartitions(candidates, {
    coverage: DISJOINT,
    baseWatermark: undefined,
    watermark: undefined,
    onBadPartition: 'passOver',
    committed: new Set(),
    ...options,
  });
  return { ...selection, read: selection.partitions.map((candidate) => candidate.time) };
}

const reasons = (selection: ReturnType<typeof select>): string[] =>
  selection.skipped.map((entry) => `${entry.time} ${entry.reason}`);

test('nothing ready: empty, and what was seen is told', () => {
  assert.equal(select([]).closeReason, 'empty');
  const selection = select([{ time: 5, state: 'not-ready', hasData: true, detail: 'settling' }]);
  assert.equal(selection.closeReason, 'empty');
  assert.equal(selection.latest, undefined);
  assert.equal(selection.coverage, undefined);
  assert.deepEqual(selection.skipped, [{ time: 5, reason: 'not-ready', detail: 'settling' }]);
});

test('disjoint: every partition after the base, in order, whatever order they were seen in', () => {
  const selection = select([7, 3, 9, 4, 5].map(ready), { baseWatermark: 4 });
  assert.deepEqual(selection.read, [5, 7, 9]);
  assert.deepEqual(selection.coverage, { from: 4, to: 9 });
  assert.equal(selection.closeReason, 'complete');
  assert.equal(selection.gap, false);
});

test('the start counts only before the first commit and is read itself', () => {
  const seen = range(1, 9).map(ready);
  assert.deepEqual(select(seen, { start: 6 }).read, [6, 7, 8, 9]);
  assert.deepEqual(
    select(seen, { start: 6, watermark: 7 }).read,
    range(1, 9),
    'a delta since the beginning goes on so',
  );
  assert.deepEqual(select(seen, { start: 6, watermark: 7, coverageFrom: 4 }).read, [5, 6, 7, 8, 9]);
  assert.deepEqual(
    select(seen, { start: 6, baseWatermark: 2 }).read,
    range(3, 9),
    'a base says where its delta begins',
  );
});

test('until: later partitions are not considered', () => {
  const selection = select(range(1, 9).map(ready), { until: 5 });
  assert.deepEqual(selection.read, [1, 2, 3, 4, 5]);
  assert.deepEqual(selection.skipped, []);
});

test('empty means nothing new: committed ones are told again, a late new one makes a run', () => {
  const committed = new Set([1, 2, 4]);
  const same = select([1, 2, 4].map(ready), { watermark: 4, committed });
  assert.equal(same.closeReason, 'empty');
  assert.deepEqual(same.read, [1, 2, 4]);
  const late = select([1, 2, 3, 4].map(ready), { watermark: 4, committed });
  assert.equal(late.closeReason, 'complete');
  assert.deepEqual(
    late.fresh.map((candidate) => candidate.time),
    [3],
  );
  assert.deepEqual(late.coverage, { from: undefined, to: 4 });
});

test('coverage never ends below the watermark, though its newest partition is gone', () => {
  const selection = select([1, 2].map(ready), { watermark: 4, committed: new Set([1, 2, 4]) });
  assert.equal(selection.latest, 2);
  assert.deepEqual(selection.coverage, { from: undefined, to: 4 });
});

test('windowed: a window that reaches the base is whole; one that does not is widened, refused or published with a gap', () => {
  const seen = range(1, 20).map(ready);
  const windowed = (onGap: CoverageRule['onGap'], baseWatermark: number | undefined) =>
    select(seen, { coverage: { mode: 'windowed', spanMs: 5, onGap }, baseWatermark });
  for (const onGap of ['widen', 'refuse', 'publish'] as const) {
    const reaches = windowed(onGap, 15);
    assert.deepEqual([reaches.read, reaches.gap, reaches.closeReason], [range(16, 20), false, 'complete'], onGap);
  }
  assert.deepEqual(windowed('widen', 10).read, range(11, 20));
  assert.equal(windowed('widen', 10).gap, false);
  assert.equal(windowed('refuse', 14).closeReason, 'refused');
  assert.deepEqual(windowed('refuse', undefined).read, range(1, 20), 'without a base all is read');
  const published = windowed('publish', 10);
  assert.deepEqual(published.read, range(16, 20));
  assert.deepEqual(published.coverage, { from: 15, to: 20 });
  assert.deepEqual(published.gaps, [{ from: 10, to: 15 }]);
  assert.ok(published.gap);
  assert.deepEqual(
    reasons(published),
    range(11, 15).map((time) => `${time} outside-window`),
  );
});

test('cumulative: a chain of touching intervals, the rest covered', () => {
  const coverage: CoverageRule = { mode: 'cumulative', spanMs: 5, onGap: 'refuse' };
  const selection = select(range(1, 20).map(ready), { coverage, baseWatermark: 3 });
  assert.deepEqual(selection.read, [5, 10, 15, 20]);
  assert.equal(selection.skipped.length, 13);
  assert.ok(selection.skipped.every((entry) => entry.reason === 'covered'));
  assert.equal(selection.closeReason, 'complete');
  // 15 is missing: 14 would leave (14, 15] unread although 16 holds it.
  const holed = select([4, 8, 9, 12, 14, 16, 20].map(ready), { coverage, baseWatermark: 3 });
  assert.deepEqual(holed.read, [8, 12, 16, 20]);
  assert.equal(holed.gap, false);
});

test('cumulative: time that nothing holds is a gap, by policy refused or told', () => {
  const chain = (onGap: CoverageRule['onGap'], times: number[], baseWatermark?: number) =>
    select(times.map(ready), { coverage: { mode: 'cumulative', spanMs: 5, onGap }, baseWatermark });
  assert.equal(chain('refuse', [4, 20], 0).closeReason, 'refused');
  for (const onGap of ['widen', 'publish'] as const) {
    const told = chain(onGap, [4, 20], 0);
    assert.deepEqual([told.read, told.gaps, told.gap], [[4, 20], [{ from: 4, to: 15 }], true]);
  }
  assert.deepEqual(chain('widen', [10], 0).gaps, [{ from: 0, to: 5 }], 'the base is not reached');
  assert.deepEqual(chain('widen', [10]).gaps, [], 'there is no base to reach');
});

test('skips: future, held, not ready and quarantined; data passed over is a gap, an empty folder is not', () => {
  const others: Candidate[] = [
    { time: 2, state: 'not-ready', hasData: false },
    { time: 4, state: 'quarantined', hasData: true },
    { time: 6, state: 'held', hasData: true },
    { time: 99, state: 'future', hasData: true },
  ];
  const all = select([...others, ...[1, 3, 5, 7].map(ready)]);
  assert.deepEqual(all.read, [1, 3, 5, 7]);
  assert.deepEqual(reasons(all), ['2 not-ready', '4 quarantined', '6 held', '99 future']);
  assert.ok(all.gap);
  assert.equal(select([others[0]!, others[3]!, ready(5)]).gap, false);
  assert.ok(select([others[1]!, ready(5)]).gap);
});

test('hold: a bad partition beyond the watermark stops the run before it, an older one does not', () => {
  const bad: Candidate = { time: 5, state: 'quarantined', hasData: true };
  const seen = [...[3, 4, 6, 7].map(ready), bad];
  const held = select(seen, { onBadPartition: 'hold', watermark: 3 });
  assert.deepEqual([held.read, held.latest, held.gap], [[3, 4], 4, false]);
  assert.deepEqual(reasons(held), ['5 quarantined', '6 held', '7 held']);
  assert.deepEqual(select(seen, { onBadPartition: 'hold', watermark: 6 }).read, [3, 4, 6, 7]);
});

const arbitraryCandidates = fc
  .uniqueArray(
    fc.record({
      time: fc.integer({ min: 1, max: 60 }),
      state: fc.constantFrom('ready', 'ready', 'ready', 'not-ready', 'future', 'quarantined', 'held'),
      hasData: fc.boolean(),
    }),
    { selector: (candidate) => candidate.time, maxLength: 30 },
  )
  .map((candidates) => candidates as Candidate[]);

const arbitraryCoverage: fc.Arbitrary<CoverageRule> = fc
  .tuple(
    fc.constantFrom('disjoint', 'windowed', 'cumulative'),
    fc.integer({ min: 1, max: 20 }),
    fc.constantFrom('widen', 'refuse', 'publish'),
  )
  .map(([mode, spanMs, onGap]) => ({ mode, spanMs, onGap }) as CoverageRule);

test('coverage is proven: every partition of the interval is read or skipped for a legal reason, nothing twice', () => {
  fc.assert(
    fc.property(
      arbitraryCandidates,
      arbitraryCoverage,
      fc.option(fc.integer({ min: 0, max: 60 }), { nil: undefined }),
      fc.option(fc.integer({ min: 0, max: 70 }), { nil: undefined }),
      fc.constantFrom('passOver' as const, 'hold' as const),
      (candidates, coverage, baseWatermark, until, onBadPartition) => {
        const selection = select(candidates, { coverage, baseWatermark, until, onBadPartition });
        const seen = candidates
          .filter((c) => c.time > (baseWatermark ?? -1) && c.time <= (until ?? 99))
          .map((c) => c.time);
        const told = [...selection.read, ...selection.skipped.map((entry) => entry.time)];
        assert.deepEqual(
          told.toSorted((a, b) => a - b),
          seen.toSorted((a, b) => a - b),
          'each told exactly once',
        );
        assert.deepEqual(
          selection.read,
          selection.read.toSorted((a, b) => a - b),
        );
        const stateOf = new Map(candidates.map((candidate) => [candidate.time, candidate]));
        for (const time of selection.read) assert.equal(stateOf.get(time)!.state, 'ready');
        for (const { time, reason } of selection.skipped) {
          const { state } = stateOf.get(time)!;
          if (state !== 'ready') assert.equal(reason, state);
          else if (reason === 'held') assert.equal(onBadPartition, 'hold');
          else if (reason === 'outside-window') assert.ok(coverage.mode === 'windowed' && coverage.onGap !== 'widen');
          else
            assert.ok(
              reason === 'covered' && coverage.mode === 'cumulative',
              `${time} ${reason} under ${coverage.mode}`,
            );
        }
      },
    ),
    { seed: 4, numRuns: 3_000 },
  );
});

/** The instants of `(0, 60]` that a cumulative partition holds: the slow, plain reading of `(t - span, t]`. */
const holds = (time: number, spanMs: number, instant: number): boolean => time - spanMs < instant && instant <= time;

test('cumulative, instant by instant: what any partition holds is read, gaps are held by none, and no read is spare', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 25 }),
      fc.integer({ min: 1, max: 15 }),
      fc.integer({ min: 0, max: 40 }),
      (times, spanMs, baseWatermark) => {
        const coverage: CoverageRule = { mode: 'cumulative', spanMs, onGap: 'publish' };
        const selection = select(times.map(ready), { coverage, baseWatermark });
        if (selection.latest === undefined) return;
        const usable = times.filter((time) => time > baseWatermark);
        const isHeldBy = (list: readonly number[], instant: number) =>
          list.some((time) => holds(time, spanMs, instant));
        for (const instant of range(baseWatermark + 1, selection.latest)) {
          const inGap = selection.gaps.some((gap) => (gap.from ?? -1) < instant && instant <= gap.to);
          assert.equal(isHeldBy(selection.read, instant), !inGap, `instant ${instant}`);
          assert.equal(isHeldBy(usable, instant), !inGap, `instant ${instant}: a gap is a gap`);
        }
        for (const spare of selection.read) {
          const rest = selection.read.filter((time) => time !== spare);
          const needed = range(baseWatermark + 1, selection.latest).some(
            (i) => isHeldBy([spare], i) && !isHeldBy(rest, i),
          );
          assert.ok(needed, `${spare} is needed`);
        }
      },
    ),
    { seed: 5, numRuns: 3_000 },
  );
});

test('cumulative on a full grid: the latest, then the newest at or before latest - span, and so on', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 0, max: 30 }),
      (length, steps, base) => {
        const times = range(5, length * 5, 5);
        const coverage: CoverageRule = { mode: 'cumulative', spanMs: steps * 5, onGap: 'refuse' };
        const usable = times.filter((time) => time > base * 5);
        const expected: number[] = [];
        for (let next = usable.at(-1); next !== undefined; ) {
          expected.unshift(next);
          const reach: number = next - steps * 5;
          next = usable.filter((time) => time <= reach).at(-1);
        }
        assert.deepEqual(select(times.map(ready), { coverage, baseWatermark: base * 5 }).read, expected);
      },
    ),
    { seed: 6, numRuns: 1_000 },
  );
});
