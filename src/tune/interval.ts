/** Medians and what can be said about them without assuming a distribution. */

export interface MedianInterval {
  readonly median: number;
  /** 0 and infinity where there are too few values to say anything. */
  readonly low: number;
  readonly high: number;
  readonly count: number;
}

/** Of at least one number; the mean of the two in the middle where their count is even. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/**
 * The median of positive numbers with its confidence interval by the sign test (order statistics; Conover, Practical Nonparametric
 * Statistics, 3.2): it holds whatever shape the noise has, so that one run that was disturbed moves nothing.
 */
export function medianInterval(values: readonly number[], confidence: number): MedianInterval {
  const sorted = values.toSorted((a, b) => a - b);
  const count = sorted.length;
  if (count === 0) return { median: Number.NaN, low: 0, high: Number.POSITIVE_INFINITY, count };
  const cut = outliers(count, confidence);
  if (cut < 0) return { median: median(values), low: 0, high: Number.POSITIVE_INFINITY, count };
  return { median: median(values), low: sorted[cut]!, high: sorted[count - 1 - cut]!, count };
}

/** Fewest values that give an interval at this confidence. */
export function fewestValues(confidence: number): number {
  let count = 1;
  while (outliers(count, confidence) < 0) count++;
  return count;
}

/** How many values at each end may lie outside the interval; -1 where even the whole range is not sure enough. */
function outliers(count: number, confidence: number): number {
  let chance = 0.5 ** count;
  let tail = 0;
  let cut = -1;
  while (2 * (tail + chance) <= 1 - confidence) {
    tail += chance;
    cut++;
    chance *= (count - cut) / (cut + 1);
  }
  return cut;
}
