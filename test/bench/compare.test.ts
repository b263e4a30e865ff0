/** When a comparison speaks of a regression, and when it does not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom, normal } from '#src/gen/random.js';
import { type Figures, verdictOf } from '../../bench/compare/verdict.js';

const NAMES = ['old', 'new'] as const;

/** Runs of A and of B, which takes `factor` times as long; both share the machine's moods. */
function runs(factor: number, noise: number, seed = 1): [Figures[], Figures[]] {
  const random = createRandom(seed);
  const moods = Array.from({ length: 15 }, () => Math.exp(0.3 * normal(random)));
  const side = (scale: number) =>
    moods.map((mood) => ({
      peakBytes: 7,
      runMs: 100 * mood * scale * Math.exp(noise * normal(random)),
      scalingRatio: 2,
    }));
  return [side(1), side(factor)];
}

test('what is slower for sure is a regression', () => {
  const { isRegression, result } = verdictOf(NAMES, runs(1.2, 0.02), { threshold: 1.05 });
  assert.ok(isRegression);
  assert.ok(result.figures.ratio! > 1.15 && result.figures.ratio! < 1.25);
  assert.match(result.notes[0]!, /By runMs, B \(new\) is a regression/);
});

test('noise, speed and small losses are none', () => {
  const verdict = (factor: number, noise: number) => verdictOf(NAMES, runs(factor, noise), { threshold: 1.05 });
  for (const [factor, noise, words] of [
    [1, 0.02, /shows no difference/],
    [0.8, 0.02, /is faster/],
    [1.03, 0.002, /within the threshold/],
    [1.2, 0.8, /./],
  ] as const) {
    const { isRegression, result } = verdict(factor, noise);
    assert.equal(isRegression, false, `${factor} with noise ${noise}`);
    assert.match(result.notes[0]!, words);
  }
});

test('only times and sizes are compared, and the figure can be chosen', () => {
  const { result } = verdictOf(NAMES, runs(1, 0.01), { threshold: 1.05, figure: 'peakBytes' });
  assert.deepEqual(
    result.tables[0]!.rows.map(([name]) => name),
    ['peakBytes', 'runMs'],
  );
  assert.deepEqual([result.figures.ratioLow, result.figures.ratioHigh], [1, 1]);
  assert.throws(() => verdictOf(NAMES, runs(1, 0.01), { threshold: 1, figure: 'nothing' }), /no figure nothing/);
});
