/** One frame for everything that is measured: options in, a result of tables, plots and named figures out. */

import type { Plot } from '#src/plot/plot.js';

export type { Plot } from '#src/plot/plot.js';

/** Options of a scenario: the type of a default is the type that its flag is read as. */
export type OptionValue = number | string | readonly number[] | readonly string[];
export type Options = Readonly<Record<string, OptionValue>>;

/** Something that can be measured by `node build/bench/<its file>`. */
export interface Scenario<O extends Options = Options> {
  /** Of its files under `build/bench-results/`. */
  readonly name: string;
  /** What is measured and how, in a sentence or two: it stands above the tables. */
  readonly describe: string;
  readonly defaults: O;
  /** How it is started where that is not by its name: `npm run ..`. */
  readonly script?: string;
  /** Sizes at which it runs in a second or two: not to be measured by, but everything is executed. */
  readonly smoke: Partial<O>;
  /** `log` takes a line of progress. */
  run(options: O, log: (line: string) => void): Promise<Result>;
}

export interface Result {
  readonly tables: readonly Table[];
  readonly plots: readonly Plot[];
  /** By a name that ends in its unit (`p99Ms`, `ratio`, `bytes`): what comparisons, gates and the headline table read. */
  readonly figures: Readonly<Record<string, number>>;
  /** Sentences below the tables: what the figures leave out or hang on. */
  readonly notes: readonly string[];
}

export type Cell = string | number;

export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

/** Keeps the types of a scenario's own options inside and forgets them outside. */
export function scenario<const O extends Options>(
  definition: Scenario<Widened<O>> & { readonly defaults: O },
): Scenario {
  return definition as unknown as Scenario;
}

/** Types of options, not their default values. */
export type Widened<O> = {
  readonly [K in keyof O]: O[K] extends number
    ? number
    : O[K] extends string
      ? string
      : O[K] extends readonly number[]
        ? readonly number[]
        : readonly string[];
};
