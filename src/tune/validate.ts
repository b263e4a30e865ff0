/** The last word: the choice against the standard on a partition that the search never saw, by fresh pairs and one look at them. */

import type { Candidate } from './candidate.js';
import { fewestValues, median } from './interval.js';
import type { Rig } from './measurement.js';
import { OBJECTIVES, type Objective } from './objective.js';
import { type JudgeRules, judge, measureRound, pairedRatios, type Round, roundLength, type Verdict } from './rounds.js';

export interface ValidateInput {
  readonly rig: Rig;
  readonly partition: number;
  readonly standard: Candidate;
  readonly choice: Candidate;
  readonly rules: JudgeRules;
  /** Monotonic clock, ms. */
  readonly elapsed: () => number;
  readonly endMs: number;
}

/** `too-few`: the time did not suffice for as many pairs as an answer takes. */
export interface Validation {
  readonly outcome: 'better' | 'not-better' | 'too-few';
  readonly verdict: Verdict;
  /** What the choice does to the other figures: median ratios. */
  readonly others: readonly { readonly figure: Objective; readonly ratio: number }[];
  readonly rounds: readonly Round[];
}

/** Pairs beyond which the interval narrows too slowly to be worth the time. */
const MAX_PAIRS = 25;

/** Both start afresh, so that neither is warmer than the other. The number of pairs follows the time alone, never the figures. */
export async function validate(input: ValidateInput): Promise<Validation> {
  const { rig, partition, standard, choice, rules, elapsed, endMs } = input;
  for (const candidate of [standard, choice]) await rig.release(candidate);
  const rounds: Round[] = [];
  let roundMs = 0;
  while (rounds.length < MAX_PAIRS && elapsed() + roundMs <= endMs) {
    const round = await measureRound(rig, [standard, choice], partition, rounds.length);
    roundMs = roundLength(round);
    rounds.push(round);
  }
  const verdict = judge(rounds, choice, standard, standard, rules);
  const outcome =
    rounds.length < fewestValues(rules.confidence) ? 'too-few' : verdict.isBetter ? 'better' : 'not-better';
  const others = OBJECTIVES.filter((figure) => figure !== rules.objective).map((figure) => {
    const ratios = pairedRatios(rounds, choice, standard, figure);
    return { figure, ratio: ratios.length === 0 ? Number.NaN : median(ratios) };
  });
  return { outcome, verdict, others, rounds };
}
