/**
 * The degrade ladder: what a run gives up, step by step, when it would miss its deadline. No step loses a document; each is taken
 * before the work begins, on top of those before it, and only where it is predicted to save time.
 *
 * 1. `stored-fast`: new parts keep their stored fields by a cheaper compression. Larger files, the same answers.
 * 2. `tiered`: new parts stand beside the delta as segments of their own; the fold is left for later. The same answers, one more
 *    segment to search.
 * 3. `fewer-partitions`: of several partitions that wait, the oldest are committed now and the rest at the next tick. The watermark
 *    rises less far, but it rises, and what lies before it is whole.
 */
import type { Prediction } from './cost-model.js';

export const LADDER = ['stored-fast', 'tiered', 'fewer-partitions'] as const;

export type DegradeStep = (typeof LADDER)[number];

/** How a run goes about its work. */
export interface Way {
  readonly steps: readonly DegradeStep[];
  /** With `fewer-partitions`: the newest partition committed now, ms since the epoch. */
  readonly until?: number | undefined;
}

/** One way that was looked at. */
export interface ConsideredWay extends Way {
  /** Without the safety factor. */
  readonly predictedMs: number;
  readonly fits: boolean;
}

export interface LadderInput {
  /** ms until the deadline. */
  readonly remainingMs: number;
  readonly safety: number;
  /** Steps that this index and this run can take. */
  readonly available: ReadonlySet<DegradeStep>;
  /** Times that a run with fewer partitions could end at, newest first. */
  readonly cuts: readonly number[];
  predict(way: Way): Prediction;
}

export interface LadderDecision {
  readonly way: Way;
  readonly prediction: Prediction;
  readonly fits: boolean;
  /** In the order looked at, the chosen one among them. */
  readonly considered: readonly ConsideredWay[];
}

/** A step that saves less than this share of the run is not worth what it gives up. */
const MIN_SAVING = 0.01;

/** The first way down the ladder that fits; where none does, the one that is late by least. */
export function climb(input: LadderInput): LadderDecision {
  const considered: ConsideredWay[] = [];
  const look = (way: Way) => {
    const prediction = input.predict(way);
    const fits = prediction.totalMs * input.safety <= input.remainingMs;
    considered.push({ ...way, predictedMs: prediction.totalMs, fits });
    return { way, prediction, fits };
  };
  let best = look({ steps: [] });
  for (const step of LADDER) {
    if (best.fits) break;
    if (!input.available.has(step)) continue;
    const steps = [...best.way.steps, step];
    const next = step === 'fewer-partitions' ? lookAtCuts(input.cuts, steps, look) : look({ steps });
    if (next !== undefined && next.prediction.totalMs <= best.prediction.totalMs * (1 - MIN_SAVING)) best = next;
  }
  return { ...best, considered };
}

/** The newest cut that fits, or else the oldest one: halving finds it, since less work never takes longer. */
function lookAtCuts<Looked extends { readonly fits: boolean }>(
  cuts: readonly number[],
  steps: readonly DegradeStep[],
  look: (way: Way) => Looked,
): Looked | undefined {
  if (cuts.length === 0) return undefined;
  let low = 0;
  let high = cuts.length - 1;
  let found = look({ steps, until: cuts[high]! });
  if (!found.fits) return found;
  while (low < high) {
    const middle = (low + high) >> 1;
    const looked = look({ steps, until: cuts[middle]! });
    if (looked.fits) [high, found] = [middle, looked];
    else low = middle + 1;
  }
  return found;
}
