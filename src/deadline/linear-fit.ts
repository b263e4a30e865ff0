/**
 * Rates from samples: `y = sum of rate * amount`, for one or two amounts, robust against runs that a busy machine spoilt.
 *
 * First the whole prior is scaled by the median of measured over expected, which half of the samples may not sway: that is the
 * machine's speed. Then weighted least squares over relative errors tells the rates apart, with Cauchy's weights and the scaled prior
 * as half a sample, so that a single sample or samples all of one size leave the prior's proportions as they are.
 */

/** Amounts in the order of the rates, and what they came to. */
export interface Sample {
  readonly amounts: readonly number[];
  readonly value: number;
}

/** Relative error from which on a sample counts less and less: runs of one machine at rest differ by a tenth. */
const USUAL_ERROR = 0.2;
/** The prior's weight, in samples. */
const PRIOR_WEIGHT = 0.5;
const ROUNDS = 6;
/** A rate never leaves the scaled prior by more: beyond that the samples say nothing of it. */
const MAX_FACTOR = 30;
/** Nor the prior itself by more: a thousandth or a thousand times of a measured default is a broken sample. */
const MAX_SCALE = 1_000;

/** Nothing that is measured lies outside: numbers beyond would only cost the arithmetic its digits. */
const LEAST = 1e-3;
const MOST = 1e15;

/** The rates, all above zero; the prior itself without samples. */
export function fitRates(prior: readonly number[], samples: readonly Sample[]): readonly number[] {
  const usable = samples.filter((sample) => isUsable(sample, prior));
  if (usable.length === 0) return prior;
  const scale = clamp(median(usable.map((sample) => sample.value / dot(prior, sample.amounts))), MAX_SCALE);
  const scaled = prior.map((rate) => rate * scale);
  if (prior.length === 1) return scaled;
  const rows = usable.map(({ amounts, value }) => scaled.map((rate, i) => (rate * amounts[i]!) / value));
  let factors: readonly number[] = [1, 1];
  for (let round = 0; round < ROUNDS; round++) factors = solve(rows, weightsOf(rows, factors));
  return scaled.map((rate, i) => rate * factors[i]!);
}

export function dot(rates: readonly number[], amounts: readonly number[]): number {
  return rates.reduce((sum, rate, i) => sum + rate * amounts[i]!, 0);
}

/** The value below which a share of the values lies; undefined of none. */
export function quantile(values: readonly number[], share: number): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}

const median = (values: readonly number[]): number => quantile(values, 0.5)!;

const clamp = (factor: number, most: number): number => Math.min(most, Math.max(1 / most, factor));

function isUsable({ amounts, value }: Sample, prior: readonly number[]): boolean {
  if (amounts.length !== prior.length || !(value >= LEAST && value <= MOST)) return false;
  return amounts.every((amount) => amount >= 0 && amount <= MOST) && amounts.some((amount) => amount >= LEAST);
}

/** Each row times the factors should be 1. */
function weightsOf(rows: readonly (readonly number[])[], factors: readonly number[]): number[] {
  // A sample that is far too fast has rows far above one: the square takes their weight back.
  return rows.map((row) => 1 / (1 + ((dot(factors, row) - 1) / USUAL_ERROR) ** 2));
}

/** Two factors by the normal equations; one that would leave its bounds is held there and the other solved alone. */
function solve(rows: readonly (readonly number[])[], weights: readonly number[]): readonly number[] {
  let [aa, ab, bb, a1, b1] = [PRIOR_WEIGHT, 0, PRIOR_WEIGHT, PRIOR_WEIGHT, PRIOR_WEIGHT];
  rows.forEach(([a, b], i) => {
    const weight = weights[i]!;
    aa += weight * a! * a!;
    ab += weight * a! * b!;
    bb += weight * b! * b!;
    a1 += weight * a!;
    b1 += weight * b!;
  });
  const determinant = aa * bb - ab * ab;
  const first = clamp((a1 * bb - b1 * ab) / determinant, MAX_FACTOR);
  const second = clamp((b1 - ab * first) / bb, MAX_FACTOR);
  return [clamp((a1 - ab * second) / aa, MAX_FACTOR), second];
}
