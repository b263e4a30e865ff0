/**
 * Rounds of interleaved measurements, and what they say. In one round every candidate is built once; only figures of one round are
 * ever held against each other, so that whatever slows the machine for a while slows both sides of a ratio.
 */

import { type Candidate, candidateKey } from './candidate.js';
import { type MedianInterval, median, medianInterval } from './interval.js';
import type { Measurement, Rig } from './measurement.js';
import { figureOf, guardsOf, leastGain, type Objective } from './objective.js';

/** By `candidateKey`. */
export type Round = ReadonlyMap<string, Measurement>;

/**
 * Builds every candidate once. Every order is followed by its reverse and then turned by one: nobody always goes first, and a
 * drift that is steady over two rounds cancels (ABBA).
 */
export async function measureRound(
  rig: Rig,
  candidates: readonly Candidate[],
  partition: number,
  turn: number,
): Promise<Round> {
  const shift = (turn >> 1) % candidates.length;
  const turned = [...candidates.slice(shift), ...candidates.slice(0, shift)];
  if (turn % 2 === 1) turned.reverse();
  const round = new Map<string, Measurement>();
  for (const candidate of turned) round.set(candidateKey(candidate), await rig.measure(candidate, partition));
  return round;
}

/** How long a round like this one takes once everybody is warm, ms. */
export function roundLength(round: Round): number {
  return [...round.values()].reduce((sum, { latencyMs }) => sum + latencyMs, 0);
}

/** Figures of `candidate` over those of `other`, one a round that has both. */
export function pairedRatios(
  rounds: readonly Round[],
  candidate: Candidate,
  other: Candidate,
  objective: Objective,
): number[] {
  const [key, otherKey] = [candidateKey(candidate), candidateKey(other)];
  return rounds.flatMap((round) => {
    const [mine, theirs] = [round.get(key), round.get(otherKey)];
    return mine === undefined || theirs === undefined ? [] : [figureOf(objective, mine) / figureOf(objective, theirs)];
  });
}

/** Every measurement of a candidate, in the order of the rounds. */
export function measurementsOf(rounds: readonly Round[], candidate: Candidate): Measurement[] {
  const key = candidateKey(candidate);
  return rounds.flatMap((round) => round.get(key) ?? []);
}

export interface Verdict {
  /** Of the objective's figure, candidate over other. */
  readonly ratio: MedianInterval;
  /** Figures beyond the slack, with their median ratio. */
  readonly spoiled: readonly { readonly figure: Objective; readonly ratio: number }[];
  /** Better beyond the noise, by enough to matter, and nothing spoiled. */
  readonly isBetter: boolean;
}

export interface JudgeRules {
  readonly objective: Objective;
  /** How much worse, as a ratio, a guarded figure may get: 0.25 = by a quarter, against `guardedBy`. */
  readonly slack: number;
  readonly confidence: number;
}

/** Holds a candidate against another by the rounds that have both; guarded figures are held against the default's. */
export function judge(
  rounds: readonly Round[],
  candidate: Candidate,
  other: Candidate,
  standard: Candidate,
  rules: JudgeRules,
): Verdict {
  const { objective, slack, confidence } = rules;
  const ratio = medianInterval(pairedRatios(rounds, candidate, other, objective), confidence);
  const spoiled = guardsOf(objective).flatMap((figure) => {
    const ratios = pairedRatios(rounds, candidate, standard, figure);
    const worse = ratios.length === 0 ? Number.POSITIVE_INFINITY : median(ratios);
    return worse > 1 + slack ? [{ figure, ratio: worse }] : [];
  });
  const isBetter = ratio.high < 1 && ratio.median <= 1 - leastGain(objective) && spoiled.length === 0;
  return { ratio, spoiled, isBetter };
}
