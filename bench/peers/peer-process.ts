/** A program under measurement: started once, told to build by a line on its standard input, again and again. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';
import { type PeerReport, parsePeerReport } from './peer-report.js';

/** The slowest build there is takes two minutes on a busy machine. */
const RUN_LIMIT_MS = 600_000;
/** Reading what is left in a pipe takes a millisecond. */
const LAST_WORDS_MS = 300;
/** Lines of standard error kept for the message of a failure. */
const TAIL_LINES = 15;

export class PeerProcess {
  readonly #child: ChildProcess;
  readonly #lines: Interface;
  readonly #exited: Promise<number | null>;
  #tail: string[] = [];

  constructor(
    readonly name: string,
    command: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ) {
    const [program, ...args] = command;
    this.#child = spawn(program!, args, { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, ...env } });
    this.#lines = createInterface({ input: this.#child.stdout! });
    createInterface({ input: this.#child.stderr! }).on('line', (line) => {
      this.#tail = [...this.#tail, line].slice(-TAIL_LINES);
    });
    this.#exited = new Promise((resolve) => {
      // Its last words may come after its end; a child of its own may hold the pipe open for longer than they take.
      this.#child.on('close', (code) => resolve(code));
      this.#child.on('exit', (code) => setTimeout(() => resolve(code), LAST_WORDS_MS));
      this.#child.on('error', (error) => {
        this.#tail.push(error.message);
        resolve(null);
      });
    });
    // A program that is gone is told by `exit`; the broken pipe adds nothing.
    this.#child.stdin!.on('error', () => undefined);
  }

  /** One timed build. Fails, with the last lines of standard error, where the program ended or told something else. */
  async run(): Promise<PeerReport> {
    let timer: NodeJS.Timeout | undefined;
    const line = new Promise<string>((resolve) => this.#lines.once('line', resolve));
    this.#child.stdin!.write('run\n');
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(this.#failure(`told nothing within ${RUN_LIMIT_MS / 1_000} s`)), RUN_LIMIT_MS);
    });
    const gone = this.#exited.then((code) => {
      throw this.#failure(`ended with ${code} in the middle of a build`);
    });
    try {
      return parsePeerReport(await Promise.race([line, gone, late]));
    } finally {
      clearTimeout(timer);
    }
  }

  /** Closes its standard input and waits for the end; fails where that is not exit code 0. */
  async end(): Promise<void> {
    this.#child.stdin!.end();
    const code = await this.#exited;
    if (code !== 0) throw this.#failure(`ended with ${code}`);
  }

  /** Ends it at once. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #failure(what: string): Error {
    return new Error([`${this.name} ${what}`, ...this.#tail].join('\n    '));
  }
}
