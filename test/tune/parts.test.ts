/** The pieces of the search: intervals, neighbours, frontier, what bounds a build, the plot. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { describeBound, phaseBounds } from '#src/tune/bound.js';
import { type Candidate, candidateKey, neighbours } from '#src/tune/candidate.js';
import { standings } from '#src/tune/frontier.js';
import { fewestValues, median, medianInterval } from '#src/tune/interval.js';
import type { Measurement } from '#src/tune/measurement.js';
import { plotFrontier } from '#src/tune/plot.js';
import { judge, measureRound, type Round } from '#src/tune/rounds.js';
import { SyntheticRig } from './synthetic-rig.js';

const STANDARD: Candidate = { threads: 2, shardBytes: 'auto', stored: { codec: 'deflate', level: 4 } };

describe('the interval of a median', () => {
  it('is that of the sign test', () => {
    const upTo = (count: number) => Array.from({ length: count }, (_, i) => i + 1);
    // Conover, table A3: at 95 %, of 6 values the whole range, of 9 all but one at each end, of 20 all but five.
    assert.deepEqual(medianInterval(upTo(6), 0.95), { median: 3.5, low: 1, high: 6, count: 6 });
    assert.deepEqual(medianInterval(upTo(9), 0.95), { median: 5, low: 2, high: 8, count: 9 });
    assert.deepEqual(medianInterval(upTo(20), 0.95), { median: 10.5, low: 6, high: 15, count: 20 });
  });

  it('says nothing below the fewest values that can', () => {
    assert.equal(fewestValues(0.95), 6);
    assert.equal(fewestValues(0.99), 8);
    assert.equal(medianInterval([1, 1, 1, 1, 1], 0.95).high, Number.POSITIVE_INFINITY);
    assert.equal(medianInterval([], 0.95).low, 0);
  });

  it('is not moved by one value, however far it is off', () => {
    const values = [0.8, 0.81, 0.79, 0.82, 0.8, 0.78, 0.83, 0.8, 0.81];
    assert.ok(medianInterval([...values.slice(1), 40], 0.95).high < 0.9);
    assert.equal(median([3, 1, 2]), 2);
  });
});

describe('neighbours', () => {
  const groups = Array.from({ length: 4 }, (_, rowGroup) => ({
    object: 0,
    rowGroup,
    rows: 1_000,
    bytes: 1,
    textBytes: 1_000_000,
  }));

  it('are every other value of the knob once, those worth most first, and nothing else', () => {
    const threads = neighbours(STANDARD, 'threads', { cores: 8, groups }).map((candidate) => candidate.threads);
    assert.deepEqual(threads, [1, 4, 7, 8, 9]);
    const levels = neighbours(STANDARD, 'stored', { cores: 8, groups }).map(({ stored }) => stored);
    assert.deepEqual(
      levels.map(({ level }) => level),
      [1, 0, 9, 6, 2],
    );
    assert.deepEqual(levels[1], { codec: 'none', level: 0 });
    for (const candidate of neighbours(STANDARD, 'shardBytes', { cores: 8, groups })) {
      assert.deepEqual({ ...candidate, shardBytes: 'auto' }, STANDARD);
    }
  });

  it('leave out shard sizes that cut the partition as another one does', () => {
    const sizes = neighbours(STANDARD, 'shardBytes', { cores: 2, groups }).map(({ shardBytes }) => shardBytes);
    assert.deepEqual(sizes, [2 ** 20, 2 ** 22, 2 ** 19, 2 ** 18, 2 ** 17]);
    const tiny = [{ object: 0, rowGroup: 0, rows: 10, bytes: 1, textBytes: 1_000 }];
    assert.deepEqual(neighbours(STANDARD, 'shardBytes', { cores: 2, groups: tiny }), []);
  });
});

describe('a round', () => {
  it('builds every candidate once, and never twice in the same order', async () => {
    const candidates = [1, 2, 3].map((threads) => ({ ...STANDARD, threads }));
    const order: string[] = [];
    const rig = new SyntheticRig({ seed: 1, costOf: () => ({}) });
    const watched = {
      release: rig.release.bind(rig),
      measure: (candidate: Candidate, partition: number) => {
        order.push(`${candidate.threads}`);
        return rig.measure(candidate, partition);
      },
    };
    for (let turn = 0; turn < 4; turn++) await measureRound(watched, candidates, 1, turn);
    const rounds = [0, 3, 6, 9].map((at) => order.slice(at, at + 3).join(''));
    assert.equal(new Set(rounds).size, 4);
    for (const round of rounds) assert.deepEqual([...round].sort(), ['1', '2', '3']);
  });
});

const plain = (latencyMs: number, segmentBytes: number, cpuMs: number): Measurement => ({
  ...{ latencyMs, segmentBytes, cpuMs, peakBytes: 1, docs: 1, shards: 1 },
  phases: {
    select: { wallMs: 2, cpuMs: 1 },
    read: { wallMs: 0, cpuMs: 0 },
    build: { wallMs: 40, cpuMs: 76 },
    merge: { wallMs: 48, cpuMs: 50 },
    seal: { wallMs: 0, cpuMs: 0 },
    commit: { wallMs: 10, cpuMs: 1 },
  },
});

describe('a verdict', () => {
  const fast = { ...STANDARD, threads: 3 };
  const roundsOf = (latency: number, size: number): Round[] =>
    Array.from({ length: 8 }, () => {
      const [own, other] = [plain(100, 1_000, 100), plain(100 * latency, 1_000 * size, 100)];
      return new Map([
        [candidateKey(STANDARD), own],
        [candidateKey(fast), other],
      ]);
    });
  const rules = { objective: 'latency', slack: 0.25, confidence: 0.95 } as const;

  it('is better only beyond the noise, by enough, and with nothing spoiled', () => {
    const verdict = (latency: number, size: number) => judge(roundsOf(latency, size), fast, STANDARD, STANDARD, rules);
    assert.equal(verdict(0.8, 1.2).isBetter, true);
    assert.equal(verdict(0.99, 1).isBetter, false);
    assert.equal(verdict(0.8, 1.3).isBetter, false);
    assert.deepEqual(verdict(0.8, 1.3).spoiled, [{ figure: 'size', ratio: 1.3 }]);
    const few = judge(roundsOf(0.8, 1).slice(0, 5), fast, STANDARD, STANDARD, rules);
    assert.equal(few.isBetter, false);
  });
});

describe('the frontier', () => {
  it('holds exactly those that no other is better than', () => {
    const figure = fc.integer({ min: 1, max: 5 });
    const arbitrary = fc.array(fc.tuple(figure, figure, figure), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(arbitrary, (figures) => {
        const candidates = figures.map((_, i) => ({ ...STANDARD, threads: i + 1 }));
        const round: Round = new Map(
          candidates.map((candidate, i) => [candidateKey(candidate), plain(...figures[i]!)]),
        );
        const rows = standings([round, round, round], candidates, candidates[0]!);
        assert.equal(rows.length, figures.length);
        for (const row of rows) {
          const [a, b, c] = figures[row.candidate.threads - 1]!;
          const isBeaten = figures.some(([x, y, z]) => x <= a && y <= b && z <= c && (x < a || y < b || z < c));
          assert.equal(row.isOnFrontier, !isBeaten);
        }
      }),
      { seed: 11, numRuns: 200 },
    );
  });

  it('tells figures by paired ratios: a candidate measured in a slow hour is not slow', () => {
    const other = { ...STANDARD, threads: 1 };
    const [key, otherKey] = [candidateKey(STANDARD), candidateKey(other)];
    const rounds: Round[] = [
      new Map([[key, plain(100, 10, 100)]]),
      new Map([[key, plain(100, 10, 100)]]),
      new Map([
        [key, plain(400, 10, 100)],
        [otherKey, plain(200, 10, 100)],
      ]),
    ];
    const row = standings(rounds, [STANDARD, other], STANDARD).find(({ candidate }) => candidate === other)!;
    assert.deepEqual([row.latencyMs, row.latencyRatio.median, row.pairs], [50, 0.5, 1]);
    assert.equal(row.isOnFrontier, false, 'one pair is no proof');
  });
});

describe('what bounds a build', () => {
  it('is told by time and by threads at work', () => {
    const bounds = phaseBounds([plain(100, 1, 128)], 2, 2);
    assert.deepEqual(
      bounds.map(({ phase, limit }) => [phase, limit]),
      [
        ['merge', 'one-thread'],
        ['build', 'processors'],
        ['commit', 'waiting'],
      ],
    );
    assert.equal(
      describeBound(bounds[0]!, 2),
      'merge is 48 % of the run with 1.0 of 2 threads busy: one thread works and the others wait for it',
    );
  });
});

describe('the plot', () => {
  it('has a dot a candidate inside the picture, and no figure that is no number', () => {
    const candidates = [1, 2, 3].map((threads) => ({ ...STANDARD, threads }));
    const round: Round = new Map(
      candidates.map((candidate, i) => [candidateKey(candidate), plain(100 + i, 5_000_000, 100)]),
    );
    const rows = standings([round, round, round], candidates, candidates[1]!);
    const svg = plotFrontier({ standings: rows, labels: ['a', 'b < c', 'd'], title: 'a & b', standard: 1, advice: 0 });
    const dots = [...svg.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)"/g)];
    assert.equal(dots.length, 3);
    for (const [, x, y] of dots) assert.ok(Number(x) > 0 && Number(x) < 1_040 && Number(y) > 0 && Number(y) < 560);
    assert.doesNotMatch(svg, /NaN|Infinity|undefined/);
    assert.match(svg, /b &lt; c/);
    assert.match(svg, /a &amp; b/);
    const alone = plotFrontier({ standings: rows.slice(0, 1), labels: ['a'], title: 't', standard: 0, advice: 0 });
    assert.doesNotMatch(alone, /NaN|Infinity/);
  });
});
