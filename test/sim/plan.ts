/** A history before it is played: how the index is set up, what lands in the source, and which faults happen when. All from one seed. */
import type { CoverageRule } from '#src/partition/coverage.js';
import { OBJECTS } from './corpus.js';
import type { CallFault } from './faults.js';
import { planSource, type SourceEvent } from './plan-source.js';
import { type Random, seededRandom } from './random.js';

export const SLOT_MS = 60_000;
export const EVERY_MS = 50_000;
export const START_MS = Date.UTC(2026, 4, 4, 1);
export const MAX_FUTURE_SKEW_MS = 600_000;

export interface SimConfig {
  readonly coverage: CoverageRule;
  readonly replace: 'record' | 'group';
  readonly versioned: boolean;
  readonly settleMs: number;
  readonly marker: boolean;
  readonly onBadPartition: 'passOver' | 'hold';
  /** How long what is superseded is kept, where the daemon collects it; undefined = for ever. */
  readonly keepMs: number | undefined;
  /** The store tells times in whole seconds. */
  readonly coarseTimes: boolean;
}

/** Something that goes wrong, or that an operator does, at an instant or in a window of time. */
export type Incident =
  | {
      readonly kind: 'calls';
      readonly fault: CallFault;
      readonly at: number;
      readonly ms: number;
      readonly rate: number;
    }
  | {
      readonly kind: 'crash';
      readonly at: number;
      readonly calls: number;
      readonly side: 'before' | 'after' | 'zombie';
    }
  | { readonly kind: 'pause'; readonly at: number; readonly calls: number; readonly ms: number }
  | { readonly kind: 'second'; readonly at: number }
  | { readonly kind: 'skew'; readonly at: number; readonly ms: number }
  | { readonly kind: 'outage'; readonly at: number; readonly ms: number }
  | { readonly kind: 'base'; readonly at: number }
  | { readonly kind: 'rollback'; readonly at: number; readonly back: number; readonly resumeAfterMs: number }
  | { readonly kind: 'loseCommit'; readonly at: number }
  | { readonly kind: 'reader'; readonly at: number; readonly everyMs: number }
  | { readonly kind: 'rewriteOnRead'; readonly at: number; readonly number: number };

export interface Plan {
  readonly seed: number;
  readonly config: SimConfig;
  readonly source: readonly SourceEvent[];
  readonly incidents: readonly Incident[];
  /** When all faults are over and the source is whole again. */
  readonly calmAt: number;
}

export function planHistory(seed: number): Plan {
  const random = seededRandom(seed);
  const config = planConfig(random);
  const slots = random.chance(0.25) ? 4 : 3;
  const { events, lastSlot } = planSource(random, config, slots);
  const calmAt = START_MS + (lastSlot + 1) * SLOT_MS + 20_000;
  return { seed, config, source: events, incidents: planIncidents(random, calmAt), calmAt };
}

function planConfig(random: Random): SimConfig {
  const mode = random.pick(['disjoint', 'windowed', 'windowed', 'cumulative'] as const);
  const onGap = random.pick(['widen', 'widen', 'publish', 'refuse'] as const);
  const spanMs = (2 + random.int(2)) * SLOT_MS;
  const coverage: CoverageRule = mode === 'disjoint' ? { mode, onGap } : { mode, spanMs, onGap };
  return {
    coverage,
    // A cumulative partition repeats changes, so only records with a version tell which one is the newest.
    replace: mode !== 'cumulative' && random.chance(0.4) ? 'group' : 'record',
    versioned: mode === 'cumulative' || random.chance(0.6),
    settleMs: random.pick([0, 5_000, 12_000]),
    marker: random.chance(0.3),
    onBadPartition: random.chance(0.25) ? 'hold' : 'passOver',
    coarseTimes: random.chance(0.4),
    keepMs: random.chance(0.25) ? random.between(90_000, 150_000) : undefined,
  };
}

const WINDOWED_FAULTS: readonly CallFault[] = [
  'slow',
  'error500',
  'throttled503',
  'conflict409',
  'lostRequest',
  'lostAnswer',
  'cutAnswer',
  'shortPage',
  'staleListing',
  'unordered',
  'deadThread',
];

function planIncidents(random: Random, calmAt: number): Incident[] {
  const incidents: Incident[] = [];
  const instant = () => random.between(START_MS, calmAt - 1_000);
  const times = (probability: number, most: number, make: () => Incident) => {
    if (!random.chance(probability)) return;
    for (let i = 1 + random.int(most); i > 0; i--) incidents.push(make());
  };
  for (const fault of WINDOWED_FAULTS) {
    const make = () => {
      const at = instant();
      const ms = Math.min(calmAt - at, random.between(3_000, 90_000));
      return { kind: 'calls', fault, at, ms, rate: random.pick([0.03, 0.1, 0.3, 0.6]) } as const;
    };
    times(0.18, 2, make);
  }
  times(0.6, 3, () => {
    const side = random.pick(['before', 'after', 'zombie'] as const);
    return { kind: 'crash', at: instant(), calls: random.int(70), side };
  });
  times(0.45, 2, () => ({ kind: 'pause', at: instant(), calls: random.int(60), ms: random.between(2_000, 150_000) }));
  times(0.3, 1, () => ({ kind: 'second', at: instant() }));
  // Two that start at once, and one that takes over while the other stands still in the middle of its work.
  times(0.12, 1, () => ({ kind: 'second', at: START_MS + random.between(0, 300) }));
  if (random.chance(0.25)) {
    const at = random.between(START_MS + EVERY_MS, calmAt - 2 * EVERY_MS);
    incidents.push({ kind: 'pause', at, calls: random.int(40), ms: random.between(EVERY_MS, 3 * EVERY_MS) });
    incidents.push({ kind: 'second', at: at + random.between(0, EVERY_MS) });
  }
  times(0.3, 2, () => ({ kind: 'skew', at: instant(), ms: random.between(-300_000, 300_000) }));
  times(0.08, 1, () => ({ kind: 'skew', at: instant(), ms: -3_600_000 }));
  times(0.08, 1, () => ({ kind: 'outage', at: START_MS + random.between(20_000, 100_000), ms: 4 * SLOT_MS }));
  times(0.5, 2, () => ({ kind: 'base', at: instant() }));
  times(0.3, 1, () => ({
    kind: 'rollback',
    at: random.between(START_MS + 2 * SLOT_MS, calmAt),
    back: 1 + random.int(3),
    resumeAfterMs: random.between(1_000, 120_000),
  }));
  times(0.3, 1, () => ({ kind: 'reader', at: instant(), everyMs: random.between(5_000, 60_000) }));
  times(0.15, 1, () => ({ kind: 'loseCommit', at: instant() }));
  times(0.35, 2, () => ({ kind: 'rewriteOnRead', at: instant(), number: random.int(OBJECTS) }));
  return incidents;
}
