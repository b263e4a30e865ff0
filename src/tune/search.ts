/** Coordinate descent: one knob after the other, each by a race from the best so far, until the time for searching is used up. */

import { type Candidate, isSame, type Knob, neighbours, type SearchSpace } from './candidate.js';
import { median } from './interval.js';
import type { Rig } from './measurement.js';
import type { Objective } from './objective.js';
import { fewestRounds, race, raceBuilds } from './race.js';
import { type JudgeRules, measurementsOf, measureRound, type Round, roundLength, type Verdict } from './rounds.js';

export interface SearchInput {
  readonly rig: Rig;
  readonly partition: number;
  readonly standard: Candidate;
  readonly space: SearchSpace;
  readonly rules: JudgeRules;
  /** Monotonic clock, ms. */
  readonly elapsed: () => number;
  readonly endMs: number;
  readonly onStep?: (knob: Knob, challengers: number) => void;
}

/** What became of one knob. */
export interface SearchStep {
  readonly knob: Knob;
  readonly challengers: number;
  /** Values that the time did not suffice for. */
  readonly untried: number;
  readonly from: Candidate;
  readonly best: Candidate;
  readonly finalist: { readonly candidate: Candidate; readonly verdict: Verdict } | undefined;
  /** Whether there were pairs enough to say anything. */
  readonly isDecided: boolean;
}

export interface SearchResult {
  readonly best: Candidate;
  readonly steps: readonly SearchStep[];
  readonly rounds: readonly Round[];
  /** All that were measured, the standard first. */
  readonly candidates: readonly Candidate[];
}

/**
 * Pairs that a race's last challenger should get: with fewer, one build that was disturbed hides a gain (the interval of 12 may leave one
 * out at each end, that of 6 none). On the tests' synthetic machine, planning for the fewest found 15 of 60 gains of 20 % along the shard
 * size (that of the second value tried) instead of 56.
 */
const PLANNED_PAIRS = 12;

/** Builds of the standard before anything else: their median tells how many candidates the time suffices for. */
const FIRST_BUILDS = 3;

/** Threads first: the best shard size depends on them, and the codec on nothing. Only the codec moves the size. */
export function knobsOf(objective: Objective): readonly Knob[] {
  return objective === 'size' ? ['stored'] : ['threads', 'shardBytes', 'stored'];
}

/** Searches around the standard. Where nothing beats it, it is the best itself. */
export async function search(input: SearchInput): Promise<SearchResult> {
  const { rig, partition, standard, space, rules, elapsed, endMs } = input;
  const knobs = knobsOf(rules.objective);
  const steps: SearchStep[] = [];
  const begunMs = elapsed();
  const rounds: Round[] = [await measureRound(rig, [standard], partition, 0)];
  // What every candidate's first build takes on top of its own time: a process, threads, kernels, warming up, a look at the result.
  const warmUpMs = Math.max(0, elapsed() - begunMs - roundLength(rounds[0]!));
  while (rounds.length < FIRST_BUILDS) rounds.push(await measureRound(rig, [standard], partition, rounds.length));
  const candidates = [standard];
  let best = standard;
  for (const [i, knob] of knobs.entries()) {
    const from = best;
    const all = ordered(neighbours(from, knob, space), rules.objective);
    const share = (endMs - elapsed()) / (knobs.length - i);
    const buildMs = median(measurementsOf(rounds, standard).map(({ latencyMs }) => latencyMs));
    const others = isSame(from, standard) ? 1 : 2;
    const challengers = all.slice(0, affordable(all.length, others, share, { buildMs, warmUpMs }, rules));
    input.onStep?.(knob, challengers.length);
    const result = await race({
      ...{ rig, partition, standard, incumbent: from, challengers, rules, elapsed },
      endMs: elapsed() + share,
    });
    rounds.push(...result.rounds);
    candidates.push(...challengers);
    best = result.best;
    const { finalist, isDecided } = result;
    const untried = all.length - challengers.length;
    steps.push({ knob, challengers: challengers.length, untried, from, best, finalist, isDecided });
  }
  return { best, steps, rounds, candidates };
}

/** For the size the highest levels come first, since they are the ones that can win. */
function ordered(candidates: readonly Candidate[], objective: Objective): Candidate[] {
  if (objective !== 'size') return [...candidates];
  return candidates.toSorted((a, b) => b.stored.level - a.stored.level);
}

/**
 * How many challengers a share of the time suffices for: so many that the last one gets the pairs it should have, or else one with
 * the fewest that can tell anything. Bytes have no noise: for them the fewest are enough.
 */
function affordable(
  count: number,
  others: number,
  shareMs: number,
  cost: { readonly buildMs: number; readonly warmUpMs: number },
  { objective, confidence }: JudgeRules,
): number {
  const isWithin = (pairs: number, challengers: number) =>
    challengers * cost.warmUpMs + raceBuilds(pairs, challengers, others) * cost.buildMs <= shareMs;
  const planned = (challengers: number) =>
    objective === 'size' ? fewestRounds(confidence, challengers) : PLANNED_PAIRS;
  let challengers = count;
  while (challengers > 0 && !isWithin(planned(challengers), challengers)) challengers--;
  return challengers === 0 && count > 0 && isWithin(fewestRounds(confidence, 1), 1) ? 1 : challengers;
}
