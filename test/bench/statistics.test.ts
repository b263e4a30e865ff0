/** The statistics that verdicts of benches rest on. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom, normal } from '#src/gen/random.js';
import {
  fitLine,
  geometricMean,
  median,
  pairedRatio,
  quantile,
  relativeSpread,
  robustSlope,
} from '../../bench/harness/statistics.js';

test('quantiles lie between neighbours, whatever the order', () => {
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([4, 1, 2, 3]), 2.5);
  assert.equal(quantile([10, 20, 30, 40, 50], 0.25), 20);
  assert.equal(quantile([10, 20], 0.9), 19);
  assert.ok(Number.isNaN(median([])));
});

test('spread and mean of ratios are not moved by scale', () => {
  const numbers = [9, 10, 11, 10, 500];
  assert.equal(relativeSpread(numbers), 0.1);
  assert.equal(relativeSpread(numbers.map((number) => number * 7)), 0.1);
  assert.ok(Math.abs(geometricMean([0.5, 2]) - 1) < 1e-12);
});

/** Two series that share what slows the machine, one of them `factor` slower, each with its own noise. */
function pairs(factor: number, seed: number): { a: number[]; b: number[] } {
  const random = createRandom(seed);
  const shared = Array.from({ length: 25 }, () => 100 * Math.exp(0.5 * normal(random)));
  const own = () => Math.exp(0.03 * normal(random));
  return { a: shared.map((ms) => ms * factor * own()), b: shared.map((ms) => ms * own()) };
}

test('the interval of a paired ratio holds the truth about as often as it says', () => {
  for (const factor of [1, 1.1]) {
    let held = 0;
    for (let seed = 1; seed <= 60; seed++) {
      const { a, b } = pairs(factor, seed);
      const { low, high, value } = pairedRatio(a, b);
      assert.ok(low <= value && value <= high);
      if (low <= factor && factor <= high) held++;
    }
    assert.ok(held >= 52, `${held} of 60 intervals hold ${factor}`);
  }
});

test('noise that both share does not hide a tenth', () => {
  const { a, b } = pairs(1.1, 7);
  const { low, high } = pairedRatio(a, b);
  assert.ok(low > 1.05 && high < 1.15, `${low} to ${high}`);
});

test('the same runs give the same interval', () => {
  const { a, b } = pairs(1.2, 3);
  assert.deepEqual(pairedRatio(a, b), pairedRatio(a, b));
  assert.throws(() => pairedRatio(a, b.slice(1)), RangeError);
});

test('a line is found again, and weights decide between points', () => {
  const points = [1, 2, 5, 9].map((x) => ({ x, y: 40 + 3 * x }));
  const line = fitLine(points);
  assert.ok(Math.abs(line.intercept - 40) < 1e-9 && Math.abs(line.slope - 3) < 1e-9);
  const bent = fitLine([...points, { x: 100, y: 1_000 }], ({ x }) => (x === 100 ? 0 : 1));
  assert.ok(Math.abs(bent.slope - 3) < 1e-9);
});

test('the slope of a series is not tilted by outliers', () => {
  const random = createRandom(9);
  const series = Array.from({ length: 1_000 }, (_, i) => 20 + 0.01 * i + normal(random));
  for (const at of [3, 500, 990, 991, 992]) series[at] = 500;
  assert.ok(Math.abs(robustSlope(series) - 0.01) < 0.001, String(robustSlope(series)));
  assert.equal(robustSlope([5]), 0);
});
