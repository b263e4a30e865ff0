/** The built command line as a process of its own, and the demo's partitions as its input. */
import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** The demo's five-minute partitions. */
export const DEMO_DELTAS = join(ROOT, 'demo/data/packages');

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A process under way, for tests that send it signals. */
export interface CliProcess {
  readonly process: ChildProcess;
  /** What it wrote so far. */
  stdout(): string;
  stderr(): string;
  readonly ended: Promise<CliResult>;
}

export function startCli(...words: readonly string[]): CliProcess {
  const child = spawn(process.execPath, [join(ROOT, 'dist/cli.js'), ...words], { cwd: ROOT });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = new Promise<CliResult>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
  return { process: child, stdout: () => stdout, stderr: () => stderr, ended };
}

/** Runs `tidemark` with these words to its end. */
export function tidemark(...words: readonly string[]): Promise<CliResult> {
  return startCli(...words).ended;
}

/** Runs it, expects exit code 0, and reads the JSON value it prints. */
export async function tidemarkJson<T>(...words: readonly string[]): Promise<T> {
  const { code, stdout, stderr } = await tidemark(...words, '--json');
  if (code !== 0) throw new Error(`exit code ${code}: ${stderr}`);
  return JSON.parse(stdout) as T;
}

/** A minute's folder of the demo's deltas. */
export function minuteFolder(minute: number): string {
  return `dt=2026-05-04/hour=01/minute=${String(minute).padStart(2, '0')}`;
}

/** Copies partitions of the demo's deltas into a source. */
export function landMinutes(source: string, ...minutes: readonly number[]): void {
  for (const minute of minutes) {
    const folder = minuteFolder(minute);
    cpSync(join(DEMO_DELTAS, folder), join(source, folder), { recursive: true });
  }
}

/** Flags of a one-shot build of the demo's columns. */
export function buildFlags(source: string, index: string): string[] {
  return [
    ...['build', '--source', source, '--index', index, '--settle', '0s', '--threads', '1'],
    ...['--id', 'package', '--group', 'scope', '--version', 'updated_at', '--deleted', 'deleted'],
    ...['--text', 'name,summary', '--keyword', 'keywords', '--keyword', 'version'],
    ...['--numeric', 'downloads,updated_at', '--stored', 'name,version'],
  ];
}
