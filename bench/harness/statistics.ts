/** Plain statistics over a few runs: medians, because a shared machine has outliers; intervals, because it has noise. */
import { createRandom } from '#src/gen/random.js';

/** Draws of a bootstrap: the interval's ends then move by less than a tenth of its width from seed to seed. */
const BOOTSTRAP_DRAWS = 2_000;

/** A value with the interval that holds it with the confidence asked for. */
export interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** The value below which a share `at` (0 to 1) of the numbers lies, linear between neighbours; NaN for none. */
export function quantile(numbers: readonly number[], at: number): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const place = (sorted.length - 1) * at;
  const below = sorted[Math.floor(place)] ?? Number.NaN;
  const above = sorted[Math.ceil(place)] ?? Number.NaN;
  return below + (above - below) * (place - Math.floor(place));
}

export function median(numbers: readonly number[]): number {
  return quantile(numbers, 0.5);
}

/** Half of the numbers lie within this share of the median: a spread that one outlier does not move. */
export function relativeSpread(numbers: readonly number[]): number {
  const middle = median(numbers);
  return median(numbers.map((number) => Math.abs(number - middle))) / middle;
}

export function geometricMean(numbers: readonly number[]): number {
  return Math.exp(numbers.reduce((sum, number) => sum + Math.log(number), 0) / numbers.length);
}

/**
 * Median of the ratios `a[i] / b[i]` of runs that were made side by side, with a percentile bootstrap interval (Efron 1979)
 * over the pairs. Pairing takes out whatever slowed both. The same samples and seed give the same interval.
 */
export function pairedRatio(
  a: readonly number[],
  b: readonly number[],
  { confidence = 0.95, seed = 1 }: { readonly confidence?: number; readonly seed?: number } = {},
): Interval {
  if (a.length !== b.length || a.length === 0)
    throw new RangeError(`${a.length} runs cannot be paired with ${b.length}`);
  return bootstrap(
    a.map((value, i) => value / b[i]!),
    median,
    { confidence, seed },
  );
}

/** A statistic of some samples with its percentile bootstrap interval. */
export function bootstrap<T>(
  samples: readonly T[],
  statistic: (samples: readonly T[]) => number,
  { confidence = 0.95, seed = 1 }: { readonly confidence?: number; readonly seed?: number } = {},
): Interval {
  const random = createRandom(seed, samples.length);
  const drawn = Array.from({ length: BOOTSTRAP_DRAWS }, () =>
    statistic(samples.map(() => samples[random.below(samples.length)]!)),
  );
  const tail = (1 - confidence) / 2;
  return { value: statistic(samples), low: quantile(drawn, tail), high: quantile(drawn, 1 - tail) };
}

/** A point to be fitted. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** y = intercept + slope * x. */
export interface Line {
  readonly intercept: number;
  readonly slope: number;
}

/** Least squares; `weightOf` says how much a point counts, all alike unless told. */
export function fitLine(points: readonly Point[], weightOf: (point: Point) => number = () => 1): Line {
  let [weights, sumX, sumY, sumXX, sumXY] = [0, 0, 0, 0, 0];
  for (const point of points) {
    const weight = weightOf(point);
    weights += weight;
    sumX += weight * point.x;
    sumY += weight * point.y;
    sumXX += weight * point.x * point.x;
    sumXY += weight * point.x * point.y;
  }
  const slope = (weights * sumXY - sumX * sumY) / (weights * sumXX - sumX * sumX);
  return { slope, intercept: (sumY - slope * sumX) / weights };
}

/**
 * Slope of a series by the median of the slopes of all pairs (Theil 1950, Sen 1968): a few slow runs do not tilt it. Long series
 * are thinned to `most` points by taking medians of neighbours, since pairs grow with the square.
 */
export function robustSlope(numbers: readonly number[], most = 200): number {
  const size = Math.max(1, Math.ceil(numbers.length / most));
  const points: Point[] = [];
  for (let start = 0; start < numbers.length; start += size) {
    const some = numbers.slice(start, start + size);
    points.push({ x: start + (some.length - 1) / 2, y: median(some) });
  }
  const slopes = points.flatMap((a, i) => points.slice(i + 1).map((b) => (b.y - a.y) / (b.x - a.x)));
  return slopes.length === 0 ? 0 : median(slopes);
}
