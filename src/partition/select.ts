/** Which partitions a run reads: the latest, and whatever coverage asks for besides; every other one is skipped with a reason. */
import type { SkippedPartition, SkipReason, TimeSpan } from '../manifest/manifest.js';
import { type CoverageRule, planCoverage } from './coverage.js';

/** What is known of a partition before selecting. */
export interface Candidate {
  /** Start of its slot, ms since the epoch; unique among the candidates. */
  readonly time: number;
  /** `quarantined`: it could not be read as data. `held`: of a generation that was rolled back. */
  readonly state: 'ready' | 'not-ready' | 'future' | 'quarantined' | 'held';
  /** Whether it holds data: leaving out an empty one loses nothing. */
  readonly hasData: boolean;
  /** For people, copied to `skipped`. */
  readonly detail?: string;
}

export interface SelectOptions {
  readonly coverage: CoverageRule;
  /** Watermark of the base; undefined where there is none. */
  readonly baseWatermark: number | undefined;
  /** The manifest's watermark; undefined before the first commit. */
  readonly watermark: number | undefined;
  /** Where the current delta begins, used while there is a watermark but no base; undefined = since the beginning. */
  readonly coverageFrom?: number | undefined;
  /** The first partition to read, inclusive; used only while there is neither a watermark nor a base. */
  readonly start?: number | undefined;
  /** Partitions after this instant are not considered. */
  readonly until?: number | undefined;
  /** `hold`: a quarantined partition beyond the watermark stops the run before it. */
  readonly onBadPartition: 'passOver' | 'hold';
  /** Times that the current manifest holds: what is read and not among them is new. */
  readonly committed: ReadonlySet<number>;
}

/** `empty`: nothing new, so there is nothing to commit. `refused`: a gap, and the policy is to refuse. */
export type SelectionCloseReason = 'complete' | 'empty' | 'refused';

export interface Selection<C extends Candidate> {
  /** The newest partition read; undefined where there is none. */
  readonly latest: number | undefined;
  /** What the delta holds, ordered by time: all of it, committed before or not. */
  readonly partitions: readonly C[];
  /** Those of `partitions` that the current manifest does not hold. */
  readonly fresh: readonly C[];
  /** Seen, after the coverage's start, and not read; ordered by time. */
  readonly skipped: readonly SkippedPartition[];
  /** Half-open `(from, to]`; undefined where nothing is read. `to` never lies below the watermark. */
  readonly coverage: TimeSpan | undefined;
  /** Whether something of `(base, latest]` is known or feared to be missing. */
  readonly gap: boolean;
  /** Intervals that no partition read holds; ascending. */
  readonly gaps: readonly TimeSpan[];
  readonly closeReason: SelectionCloseReason;
}

/** Selects among the partitions seen, in any order. Pure: same candidates and options, same selection. */
export function selectPartitions<C extends Candidate>(candidates: readonly C[], options: SelectOptions): Selection<C> {
  const from = coverageStart(options);
  const inScope = candidates
    .filter((candidate) => from === undefined || candidate.time > from)
    .filter((candidate) => options.until === undefined || candidate.time <= options.until)
    .toSorted((a, b) => a.time - b.time);
  const barrier = options.onBadPartition === 'hold' ? firstBadTime(inScope, options.watermark) : undefined;
  const ready = inScope.filter(
    (candidate) => candidate.state === 'ready' && (barrier === undefined || candidate.time < barrier),
  );
  if (ready.length === 0) return nothing(skip(inScope, new Set(), undefined, barrier));

  const times = ready.map((candidate) => candidate.time);
  const plan = planCoverage(options.coverage, times, from, options.baseWatermark !== undefined);
  const read = new Set(plan.read);
  const partitions = ready.filter((candidate) => read.has(candidate.time));
  const latest = times.at(-1)!;
  const skipped = skip(inScope, read, plan.covered.from, barrier);
  const gap = plan.gaps.length > 0 || losesData(inScope, latest, options.coverage);
  const refused = plan.gaps.length > 0 && options.coverage.onGap === 'refuse';
  const fresh = partitions.filter((candidate) => !options.committed.has(candidate.time));
  return {
    latest,
    partitions,
    fresh,
    skipped,
    coverage: { from: plan.covered.from, to: Math.max(latest, options.watermark ?? latest) },
    gap,
    gaps: plan.gaps,
    closeReason: refused ? 'refused' : fresh.length === 0 ? 'empty' : 'complete',
  };
}

/** Exclusive lower bound of a delta; undefined = since the beginning. */
export function coverageStart(
  options: Pick<SelectOptions, 'baseWatermark' | 'watermark' | 'coverageFrom' | 'start'>,
): number | undefined {
  if (options.baseWatermark !== undefined) return options.baseWatermark;
  if (options.watermark !== undefined) return options.coverageFrom;
  return options.start === undefined ? undefined : options.start - 1; // `start` itself is read, and times are whole ms
}

function firstBadTime(inScope: readonly Candidate[], watermark: number | undefined): number | undefined {
  return inScope.find(({ state, time }) => state === 'quarantined' && time > (watermark ?? Number.NEGATIVE_INFINITY))
    ?.time;
}

/** A cumulative partition repeats what its neighbours hold, so there only an interval that nothing holds is a loss. */
function losesData(inScope: readonly Candidate[], latest: number, coverage: CoverageRule): boolean {
  if (coverage.mode === 'cumulative') return false;
  return inScope.some(({ state, time, hasData }) => time < latest && state !== 'ready' && hasData);
}

function skip(
  inScope: readonly Candidate[],
  read: ReadonlySet<number>,
  coveredFrom: number | undefined,
  barrier: number | undefined,
): SkippedPartition[] {
  return inScope
    .filter((candidate) => !read.has(candidate.time))
    .map((candidate) => {
      const { reason, detail } = skipReason(candidate, coveredFrom, barrier);
      return { time: candidate.time, reason, ...(detail === undefined ? {} : { detail }) };
    });
}

function skipReason(
  candidate: Candidate,
  coveredFrom: number | undefined,
  barrier: number | undefined,
): { reason: SkipReason; detail?: string | undefined } {
  if (candidate.state !== 'ready') return { reason: candidate.state, detail: candidate.detail };
  if (barrier !== undefined && candidate.time > barrier)
    return { reason: 'held', detail: 'waits for a bad partition before it' };
  if (coveredFrom !== undefined && candidate.time <= coveredFrom) return { reason: 'outside-window' };
  return { reason: 'covered' };
}

function nothing<C extends Candidate>(skipped: readonly SkippedPartition[]): Selection<C> {
  return {
    latest: undefined,
    partitions: [],
    fresh: [],
    skipped,
    coverage: undefined,
    gap: false,
    gaps: [],
    closeReason: 'empty',
  };
}
