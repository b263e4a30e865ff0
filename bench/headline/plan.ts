/** What the headline table is made of: scenarios, cut so that all of them together take less than 10 minutes. */

export interface Planned {
  readonly name: string;
  readonly flags: readonly string[];
}

/** On two cores, corpora kept from an earlier run: build and cold about 40 s, linearity 55 s; 500 triggers of increments alone took over four minutes. */
export const PLAN: readonly Planned[] = [
  { name: 'build', flags: ['--threads', '1,2', '--rounds', '7'] },
  { name: 'cold', flags: ['--rounds', '7'] },
  { name: 'linearity', flags: ['--docs', '50000,100000,200000,400000', '--rounds', '3'] },
  { name: 'increments', flags: ['--triggers', '120', '--windows', '1,12', '--growing-triggers', '40'] },
  { name: 'window', flags: ['--windows', '1,10,60', '--rounds', '3'] },
  { name: 'shapes', flags: ['--megabytes', '10', '--rounds', '3'] },
];
