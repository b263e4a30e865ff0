/**
 * What a run will take, before it begins: amounts of work times rates that past runs of this index have taught.
 *
 * Each cost has one or two amounts. The defaults stand in until there are samples: of the order that builds of 200,000 generated
 * documents take on two threads (docs/performance.md), rounded up; a machine ten times slower is learned from its first run.
 */
import { dot, fitRates, quantile, type Sample } from './linear-fit.js';

/** The phases that can be predicted once the selection is known; selecting itself has been paid for by then. */
export const PREDICTED_PHASES = ['read', 'build', 'merge', 'seal', 'commit'] as const;

export type PredictedPhase = (typeof PREDICTED_PHASES)[number];

/** What a run has to do. */
export interface Work {
  /** Partitions of the delta, cached or not: each part is looked up. */
  readonly partitions: number;
  /** Parts to build, their objects and the objects' bytes. */
  readonly newParts: number;
  readonly objects: number;
  readonly inputBytes: number;
  /** Whether new parts are written by the cheaper compression. */
  readonly isStoredFast: boolean;
  /** Segments that are merged into one; 0 where nothing is merged. */
  readonly mergeInputs: number;
  /** Bytes of those that exist already. */
  readonly mergeBytes: number;
  /** New parts among the merged ones: they add their bytes, as far as those can be foretold. */
  readonly mergesNew: boolean;
  /** Documents that are new to the delta and exist already: kills are resolved by the keys of what is new. */
  readonly keys: number;
}

interface CostRule {
  /** ms a unit of each amount (of a yield: its own unit). */
  readonly defaults: readonly number[];
}

/**
 * `write` and `writeFast` = the shards of a new part merged and written, with the configured compression and with the cheaper one;
 * `merge` = parts to delta; `lookup` = records of parts; `partBytes` and `partDocs` = what a byte of input becomes.
 */
export const COSTS = {
  lookup: { defaults: [0.15] },
  read: { defaults: [2] },
  build: { defaults: [4, 12e-6] },
  write: { defaults: [12, 5e-6] },
  writeFast: { defaults: [12, 4.5e-6] },
  merge: { defaults: [3, 6e-6] },
  seal: { defaults: [4, 0.3e-3] },
  commit: { defaults: [6] },
  partBytes: { defaults: [1] },
  partDocs: { defaults: [1 / 130] },
} as const satisfies Readonly<Record<string, CostRule>>;

export type CostName = keyof typeof COSTS;

export const COST_NAMES = Object.keys(COSTS) as readonly CostName[];

/** What past runs came to, newest last. */
export interface CostHistory {
  readonly samples: Readonly<Partial<Record<CostName, readonly Sample[]>>>;
  /** Measured over predicted time of whole runs. */
  readonly ratios: readonly number[];
}

export const NO_HISTORY: CostHistory = { samples: {}, ratios: [] };

/** Rates, and how far past predictions fell short. */
export interface CostModel {
  readonly rates: Readonly<Record<CostName, readonly number[]>>;
  /** Predictions are multiplied by this before anything is decided: four of five past runs stayed below. */
  readonly safety: number;
  /** Samples behind the rates of building: none = defaults. */
  readonly samples: number;
}

/** Until enough runs were predicted. */
const DEFAULT_SAFETY = 1.25;
const MIN_RATIOS = 5;
const SAFETY_SHARE = 0.8;
const MAX_SAFETY = 3;
/** The cheaper compression is at most this much dearer than the usual one: a lone spoilt sample is no reason never to use it again. */
const MAX_FAST_SHARE = 1;

export function fitModel({ samples, ratios }: CostHistory): CostModel {
  const rates = Object.fromEntries(
    COST_NAMES.map((name) => [name, fitRates(COSTS[name].defaults, samples[name] ?? [])]),
  ) as Record<CostName, readonly number[]>;
  if ((samples.writeFast?.length ?? 0) === 0) {
    const share = COSTS.writeFast.defaults[1] / COSTS.write.defaults[1];
    rates.writeFast = [rates.write[0]!, rates.write[1]! * share];
  }
  rates.writeFast = rates.writeFast.map((rate, i) => Math.min(rate, rates.write[i]! * MAX_FAST_SHARE));
  const usable = ratios.filter((ratio) => Number.isFinite(ratio) && ratio > 0);
  const safety = usable.length < MIN_RATIOS ? DEFAULT_SAFETY : quantile(usable, SAFETY_SHARE)!;
  return { rates, safety: Math.min(MAX_SAFETY, Math.max(1, safety)), samples: samples.build?.length ?? 0 };
}

/** What a run is expected to take. */
export interface Prediction {
  /** ms each. Looking parts up counts as reading. */
  readonly phases: Readonly<Record<PredictedPhase, number>>;
  readonly totalMs: number;
}

export function predict({ rates }: CostModel, work: Work): Prediction {
  const cost = (name: CostName, ...amounts: readonly number[]) => dot(rates[name], amounts);
  const newBytes = cost('partBytes', work.inputBytes);
  const newDocs = cost('partDocs', work.inputBytes);
  const mergeBytes = work.mergeBytes + (work.mergesNew ? newBytes : 0);
  const isBuilding = work.newParts > 0;
  const write = work.isStoredFast ? 'writeFast' : 'write';
  const phases = {
    read: cost('lookup', work.partitions) + (isBuilding ? cost('read', work.objects) : 0),
    build: isBuilding ? cost('build', work.newParts, work.inputBytes) : 0,
    merge:
      (isBuilding ? cost(write, work.newParts, work.inputBytes) : 0) +
      (work.mergeInputs > 1 ? cost('merge', work.mergeInputs, mergeBytes) : 0),
    seal: cost('seal', 1, work.keys + newDocs),
    commit: cost('commit', 1),
  };
  return { phases, totalMs: PREDICTED_PHASES.reduce((sum, phase) => sum + phases[phase], 0) };
}
