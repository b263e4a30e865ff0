/** What is learned of costs: close to the truth in spite of spoilt samples, always positive, and never a reason to fail. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { shareOut, tellPrediction } from '#src/deadline/budgets.js';
import {
  COST_NAMES,
  COSTS,
  fitModel,
  NO_HISTORY,
  PREDICTED_PHASES,
  predict,
  type Work,
} from '#src/deadline/cost-model.js';
import {
  addRun,
  decodeHistory,
  EMPTY_HISTORY,
  encodeHistory,
  readHistory,
  SAMPLES_KEPT,
} from '#src/deadline/history.js';
import { dot, fitRates, type Sample } from '#src/deadline/linear-fit.js';
import { RATES_KEY } from '#src/manifest/names.js';
import { MemoryStore } from '../support/memory-store.js';

const SEED = 20260504;
const check = (property: fc.IProperty<unknown>) =>
  fc.assert(property as fc.IProperty<unknown>, { seed: SEED, numRuns: 200 });

/** A machine: how many times slower than the defaults each rate is. */
const factor = fc.double({ min: 0.1, max: 40, noNaN: true });
const PRIOR = [4, 12e-6];

function samplesOf(rates: readonly number[], sizes: readonly number[], noise: readonly number[]): Sample[] {
  return sizes.map((size, i) => {
    const amounts = [1 + (i % 3), size];
    return { amounts, value: dot(rates, amounts) * noise[i % noise.length]! };
  });
}

const sizes = fc.array(fc.integer({ min: 1e5, max: 2e8 }), { minLength: 12, maxLength: SAMPLES_KEPT });
const noise = fc.array(fc.double({ min: 0.9, max: 1.1, noNaN: true }), { minLength: 8, maxLength: 8 });

describe('rates', () => {
  it('predict the samples that they were fitted to, though some took ten times as long and some a tenth', () => {
    check(
      fc.property(factor, sizes, noise, (slow, list, wobble) => {
        const rates = [PRIOR[0]! * slow, PRIOR[1]! * slow * 2];
        const clean = samplesOf(rates, list, wobble);
        const spoil = (i: number) => (i % 6 === 3 ? 10 : i % 12 === 5 ? 0.1 : 1);
        const fitted = fitRates(
          PRIOR,
          clean.map((sample, i) => ({ ...sample, value: sample.value * spoil(i) })),
        );
        for (const [i, { amounts }] of clean.entries()) {
          const off = dot(fitted, amounts) / dot(rates, amounts);
          // A size of which only a spoilt sample tells is anybody's guess.
          assert.ok(spoil(i) !== 1 || (off > 0.5 && off < 1.7), `${off} of the truth`);
        }
      }),
    );
  });

  it('take the speed of a machine from a single sample', () => {
    const [fixed, byte] = fitRates(PRIOR, [{ amounts: [1, 1e7], value: (4 + 120) * 20 }]);
    assert.ok(Math.abs(fixed! / 80 - 1) < 0.01 && Math.abs(byte! / 240e-6 - 1) < 0.01);
  });

  it('stay positive and finite whatever the samples say', () => {
    const value = fc.double({ noNaN: false });
    const sample = fc.record({ amounts: fc.array(value, { maxLength: 3 }), value });
    check(
      fc.property(fc.array(sample, { maxLength: 20 }), (samples) => {
        for (const rate of fitRates(PRIOR, samples)) assert.ok(rate > 0 && Number.isFinite(rate), `${rate}`);
      }),
    );
  });
});

const work = fc.record<Work>({
  partitions: fc.nat(300),
  newParts: fc.nat(60),
  objects: fc.nat(100),
  inputBytes: fc.nat(1e9),
  isStoredFast: fc.boolean(),
  mergeInputs: fc.nat(300),
  mergeBytes: fc.nat(1e9),
  mergesNew: fc.boolean(),
  keys: fc.nat(1e7),
});

describe('a prediction', () => {
  it('grows with the work, sums over its phases, and shares the deadline out whole', () => {
    const model = fitModel(NO_HISTORY);
    check(
      fc.property(work, fc.nat(1e8), fc.double({ min: 1, max: 60_000, noNaN: true }), (one, more, remainingMs) => {
        const less = predict(model, one);
        assert.ok(
          predict(model, { ...one, inputBytes: one.inputBytes + more, keys: one.keys + more }).totalMs >= less.totalMs,
        );
        const sum = PREDICTED_PHASES.reduce((total, phase) => total + less.phases[phase], 0);
        assert.ok(Math.abs(sum - less.totalMs) <= 1e-6 * sum);
        const budgets = Object.values(shareOut(less, remainingMs)).reduce((total, ms) => total + ms, 0);
        assert.ok(Math.abs(budgets - remainingMs) < 1e-6 * remainingMs);
      }),
    );
  });

  it('is told in seconds', () => {
    const phases = { read: 2_100, build: 6_040, merge: 3_000, seal: 900, commit: 260 };
    assert.equal(
      tellPrediction({ phases, totalMs: 12_300 }, 30_000),
      'expects 12.3 s of 30.0 s: read 2.1, build 6.0, merge 3.0, seal 0.90, commit 0.26',
    );
  });

  it('of the cheaper compression is never above that of the usual one', () => {
    const samples = { writeFast: [{ amounts: [1, 1e6], value: 1e6 }] };
    const { rates } = fitModel({ samples, ratios: [] });
    assert.ok(rates.writeFast.every((rate, i) => rate <= rates.write[i]!));
  });

  it('is held against how far earlier ones fell short', () => {
    assert.equal(fitModel({ samples: {}, ratios: [9, 9] }).safety, 1.25);
    assert.equal(fitModel({ samples: {}, ratios: [1, 1.1, 1.2, 1.3, 1.4, 1.5] }).safety, 1.4);
    assert.equal(fitModel({ samples: {}, ratios: [0.2, 0.2, 0.2, 0.2, 0.2] }).safety, 1);
    assert.equal(fitModel({ samples: {}, ratios: [99, 99, 99, 99, 99] }).safety, 3);
  });
});

describe('history', () => {
  const sample: Sample = { amounts: [1, 5e6], value: 70 };

  it('comes back as it was written, and keeps the last samples only', () => {
    let history = EMPTY_HISTORY;
    for (let i = 0; i < SAMPLES_KEPT + 5; i++)
      history = addRun(history, [['build', { ...sample, value: i + 1 }]], 1 + i);
    assert.equal(history.samples.build!.length, SAMPLES_KEPT);
    assert.equal(history.samples.build!.at(-1)!.value, SAMPLES_KEPT + 5);
    assert.deepEqual(decodeHistory(encodeHistory(history, 2), 2), history);
    assert.deepEqual(decodeHistory(encodeHistory({ ...history, abandoned: 2 }, 2), 4), {
      ...EMPTY_HISTORY,
      abandoned: 2,
    });
  });

  it('is empty where the object is absent, broken in any byte, or cannot be read', async () => {
    const store = new MemoryStore({ now: () => 0 });
    assert.deepEqual(await readHistory(store, 2), EMPTY_HISTORY);
    const bytes = encodeHistory(addRun(EMPTY_HISTORY, [['build', sample]], 1), 2);
    for (let at = 0; at < bytes.length; at++) {
      const broken = bytes.slice();
      broken[at] = 0x80;
      const { samples, ratios } = decodeHistory(broken, 2);
      assert.ok(Object.values(samples).every((list) => list.every(({ value }) => value > 0)) && ratios.length <= 1);
      if (at < bytes.length - 1) assert.deepEqual(decodeHistory(bytes.subarray(0, at), 2), EMPTY_HISTORY);
    }
    await store.put(RATES_KEY, bytes);
    const failing = { stat: store.stat.bind(store), read: () => Promise.reject(new Error('away')) };
    assert.deepEqual(await readHistory(failing, 2), EMPTY_HISTORY);
    assert.equal((await readHistory(store, 2)).samples.build!.length, 1);
  });

  it('leaves out samples of nothing and samples of another shape', () => {
    assert.deepEqual(addRun(EMPTY_HISTORY, [['build', { amounts: [0, 0], value: 3 }]], undefined), EMPTY_HISTORY);
    assert.deepEqual(addRun(EMPTY_HISTORY, [['build', { amounts: [1, 9], value: 0 }]], Number.NaN), EMPTY_HISTORY);
    const odd = encodeHistory({ ...EMPTY_HISTORY, samples: { build: [{ amounts: [1], value: 3 }] } }, 2);
    assert.deepEqual(decodeHistory(odd, 2).samples.build, []);
    for (const name of COST_NAMES) assert.ok(COSTS[name].defaults.every((rate) => rate > 0));
  });
});
