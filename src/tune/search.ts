/** Coordinate descent: one knob after the other, each by a race from the best so far, until the time for searching is used up. */

import { type Candidate, isSame, type Knob, neighbours, type SearchSpace } from './candidate.js';
import { median } from './interval.js';
import type { Rig } from './measurement.js';
import type { Objective } from './objective.js';
import { fewestBuilds, race } from './race.js';
import { type JudgeRules, measurementsOf, measureRound, type Round, type Verdict } from './rounds.js';

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

/** What the first build of a candidate takes on top of its time: a process, threads, kernels, warming up. In builds. */
const WARM_UP_BUILDS = 3;
/** And at least so many ms. */
const WARM_UP_MS = 800;

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
  const rounds: Round[] = [];
  for (let i = 0; i < FIRST_BUILDS; i++) rounds.push(await measureRound(rig, [standard], partition, i));
  const candidates = [standard];
  let best = standard;
  for (const [i, knob] of knobs.entries()) {
    const from = best;
    const all = neighbours(from, knob, space);
    const share = (endMs - elapsed()) / (knobs.length - i);
    const buildMs = median(measurementsOf(rounds, standard).map(({ latencyMs }) => latencyMs));
    const others = isSame(from, standard) ? 1 : 2;
    const challengers = all.slice(0, affordable(all.length, others, share, buildMs, rules.confidence));
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

/** How many challengers a share of the time suffices for. */
function affordable(count: number, others: number, shareMs: number, buildMs: number, confidence: number): number {
  const costMs = (challengers: number) =>
    challengers * Math.max(WARM_UP_MS, WARM_UP_BUILDS * buildMs) +
    fewestBuilds(confidence, challengers, others) * buildMs;
  let challengers = count;
  while (challengers > 0 && costMs(challengers) > shareMs) challengers--;
  return challengers;
}
