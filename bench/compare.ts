/**
 * Two builds of the project, side by side: which is faster, and how sure is that?
 *
 *   npm run bench:compare -- A B [--scenario build] [--figure threads2Ms] [--rounds 15] [--threshold 1.05] [-- FLAGS OF THE SCENARIO]
 *
 * A and B are git revisions, built aside, or folders of compiled sources (with `cli.js` in them). Every round runs the scenario of
 * this checkout over both, each in a fresh process, in alternating order. Prints the ratio B / A of its times with 95 % intervals;
 * exit code 1 when B is slower beyond the threshold for sure: when the figure's whole interval lies above it.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { prepareAside } from './compare/aside.js';
import { runNode } from './harness/child.js';
import { RESULTS_FOLDER, ROOT } from './harness/command.js';
import { describeMachine } from './harness/machine.js';
import { measure } from './harness/measure.js';
import { type Report, renderMarkdown, writeReport } from './harness/report.js';
import type { Result } from './harness/scenario.js';
import { type Interval, median, pairedRatio } from './harness/statistics.js';
import { listScenarios } from './list.js';

const USAGE =
  'usage: npm run bench:compare -- A B [--scenario NAME] [--figure NAME] [--rounds N] [--threshold RATIO] [-- FLAGS OF THE SCENARIO]';

/** Times and sizes: less is better. */
const COMPARABLE = /(Ms|Bytes|nsPerByte)$/;

const end = process.argv.indexOf('--', 2);
const { values, positionals } = parseArgs({
  args: process.argv.slice(2, end < 0 ? undefined : end),
  allowPositionals: true,
  options: {
    scenario: { type: 'string', default: 'build' },
    figure: { type: 'string' },
    rounds: { type: 'string', default: '15' },
    threshold: { type: 'string', default: '1.05' },
  },
});
const [nameA, nameB] = positionals;
const listed = (await listScenarios()).get(values.scenario);
if (nameA === undefined || nameB === undefined || listed === undefined) {
  console.error(USAGE);
  process.exitCode = 2;
} else {
  process.exitCode = await compare([nameA, nameB], listed.file, end < 0 ? [] : process.argv.slice(end + 1));
}

type Sides = readonly [a: string, b: string];
type Figures = Readonly<Record<string, number>>;

async function compare(names: Sides, file: string, flags: readonly string[]): Promise<number> {
  const startedAt = new Date().toISOString();
  const start = performance.now();
  const machine = describeMachine();
  const aside = mkdtempSync(join(tmpdir(), 'tidemark-compare-'));
  try {
    for (const [i, name] of names.entries()) prepareAside(name, join(aside, 'ab'[i]!));
    const run = async (side: string): Promise<Figures> => {
      const out = join(aside, 'results');
      await runNode([join(aside, side, 'build/bench', file), '--out', out, ...flags]);
      return (JSON.parse(readFileSync(join(out, `${values.scenario}.json`), 'utf8')) as Report).figures;
    };
    const onRound = (round: number, rounds: number) => console.error(`round ${round} of ${rounds}`);
    const options = { warmUps: 1, rounds: Number(values.rounds), onRound };
    const samples = await measure({ a: () => run('a'), b: () => run('b') }, options);
    const { result, code } = verdictOf(names, samples.get('a')!, samples.get('b')!);
    const report: Report = {
      name: `compare-${values.scenario}`,
      describe: `${names[0]} (A) and ${names[1]} (B) in turns, each run in a process of its own.`,
      command: ['npm run bench:compare --', ...process.argv.slice(2)].join(' '),
      options: {},
      smoke: flags.includes('--smoke'),
      machine,
      startedAt,
      tookMs: Math.round(performance.now() - start),
      peakMemoryBytes: 0,
      ...result,
    };
    writeReport(RESULTS_FOLDER, report);
    console.log(renderMarkdown(report));
    return code;
  } finally {
    rmSync(aside, { recursive: true, force: true });
    execFileSync('git', ['worktree', 'prune'], { cwd: ROOT });
  }
}

/** All comparable figures, and what the chosen one says: the first of them unless told. */
function verdictOf(names: Sides, a: readonly Figures[], b: readonly Figures[]): { result: Result; code: number } {
  const figures = Object.keys(a[0]!).filter((name) => COMPARABLE.test(name));
  const chosen = values.figure ?? figures.find((name) => name.endsWith('Ms')) ?? figures[0]!;
  if (!figures.includes(chosen)) throw new Error(`there is no figure ${chosen}: ${figures.join(', ')}`);
  const ratios = figures.map((name): [string, Interval] => [
    name,
    pairedRatio(
      b.map((sample) => sample[name]!),
      a.map((sample) => sample[name]!),
    ),
  ]);
  const { value, low, high } = ratios.find(([name]) => name === chosen)![1];
  const threshold = Number(values.threshold);
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
  return { result, code: isRegression ? 1 : 0 };
}

function tellRatio({ low, high }: Interval, threshold: number): string {
  if (low > threshold) return `is a regression: slower than A by more than the threshold of ${threshold}`;
  if (low > 1) return `is slower than A, within the threshold of ${threshold}`;
  if (high < 1) return 'is faster than A';
  return 'shows no difference to A';
}
