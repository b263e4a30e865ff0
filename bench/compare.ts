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
import { type Figures, type Sides, verdictOf } from './compare/verdict.js';
import { runNode } from './harness/child.js';
import { RESULTS_FOLDER, ROOT } from './harness/command.js';
import { describeMachine } from './harness/machine.js';
import { measure } from './harness/measure.js';
import { type Report, renderMarkdown, writeReport } from './harness/report.js';
import { listScenarios } from './list.js';

const USAGE =
  'usage: npm run bench:compare -- A B [--scenario NAME] [--figure NAME] [--rounds N] [--threshold RATIO] [-- FLAGS OF THE SCENARIO]';

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
    const { result, isRegression } = verdictOf(names, [samples.get('a')!, samples.get('b')!], {
      figure: values.figure,
      threshold: Number(values.threshold),
    });
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
    return isRegression ? 1 : 0;
  } finally {
    rmSync(aside, { recursive: true, force: true });
    execFileSync('git', ['worktree', 'prune'], { cwd: ROOT });
  }
}
