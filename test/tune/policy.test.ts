/** The search against machines whose truth is known: what is better is found, what is not is never claimed. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Candidate } from '#src/tune/candidate.js';
import { type TuneInput, type TuneResult, tune } from '#src/tune/tune.js';
import { type SyntheticOptions, SyntheticRig } from './synthetic-rig.js';

const STANDARD: Candidate = { threads: 2, shardBytes: 'auto', stored: { codec: 'deflate', level: 4 } };
const TRAINING = 2;
const HOLD_OUT = 1;
/** Ten row groups of 2 MB: several cuts to choose from. */
const GROUPS = Array.from({ length: 10 }, (_, rowGroup) => ({
  object: 0,
  rowGroup,
  rows: 10_000,
  bytes: 1_000_000,
  textBytes: 2_000_000,
}));

interface Tried {
  readonly rig: SyntheticRig;
  readonly result: TuneResult;
}

async function tried(synthetic: SyntheticOptions, input: Partial<TuneInput> = {}): Promise<Tried> {
  const rig = new SyntheticRig(synthetic);
  const result = await tune({
    ...{ rig, standard: STANDARD, space: { cores: 2, groups: GROUPS }, training: TRAINING, holdOut: HOLD_OUT },
    ...{ objective: 'latency', slack: 0.25, budgetMs: 120_000, elapsed: rig.elapsed },
    ...input,
  });
  return { rig, result };
}

const seeds = (count: number) => Array.from({ length: count }, (_, i) => i + 1);

async function outcomes(count: number, synthetic: Omit<SyntheticOptions, 'seed'>, input: Partial<TuneInput> = {}) {
  const all: TuneResult[] = [];
  for (const seed of seeds(count)) all.push((await tried({ seed, ...synthetic }, input)).result);
  return all;
}

describe('tuning', () => {
  it('finds the one value that is better beyond the noise, along each knob', async () => {
    // Shard sizes are many, so each gets fewer pairs.
    const truths: readonly { readonly least: number; readonly is: (candidate: Candidate) => boolean }[] = [
      { least: 28, is: ({ threads }) => threads === 3 },
      { least: 26, is: ({ shardBytes }) => shardBytes === 4 * 2 ** 20 },
      { least: 28, is: ({ stored }) => stored.level === 1 },
    ];
    for (const { least, is } of truths) {
      const all = await outcomes(30, { costOf: (candidate) => ({ latency: is(candidate) ? 0.8 : 1 }) });
      const found = all.filter(({ outcome, advice }) => outcome === 'better' && is(advice));
      assert.ok(found.length >= least, `found in ${found.length} of 30`);
    }
  });

  it('puts together what is better along several knobs', async () => {
    const all = await outcomes(20, {
      costOf: ({ threads, stored }) => ({ latency: (threads === 3 ? 0.8 : 1) * (stored.level === 1 ? 0.8 : 1) }),
    });
    const found = all.filter(({ advice }) => advice.threads === 3 && advice.stored.level === 1);
    assert.ok(found.length >= 18, `found in ${found.length} of 20`);
  });

  it('claims nothing where nothing is better, however the machine drifts', async () => {
    for (const noise of [0.01, 0.05, 0.2]) {
      const all = await outcomes(40, { noise, costOf: () => ({}) });
      const claims = all.filter(({ outcome }) => outcome === 'better');
      assert.ok(claims.length <= 1, `${claims.length} claims of 40 at noise ${noise}`);
      for (const { outcome, advice } of all) if (outcome !== 'better') assert.deepEqual(advice, STANDARD);
    }
  });

  it('claims nothing where everything else is worse', async () => {
    const isStandard = ({ threads, shardBytes, stored }: Candidate) =>
      threads === 2 && shardBytes === 'auto' && stored.level === 4;
    const all = await outcomes(20, { costOf: (candidate) => ({ latency: isStandard(candidate) ? 1 : 1.15 }) });
    assert.deepEqual(
      all.filter(({ outcome }) => outcome !== 'none').map(({ outcome }) => outcome),
      [],
    );
  });

  it('does not bother with a gain that is too small to matter, although it is beyond the noise', async () => {
    const { result } = await tried({
      seed: 5,
      noise: 0.0005,
      costOf: ({ threads }) => ({ latency: threads === 3 ? 0.99 : 1 }),
    });
    assert.deepEqual(result.advice, STANDARD);
  });

  it('does not advise what holds on the training partition only', async () => {
    const all = await outcomes(20, {
      costOf: ({ threads }, partition) => ({ latency: threads === 3 && partition === TRAINING ? 0.8 : 1 }),
    });
    assert.ok(all.every(({ choice }) => choice.threads === 3));
    const refused = all.filter(({ outcome, advice }) => outcome === 'not-better' && advice === STANDARD);
    assert.ok(refused.length >= 19, `refused in ${refused.length} of 20`);
  });

  it('does not buy speed with a segment beyond the slack, unless it is told to', async () => {
    const costOf = ({ stored }: Candidate) => (stored.codec === 'none' ? { latency: 0.7, size: 1.6 } : {});
    const { result: bounded } = await tried({ seed: 3, costOf });
    assert.equal(bounded.advice.stored.codec, 'deflate');
    const { result: free } = await tried({ seed: 3, costOf }, { slack: 1 });
    assert.equal(free.advice.stored.codec, 'none');
    assert.equal(free.outcome, 'better');
  });

  it('makes the segment small where that is asked, within the slack of latency', async () => {
    const costOf = ({ stored }: Candidate) => ({
      latency: { 6: 1.1, 9: 1.6 }[stored.level as number] ?? 1,
      size: { 0: 1.8, 1: 1.1, 2: 1.05, 6: 0.98, 9: 0.95 }[stored.level as number] ?? 1,
    });
    const { result } = await tried({ seed: 1, costOf }, { objective: 'size' });
    assert.deepEqual([result.outcome, result.advice.stored.level], ['better', 6]);
    const { result: patient } = await tried({ seed: 1, costOf }, { objective: 'size', slack: 1 });
    assert.equal(patient.advice.stored.level, 9);
  });

  it('saves CPU time where that is asked, within the slack of latency', async () => {
    const costOf = (latency: number) => (candidate: Candidate) =>
      candidate.threads === 1 ? { latency, cpu: 0.8 } : {};
    const { result } = await tried({ seed: 2, costOf: costOf(1.1) }, { objective: 'cost' });
    assert.deepEqual([result.outcome, result.advice.threads], ['better', 1]);
    const { result: slow } = await tried({ seed: 2, costOf: costOf(1.7) }, { objective: 'cost' });
    assert.equal(slow.advice.threads, 2);
  });

  it('says that the time does not suffice, instead of guessing', async () => {
    for (const seed of seeds(10)) {
      const synthetic = {
        seed,
        buildMs: 20_000,
        costOf: ({ threads }: Candidate) => ({ latency: threads === 3 ? 0.5 : 1 }),
      };
      const { result } = await tried(synthetic, { budgetMs: 60_000 });
      assert.equal(result.outcome, 'too-few');
      assert.deepEqual(result.advice, STANDARD);
    }
  });

  it('keeps to its budget but for a round, and lets every process go that it no longer needs', async () => {
    for (const seed of seeds(20)) {
      const budgetMs = 20_000 * seed;
      const { rig, result } = await tried(
        { seed, costOf: ({ threads }) => ({ latency: threads === 3 ? 0.8 : 1 }) },
        { budgetMs },
      );
      assert.ok(rig.elapsed() <= budgetMs + 10_000, `${rig.elapsed()} of ${budgetMs}`);
      const needed = new Set([STANDARD, result.choice]).size;
      assert.equal(rig.open.size, needed);
    }
  });

  it('uses fresh builds of the same partition where there is no other', async () => {
    const { result } = await tried(
      { seed: 4, costOf: ({ threads }) => ({ latency: threads === 3 ? 0.7 : 1 }) },
      { holdOut: undefined },
    );
    assert.equal(result.outcome, 'better');
    assert.ok(result.validation!.rounds.length >= 6);
  });
});
