/** Whole fresh processes: from spawning one to its exit, with start, compilation, one build and the way out. */
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../harness/command.js';
import { withFolder } from '../harness/index-run.js';
import { measure } from '../harness/measure.js';
import type { Table } from '../harness/scenario.js';
import { median, pairedRatio } from '../harness/statistics.js';
import { commandOf } from './campaign.js';
import { type Program, referenceOf } from './programs.js';
import { showRatio } from './tables.js';

/** What takes part: programs that people start for one build. */
const COLD = ['tidemark', 'tidemark-standard', 'bound', 'tantivy', 'lucene'];

export interface ColdOptions {
  /** Root of the partitions. */
  readonly source: string;
  readonly threads: number;
  readonly rounds: number;
}

/** Interleaved rounds; the first one, which fills the page cache, does not count. Fails where a process does. */
export async function coldTable(
  programs: readonly Program[],
  { source, threads, rounds }: ColdOptions,
): Promise<Table> {
  const taking = programs.filter(({ name }) => COLD.includes(name));
  return withFolder(async (folder) => {
    const calls = Object.fromEntries(
      taking.map((program) => {
        const index = join(folder, program.name);
        const command = coldCommand(program, source, index, threads);
        return [program.name, () => wholeProcess(command, index)];
      }),
    );
    const samples = await measure(calls, { warmUps: 1, rounds });
    const rows = taking.map((program) => {
      const times = samples.get(program.name)!;
      const other = samples.get(referenceOf(program));
      const ratio =
        program.name === referenceOf(program) || other === undefined ? '-' : showRatio(pairedRatio(times, other));
      const range = `${Math.min(...times).toFixed(0)} to ${Math.max(...times).toFixed(0)}`;
      return [program.name, threads, Math.round(median(times)), range, ratio];
    });
    const columns = ['program', 'threads', 'ms, median', 'min to max', 'times Tidemark'];
    return { title: 'Cold: a fresh process, from spawning it to its exit', columns, rows };
  });
}

/** Tidemark as it is typed; the others do one build and end. */
function coldCommand(program: Program, source: string, index: string, threads: number): readonly string[] {
  if (program.name !== referenceOf(program)) return commandOf({ program, threads }, source, index);
  const fields = ['--text', 'name,summary', '--keyword', 'keywords,version', '--numeric', 'downloads'];
  const cli = [
    process.execPath,
    `${ROOT}dist/cli.js`,
    'build',
    '--source',
    source,
    '--index',
    index,
    '--id',
    'package',
  ];
  return [...cli, ...fields, '--analyzer', program.analyzer, '--threads', String(threads), '--settle', '0s', '--json'];
}

/** Wall time in ms. */
function wholeProcess(command: readonly string[], index: string): Promise<number> {
  rmSync(index, { recursive: true, force: true });
  const [file, ...args] = command;
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const child = spawn(file!, args, { stdio: ['pipe', 'ignore', 'pipe'] });
    let told = '';
    child.stderr.on('data', (bytes) => {
      told = `${told}${bytes}`.slice(-2_000);
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end('run\n');
    child.on('error', reject);
    child.on('exit', (code) => {
      if (code === 0) resolve(performance.now() - start);
      else reject(new Error(`${command.slice(0, 3).join(' ')} .. ended with ${code}\n${told}`));
    });
  });
}
