/**
 * When small delta segments become larger ones: logarithmic, so that n parts lie in about 3 log4(n) segments and each part is
 * merged log4(n) times over its life.
 *
 * A segment of c partitions is of level floor(log4 c). Neighbours of level l and below are merged once they hold enough
 * partitions for level l + 1: neighbours, since documents lie in the order of time.
 */
export const TIER_FANOUT = 4;

/** Half-open range of segments. */
export interface TierMerge {
  readonly start: number;
  readonly end: number;
}

/**
 * The cheapest merge that is due; undefined where none is.
 * @param counts partitions of each segment, in time order; undefined = one that must stay as it is
 */
export function nextTierMerge(counts: readonly (number | undefined)[]): TierMerge | undefined {
  const levels = counts.map((count) => (count === undefined ? Number.POSITIVE_INFINITY : levelOf(count)));
  const highest = Math.max(0, ...levels.filter(Number.isFinite));
  for (let level = 0; level <= highest; level++) {
    const enough = TIER_FANOUT ** (level + 1);
    for (let start = 0; start < counts.length; ) {
      let end = start;
      let total = 0;
      while (end < counts.length && levels[end]! <= level) total += counts[end++] ?? 0;
      if (total >= enough && end - start > 1) return { start, end };
      start = end + 1;
    }
  }
  return undefined;
}

function levelOf(count: number): number {
  let level = 0;
  for (let size = TIER_FANOUT; size <= count; size *= TIER_FANOUT) level++;
  return level;
}
