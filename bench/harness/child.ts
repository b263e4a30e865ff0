/** A command as a process of its own: how long it takes from start to end, and how much memory it holds at most. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './command.js';

export interface ChildRun {
  /** From before it was started until after it has ended. */
  readonly wallMs: number;
  /** Peak resident memory in bytes as last seen while it ran; 0 where the system does not tell (other than Linux). */
  readonly peakMemoryBytes: number;
  readonly stdout: string;
}

/** Often enough to see a peak that stays, since the system itself remembers the highest; rare enough to cost nothing. */
const POLL_MS = 20;

/** Runs `node` with these arguments at the top of the checkout; fails unless it ends with exit code 0. */
export function runNode(args: readonly string[], { cwd = ROOT }: { readonly cwd?: string } = {}): Promise<ChildRun> {
  const start = performance.now();
  const child = spawn(process.execPath, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr, peakMemoryBytes] = ['', '', 0];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const poll = setInterval(() => {
    peakMemoryBytes = Math.max(peakMemoryBytes, peakOf(child.pid));
  }, POLL_MS);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearInterval(poll);
      const wallMs = performance.now() - start;
      if (code === 0) resolve({ wallMs, peakMemoryBytes, stdout });
      else reject(new Error(`node ${args.join(' ')} ended with ${signal ?? code}:\n${stderr.slice(-2_000)}`));
    });
  });
}

/** `VmHWM` of proc(5). */
function peakOf(pid: number | undefined): number {
  try {
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

/** Arguments of `tidemark build` by the bench schema; `dist` is a folder of compiled sources. */
export function buildArguments(source: string, index: string, dist = join(ROOT, 'dist')): string[] {
  const schema = [
    '--id',
    'package',
    '--text',
    'name,summary',
    '--keyword',
    'keywords,version',
    '--numeric',
    'downloads',
  ];
  return [join(dist, 'cli.js'), 'build', '--source', source, '--index', index, ...schema, '--json'];
}
