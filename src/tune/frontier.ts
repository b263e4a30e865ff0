/** What every candidate costs, told against the standard, and which of them no other one beats in everything. */

import { type Candidate, candidateKey } from './candidate.js';
import { type MedianInterval, median, medianInterval } from './interval.js';
import type { Measurement } from './measurement.js';
import { figureOf, type Objective } from './objective.js';
import { measurementsOf, pairedRatios, type Round } from './rounds.js';

/**
 * One line of the table. Latency and CPU time are the standard's median times the median paired ratio: figures as if all had
 * been measured at the same time.
 */
export interface Standing {
  readonly candidate: Candidate;
  readonly latencyMs: number;
  readonly segmentBytes: number;
  readonly cpuMs: number;
  readonly peakBytes: number;
  readonly shards: number;
  /** Latency over the standard's. */
  readonly latencyRatio: MedianInterval;
  readonly pairs: number;
  /** Whether it has pairs enough, and no other candidate is at least as good in latency, size and CPU time and better in one of them. */
  readonly isOnFrontier: boolean;
}

/** Confidence of the intervals in the table. */
const TABLE_CONFIDENCE = 0.9;

/** Pairs below which a figure is no figure: neither on the frontier nor in the way of another. */
const LEAST_PAIRS = 3;

/** Fastest first. */
export function standings(
  rounds: readonly Round[],
  candidates: readonly Candidate[],
  standard: Candidate,
): readonly Standing[] {
  const distinct = [...new Map(candidates.map((candidate) => [candidateKey(candidate), candidate])).values()];
  const base = measurementsOf(rounds, standard);
  const rows = distinct
    .map((candidate) => standingOf(rounds, candidate, standard, base))
    .filter((row) => row !== undefined)
    .sort((a, b) => a.latencyMs - b.latencyMs);
  const known = rows.filter(({ pairs }) => pairs >= LEAST_PAIRS);
  return rows.map((row) => ({
    ...row,
    isOnFrontier: known.includes(row) && !known.some((other) => beats(other, row)),
  }));
}

function standingOf(
  rounds: readonly Round[],
  candidate: Candidate,
  standard: Candidate,
  base: readonly Measurement[],
): Omit<Standing, 'isOnFrontier'> | undefined {
  const own = measurementsOf(rounds, candidate);
  const ratios = (figure: Objective) => pairedRatios(rounds, candidate, standard, figure);
  const pairs = ratios('latency').length;
  if (own.length === 0 || pairs === 0) return undefined;
  const figure = (name: Objective) =>
    median(base.map((measurement) => figureOf(name, measurement))) * median(ratios(name));
  const last = own.at(-1)!;
  return {
    candidate,
    latencyMs: figure('latency'),
    segmentBytes: last.segmentBytes,
    cpuMs: figure('cost'),
    peakBytes: last.peakBytes,
    shards: last.shards,
    latencyRatio: medianInterval(ratios('latency'), TABLE_CONFIDENCE),
    pairs,
  };
}

type Figures = Pick<Standing, 'latencyMs' | 'segmentBytes' | 'cpuMs'>;

function beats(a: Figures, b: Figures): boolean {
  const noWorse = a.latencyMs <= b.latencyMs && a.segmentBytes <= b.segmentBytes && a.cpuMs <= b.cpuMs;
  return noWorse && (a.latencyMs < b.latencyMs || a.segmentBytes < b.segmentBytes || a.cpuMs < b.cpuMs);
}
