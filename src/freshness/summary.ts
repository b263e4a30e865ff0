/** Freshness of a day in a few numbers. */

import type { Arrival } from './arrivals.js';

/** A partition and when it was to be seen; ms since the epoch. */
export interface Seen extends Omit<Arrival, 'docs'> {
  /** The commit that made it visible. */
  readonly visibleAt: number;
}

export interface Spread {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly worstMs: number;
}

export interface FreshnessSummary {
  readonly partitions: number;
  /** First answer minus LastModified of the partition's last object. */
  readonly freshness: Spread;
  /** First answer minus partition time: the slot's own length and the exporter's time are in it. */
  readonly lag: Spread;
  /** First answer minus the end of its slot: what a pipeline can do something about. */
  readonly latency: Spread;
}

export function summarize(seen: readonly Seen[]): FreshnessSummary {
  return {
    partitions: seen.length,
    freshness: spreadOf(seen.map(({ landedAt, visibleAt }) => visibleAt - landedAt)),
    lag: spreadOf(seen.map(({ time, visibleAt }) => visibleAt - time)),
    latency: spreadOf(seen.map(({ endsAt, visibleAt }) => visibleAt - endsAt)),
  };
}

/** By nearest rank: every figure is one that occurred. NaN where there are none. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const rank = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
  return { p50Ms: rank(0.5), p99Ms: rank(0.99), worstMs: rank(1) };
}
