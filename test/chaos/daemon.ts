/** The real daemon as a child of the chaos run, which stands in for its watchdog in order to know what it is at. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CHILD_VARIABLE, type FromDaemon, type FromWatchdog, type HandedGrid } from '#src/daemon/supervision.js';

const CLI = join(fileURLToPath(new URL('../../../', import.meta.url)), 'dist/cli.js');

/** Where a kill hit. */
export type Moment = 'start' | 'idle' | 'select' | 'read' | 'build' | 'merge' | 'seal' | 'commit';

export class ChaosDaemon {
  moment: Moment = 'start';
  grid: HandedGrid | undefined;
  stderr = '';
  readonly process: ChildProcess;
  readonly ended: Promise<number | null>;
  /** Called with every beat. */
  onMoment: (moment: Moment) => void = () => undefined;

  constructor(config: string, grid: HandedGrid | undefined) {
    this.grid = grid;
    this.process = spawn(process.execPath, [CLI, 'run', '-c', config], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: { ...process.env, [CHILD_VARIABLE]: '1' },
    });
    this.process.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.stderr = (this.stderr + text).slice(-20_000);
    });
    this.process.on('message', (message) => this.#hear(message as FromDaemon));
    this.ended = new Promise((resolve) => this.process.on('exit', (code) => resolve(code)));
  }

  #hear(message: FromDaemon): void {
    if (message.kind === 'ready') {
      const go: FromWatchdog = { kind: 'go', grid: this.grid };
      this.process.send(go, () => undefined);
    }
    if (message.kind !== 'beat') return;
    this.grid = message.grid ?? this.grid;
    const phase = message.indexes[0]?.phase;
    if (phase === undefined) return;
    this.moment = phase;
    this.onMoment(phase);
  }

  kill(signal: 'SIGKILL' | 'SIGTERM'): void {
    this.process.kill(signal);
  }
}

/** Another command of the real command line, to its end. */
export function runCli(...words: readonly string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [CLI, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })));
}
