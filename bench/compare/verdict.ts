/** What interleaved runs of two sides say. */
import type { Result } from '../harness/scenario.js';
import { type Interval, median, pairedRatio } from '../harness/statistics.js';

/** Names of what is compared. */
export type Sides = readonly [a: string, b: string];

/** Of one run, by name. */
export type Figures = Readonly<Record<string, number>>;

/** Times and sizes: less is better. */
const COMPARABLE = /(Ms|Bytes|nsPerByte)$/;

/**
 * Ratios B / A of all comparable figures, and what the chosen one says: the first time among them unless told. A regression is one
 * for sure: its whole interval lies above the threshold. Fails when there is no such figure.
 */
export function verdictOf(
  names: Sides,
  [a, b]: readonly [readonly Figures[], readonly Figures[]],
  { figure, threshold }: { readonly figure?: string | undefined; readonly threshold: number },
): { readonly result: Result; readonly isRegression: boolean } {
  const figures = Object.keys(a[0]!).filter((name) => COMPARABLE.test(name));
  const chosen = figure ?? figures.find((name) => name.endsWith('Ms')) ?? figures[0]!;
  if (!figures.includes(chosen)) throw new Error(`there is no figure ${chosen}: ${figures.join(', ')}`);
  const ratios = figures.map((name): [string, Interval] => [
    name,
    pairedRatio(
      b.map((sample) => sample[name]!),
      a.map((sample) => sample[name]!),
    ),
  ]);
  const { value, low, high } = ratios.find(([name]) => name === chosen)![1];
  const isRegression = low > threshold;
  const rows = ratios.map(([name, ratio]) => [
    name,
    median(a.map((sample) => sample[name]!)),
    median(b.map((sample) => sample[name]!)),
    ratio.value,
    ratio.low,
    ratio.high,
  ]);
  const result: Result = {
    tables: [{ title: 'A and B', columns: ['figure', 'A', 'B', 'B / A', 'low', 'high'], rows }],
    plots: [],
    figures: { ratio: value, ratioLow: low, ratioHigh: high },
    notes: [
      `By ${chosen}, B (${names[1]}) ${tellRatio({ value, low, high }, threshold)}.`,
      `${a.length} pairs; intervals hold the ratio with 95 % confidence (bootstrap over the pairs).`,
    ],
  };
  return { result, isRegression };
}

function tellRatio({ low, high }: Interval, threshold: number): string {
  if (low > threshold) return `is a regression: slower than A by more than the threshold of ${threshold}`;
  if (low > 1) return `is slower than A, within the threshold of ${threshold}`;
  if (high < 1) return 'is faster than A';
  return 'shows no difference to A';
}
