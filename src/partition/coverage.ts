/**
 * Coverage: which partitions a delta must hold so that skipping the others loses nothing.
 *
 * All intervals are half-open `(from, to]` over partition times; `from: undefined` means since the beginning. A delta
 * covers `(base watermark, latest]`.
 *
 * - `disjoint`, `windowed`: a partition holds its own slot only, so all of the interval are read. A windowed delta is
 *   meant to reach back `spanMs`; where that no longer reaches the base, `onGap` decides. Without a base there is
 *   nothing to reach, so all is read.
 * - `cumulative`: partition t holds every change of `(t - spanMs, t]`, so a chain of partitions suffices whose intervals
 *   touch: the latest, then the one at `latest - spanMs`, and so on down to the base. Where none stands exactly there,
 *   the oldest one after it is taken, since its interval still touches; one before it would leave the time between
 *   unread although a partition holds it. Where there is none after it either, nothing holds that time: a gap.
 */
import type { TimeSpan } from '../manifest/manifest.js';

export type OnGap = 'widen' | 'refuse' | 'publish';

export type CoverageRule =
  | { readonly mode: 'disjoint'; readonly onGap: OnGap }
  | { readonly mode: 'windowed' | 'cumulative'; readonly spanMs: number; readonly onGap: OnGap };

/** The times to read and what they leave uncovered. */
export interface CoveragePlan {
  /** Ascending; a subset of the times given. */
  readonly read: readonly number[];
  /** What the delta claims to cover. */
  readonly covered: TimeSpan;
  /** Parts of `covered`, or below it, that nothing read holds; ascending. */
  readonly gaps: readonly TimeSpan[];
}

/**
 * Plans `(from, latest]`.
 * @param times ready partitions, ascending, none at or before `from`, the last one being the latest
 * @param hasBase whether `from` is a base's watermark: only a base must be reached
 */
export function planCoverage(
  rule: CoverageRule,
  times: readonly number[],
  from: number | undefined,
  hasBase: boolean,
): CoveragePlan {
  const latest = times.at(-1)!;
  if (rule.mode === 'cumulative') return planChain(rule.spanMs, times, from, hasBase);
  const whole: CoveragePlan = { read: times, covered: { from, to: latest }, gaps: [] };
  if (rule.mode === 'disjoint') return whole;
  const windowFrom = latest - rule.spanMs;
  const reachesBase = !hasBase || from === undefined || from >= windowFrom;
  if (reachesBase || rule.onGap === 'widen') return whole;
  return {
    read: times.filter((time) => time > windowFrom),
    covered: { from: windowFrom, to: latest },
    gaps: [{ from, to: windowFrom }],
  };
}

function planChain(spanMs: number, times: readonly number[], from: number | undefined, hasBase: boolean): CoveragePlan {
  const read: number[] = [];
  const gaps: TimeSpan[] = [];
  const latest = times.at(-1)!;
  let at = times.length - 1;
  for (;;) {
    read.push(times[at]!);
    const reaches = times[at]! - spanMs; // covered so far: (reaches, latest]
    if (from !== undefined && reaches <= from) break;
    let next = at;
    while (next > 0 && times[next - 1]! >= reaches) next--;
    if (next === at) {
      if (at === 0) {
        if (hasBase) gaps.push({ from, to: reaches });
        break;
      }
      next = at - 1;
      gaps.push({ from: times[next], to: reaches });
    }
    at = next;
  }
  return { read: read.reverse(), covered: { from, to: latest }, gaps: gaps.reverse() };
}
