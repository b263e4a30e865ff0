/**
 * A race along one knob: the incumbent against some challengers, by successive halving (Jamieson and Talwalkar, 2016). Dropping a
 * challenger early costs at most a chance; naming a winner happens once, at the end, over all of its pairs.
 */

import { type Candidate, isSame } from './candidate.js';
import { fewestValues, median } from './interval.js';
import type { Rig } from './measurement.js';
import { type JudgeRules, judge, measureRound, pairedRatios, type Round, roundLength, type Verdict } from './rounds.js';

export interface RaceInput {
  readonly rig: Rig;
  readonly partition: number;
  /** What every figure is told against; built in every round. */
  readonly standard: Candidate;
  /** The best so far. */
  readonly incumbent: Candidate;
  readonly challengers: readonly Candidate[];
  readonly rules: JudgeRules;
  /** Monotonic clock, ms. */
  readonly elapsed: () => number;
  /** No round is begun that would end behind this time. */
  readonly endMs: number;
}

export interface RaceResult {
  readonly rounds: readonly Round[];
  /** The winner, or the incumbent where nobody beat it. */
  readonly best: Candidate;
  /** The last challenger standing; undefined where there was none. */
  readonly finalist: { readonly candidate: Candidate; readonly verdict: Verdict } | undefined;
  /** Whether there were pairs enough to say anything. */
  readonly isDecided: boolean;
}

/** Rounds after which the worse half leaves. */
const HALVING_ROUNDS = 3;
/** Pairs beyond which the interval narrows too slowly to be worth the time. */
const MAX_PAIRS = 15;

/** The confidence at which one of `challengers` is named: the chance of a wrong name is shared among them (Bonferroni). */
function sharedConfidence(confidence: number, challengers: number): number {
  return 1 - (1 - confidence) / Math.max(1, challengers);
}

/** Rounds below which no challenger can win. */
export function fewestRounds(confidence: number, challengers: number): number {
  return fewestValues(sharedConfidence(confidence, challengers));
}

/** Builds of a race whose last challenger gets that many pairs. */
export function raceBuilds(pairs: number, challengers: number, others: number): number {
  let [builds, standing] = [0, challengers];
  for (let round = 1; round <= pairs; round++) {
    builds += standing + others;
    if (round % HALVING_ROUNDS === 0) standing = Math.ceil(standing / 2);
  }
  return builds;
}

export async function race(input: RaceInput): Promise<RaceResult> {
  const { rig, standard, incumbent, rules, elapsed, endMs } = input;
  const confidence = sharedConfidence(rules.confidence, input.challengers.length);
  const fixed = isSame(standard, incumbent) ? [incumbent] : [standard, incumbent];
  const rounds: Round[] = [];
  let standing = input.challengers;
  let roundMs = 0;
  while (standing.length > 0 && rounds.length < MAX_PAIRS && elapsed() + roundMs <= endMs) {
    const round = await measureRound(rig, [...fixed, ...standing], input.partition, rounds.length);
    rounds.push(round);
    roundMs = roundLength(round);
    if (rounds.length % HALVING_ROUNDS !== 0 || standing.length === 1) continue;
    const kept = betterHalf(rounds, standing, input);
    for (const candidate of standing) if (!kept.includes(candidate)) await rig.release(candidate);
    standing = kept;
  }
  const verdicts = standing.map((candidate) => ({
    candidate,
    verdict: judge(rounds, candidate, incumbent, standard, { ...rules, confidence }),
  }));
  const ranked = verdicts.sort((a, b) => a.verdict.ratio.median - b.verdict.ratio.median);
  const winner = ranked.find(({ verdict }) => verdict.isBetter);
  const best = winner?.candidate ?? incumbent;
  for (const candidate of [...standing, incumbent]) {
    if (!isSame(candidate, best) && !isSame(candidate, standard)) await rig.release(candidate);
  }
  const isDecided = rounds.length >= fewestValues(confidence);
  return { rounds, best, finalist: winner ?? ranked[0], isDecided };
}

/** Those that spoil nothing go first, then the smaller median ratio: what is out of bounds cannot win, however fast it is. */
function betterHalf(rounds: readonly Round[], standing: readonly Candidate[], input: RaceInput): Candidate[] {
  const { incumbent, standard, rules } = input;
  const scored = standing.map((candidate) => ({
    candidate,
    isSpoiled: judge(rounds, candidate, incumbent, standard, rules).spoiled.length > 0,
    ratio: median(pairedRatios(rounds, candidate, incumbent, rules.objective)),
  }));
  scored.sort((a, b) => Number(a.isSpoiled) - Number(b.isSpoiled) || a.ratio - b.ratio);
  return scored.slice(0, Math.ceil(standing.length / 2)).map(({ candidate }) => candidate);
}
