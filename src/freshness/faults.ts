/** What goes wrong in a replayed day: one seeded plan, put to the batch job and to the daemon alike. */
import { createRandom } from '../gen/random.js';
import type { Arrival } from './arrivals.js';

/** Times in ms since the epoch. */
export type Fault =
  /** The object store answers nothing. */
  | { readonly kind: 'outage'; readonly from: number; readonly to: number }
  /** Every run takes `factor` times as long: a neighbour has the machine. */
  | { readonly kind: 'slow'; readonly from: number; readonly to: number; readonly factor: number }
  /** The exporter stands still, and then lands all it held back. */
  | { readonly kind: 'lag'; readonly from: number; readonly to: number }
  /** The process is killed. */
  | { readonly kind: 'kill'; readonly from: number; readonly to: number }
  /** The process stands still, as when its machine swaps or is paused. */
  | { readonly kind: 'stall'; readonly from: number; readonly to: number }
  /** The daemon's planned restart; a batch job has none. */
  | { readonly kind: 'restart'; readonly from: number; readonly to: number };

const SECOND_MS = 1_000;
const HOUR_MS = 3_600 * SECOND_MS;
const RESTART_EVERY_MS = 6 * HOUR_MS;
const KILLS = 6;
const OUTAGES = 3;
const STALLS = 3;
const FAULT_STREAM = 2;

/**
 * The plan of a day. Kills strike within a quarter of a minute after a partition has landed, where they are most likely to meet work
 * under way.
 */
export function planFaults(arrivals: readonly Arrival[], seed: number): Fault[] {
  const random = createRandom(seed, FAULT_STREAM);
  const first = arrivals[0]!.landedAt;
  const last = arrivals.at(-1)!.landedAt;
  const anywhere = () => first + random.below(Math.max(1, last - first));
  const span = (kind: 'outage' | 'stall', least: number, most: number): Fault => {
    const from = anywhere();
    return { kind, from, to: from + least + random.below(most - least) };
  };
  const faults: Fault[] = [];
  for (let i = 0; i < OUTAGES; i++) faults.push(span('outage', 60 * SECOND_MS, 180 * SECOND_MS));
  for (let i = 0; i < STALLS; i++) faults.push(span('stall', 10 * SECOND_MS, 40 * SECOND_MS));
  for (let i = 0; i < KILLS; i++) {
    const { landedAt } = arrivals[random.below(arrivals.length)]!;
    const from = landedAt + random.below(15 * SECOND_MS);
    faults.push({ kind: 'kill', from, to: from });
  }
  const slow = anywhere();
  faults.push({ kind: 'slow', from: slow, to: slow + HOUR_MS, factor: 3 });
  const lag = anywhere();
  faults.push({ kind: 'lag', from: lag, to: lag + 25 * 60 * SECOND_MS });
  for (let at = arrivals[0]!.time + RESTART_EVERY_MS; at < last; at += RESTART_EVERY_MS) {
    faults.push({ kind: 'restart', from: at, to: at });
  }
  return faults.sort((a, b) => a.from - b.from);
}

/** Whether the store is away at an instant. */
export function isAway(faults: readonly Fault[], now: number): boolean {
  return faults.some(({ kind, from, to }) => kind === 'outage' && now >= from && now < to);
}

/** How much longer work takes at an instant. */
export function slowness(faults: readonly Fault[], now: number): number {
  const slow = faults.find((fault) => fault.kind === 'slow' && now >= fault.from && now < fault.to);
  return slow?.kind === 'slow' ? slow.factor : 1;
}

/** Whether nothing went wrong between `marginMs` before an arrival and its being seen: what holds then is the plain rule. */
export function isUndisturbed(
  faults: readonly Fault[],
  landedAt: number,
  visibleAt: number,
  marginMs: number,
): boolean {
  return faults.every(({ from, to }) => to + marginMs <= landedAt || from >= visibleAt);
}
