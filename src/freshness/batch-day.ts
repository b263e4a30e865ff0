/**
 * A day of a scheduled batch job: a job a slot of the schedule, one at a time. It waits for its scheduler and for its cluster, rebuilds
 * the whole window, and publishes at the end. A job that fails starts over, from the scheduler on.
 */
import { createRandom } from '../gen/random.js';
import type { Arrival } from './arrivals.js';
import { type Fault, slowness } from './faults.js';
import { drawnMs, type Rates } from './rates.js';
import type { Seen } from './summary.js';

export interface BatchParameters {
  /** The schedule: a job every so often. */
  readonly everyMs: number;
  /** From the scheduled instant, or the end of a retry's delay, until the job is submitted. */
  readonly schedulerDelayMs: number;
  /** From submission until the first task can run: cluster, session. */
  readonly startUpMs: number;
  /** From a failure until the job is scheduled again. */
  readonly retryDelayMs: number;
  /** How far back its window reaches. */
  readonly spanMs: number;
  /** What a job reads: what had landed by the instant it was scheduled for, or all that is there when its first task lists. */
  readonly reads: 'interval' | 'listing';
}

/** Every partition of the day with the end of the job that published it. */
export function replayBatchDay(
  arrivals: readonly Arrival[],
  parameters: BatchParameters,
  rates: Rates,
  faults: readonly Fault[],
  seed: number,
): Seen[] {
  const { everyMs } = parameters;
  const random = createRandom(seed, 3);
  const seen: Seen[] = [];
  let scheduled = Math.ceil(arrivals[0]!.time / everyMs) * everyMs;
  let free = scheduled;
  for (let next = 0; next < arrivals.length; ) {
    const job = runJob(arrivals, scheduled, Math.max(scheduled, free), parameters, rates, faults, () => random.next());
    for (; next < arrivals.length && arrivals[next]!.landedAt <= job.readsUntil; next++) {
      seen.push({ ...arrivals[next]!, visibleAt: job.endedAt });
    }
    free = job.endedAt;
    // Slots that passed meanwhile are not caught up on: the latest of them starts at once.
    scheduled = Math.max(scheduled + everyMs, Math.floor(free / everyMs) * everyMs);
  }
  return seen;
}

/** One job with its retries. */
function runJob(
  arrivals: readonly Arrival[],
  scheduled: number,
  dueAt: number,
  { schedulerDelayMs, startUpMs, retryDelayMs, spanMs, reads }: BatchParameters,
  rates: Rates,
  faults: readonly Fault[],
  chance: () => number,
): { readonly readsUntil: number; readonly endedAt: number } {
  for (let at = dueAt; ; ) {
    const begunAt = at + schedulerDelayMs + startUpMs;
    const readsUntil = reads === 'interval' ? scheduled : begunAt;
    const landed = arrivals.filter(({ landedAt }) => landedAt <= readsUntil);
    const from = (landed.at(-1)?.time ?? readsUntil) - spanMs;
    const docs = landed.filter(({ time }) => time > from).reduce((sum, arrival) => sum + arrival.docs, 0);
    const endedAt = begunAt + drawnMs(rates, docs, docs, chance()) * slowness(faults, begunAt);
    const stalledMs = stallsWithin(faults, begunAt, endedAt);
    const failedAt = firstFailure(faults, begunAt, endedAt + stalledMs);
    if (failedAt === undefined) return { readsUntil, endedAt: endedAt + stalledMs };
    at = failedAt + retryDelayMs;
  }
}

/** The first moment of `[from, to)` at which a job dies: the store is away, or its process is killed. */
function firstFailure(faults: readonly Fault[], from: number, to: number): number | undefined {
  const hits = faults
    .filter((fault) => (fault.kind === 'outage' || fault.kind === 'kill') && fault.from < to && fault.to >= from)
    .map((fault) => Math.max(fault.from, from));
  return hits.length === 0 ? undefined : Math.min(...hits);
}

function stallsWithin(faults: readonly Fault[], from: number, to: number): number {
  return faults
    .filter((fault) => fault.kind === 'stall' && fault.from >= from && fault.from < to)
    .reduce((sum, fault) => sum + fault.to - fault.from, 0);
}
