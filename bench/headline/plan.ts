/** What the headline table is made of: scenarios, cut so that all of them together take less than 10 minutes. */

export interface Planned {
  readonly name: string;
  readonly flags: readonly string[];
}

/** On two cores, corpora kept from an earlier run: build 39 s, cold 23, linearity 54, increments 281, window 45. */
export const PLAN: readonly Planned[] = [
  { name: 'build', flags: ['--threads', '1,2', '--rounds', '9'] },
  { name: 'cold', flags: ['--rounds', '7'] },
  { name: 'linearity', flags: ['--docs', '50000,100000,200000,400000', '--rounds', '5'] },
  { name: 'increments', flags: ['--triggers', '500', '--windows', '1,12', '--growing-triggers', '60'] },
  { name: 'window', flags: ['--windows', '1,10,60', '--rounds', '5'] },
  { name: 'shapes', flags: ['--megabytes', '20', '--rounds', '5'] },
];
