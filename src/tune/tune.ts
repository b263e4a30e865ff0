/** One tuning, top to bottom: search on one partition, then hold the choice against the standard on another. */

import { type Candidate, isSame, type Knob, type SearchSpace } from './candidate.js';
import { type Standing, standings } from './frontier.js';
import type { Measurement, Rig } from './measurement.js';
import type { Objective } from './objective.js';
import { measurementsOf } from './rounds.js';
import { type SearchStep, search } from './search.js';
import { type Validation, validate } from './validate.js';

export interface TuneInput {
  readonly rig: Rig;
  /** What the choice has to beat: the settings at present, which are the defaults where none are given. */
  readonly standard: Candidate;
  readonly space: SearchSpace;
  /** Partition times, ms since the epoch. Without a hold-out the training partition serves again, by fresh pairs. */
  readonly training: number;
  readonly holdOut: number | undefined;
  readonly objective: Objective;
  readonly slack: number;
  readonly budgetMs: number;
  /** Monotonic clock, ms. */
  readonly elapsed: () => number;
  readonly onStep?: (knob: Knob, challengers: number) => void;
  readonly onValidate?: (choice: Candidate) => void;
}

/**
 * `better`: proven on the hold-out. `not-better`: the choice did not hold there. `none`: nothing beat the standard in the search.
 * `too-few`: the time did not suffice to prove anything.
 */
export type Outcome = Validation['outcome'] | 'none';

export interface TuneResult {
  readonly outcome: Outcome;
  /** What to build with: the choice where it is proven, else the standard. */
  readonly advice: Candidate;
  /** The best of the search; the standard where nothing beat it. */
  readonly choice: Candidate;
  readonly steps: readonly SearchStep[];
  readonly standings: readonly Standing[];
  /** Of the training partition by the advice. */
  readonly measurements: readonly Measurement[];
  readonly validation: Validation | undefined;
}

/**
 * Share of the budget for searching. A search that finds nothing leaves the rest unused; one that finds something needs pairs enough
 * for an honest answer.
 */
const SEARCH_SHARE = 0.65;
/**
 * A name that a race gets wrong costs the time of the proof, one that it misses costs the gain: so it may err more often. On the
 * tests' synthetic machine (noise 4 %, drift 35 %, one build in twenty disturbed) 0.8 instead of 0.9 found 56 of 60 gains of 20 % along
 * the shard size (that of the second value tried) instead of 51, and named one of nothing in 30 of 600 searches instead of 9; the proof threw out all of them but one.
 */
const SEARCH_CONFIDENCE = 0.8;
const PROOF_CONFIDENCE = 0.95;

export async function tune(input: TuneInput): Promise<TuneResult> {
  const { rig, standard, space, training, objective, slack, budgetMs, elapsed } = input;
  const startMs = elapsed();
  const found = await search({
    ...{ rig, standard, space, elapsed, partition: training },
    rules: { objective, slack, confidence: SEARCH_CONFIDENCE },
    endMs: startMs + budgetMs * SEARCH_SHARE,
    ...(input.onStep === undefined ? {} : { onStep: input.onStep }),
  });
  const choice = found.best;
  const isNew = !isSame(choice, standard);
  if (isNew) input.onValidate?.(choice);
  const validation = isNew
    ? await validate({
        ...{ rig, standard, choice, elapsed, partition: input.holdOut ?? training },
        rules: { objective, slack, confidence: PROOF_CONFIDENCE },
        endMs: startMs + budgetMs,
      })
    : undefined;
  const outcome = validation?.outcome ?? (found.steps.some(({ isDecided }) => isDecided) ? 'none' : 'too-few');
  const advice = outcome === 'better' ? choice : standard;
  return {
    outcome,
    advice,
    choice,
    steps: found.steps,
    standings: standings(found.rounds, found.candidates, standard),
    measurements: measurementsOf(found.rounds, advice),
    validation,
  };
}
