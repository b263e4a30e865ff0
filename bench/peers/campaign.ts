/** Several programs side by side: all started, each warmed up, then measured in rounds, one build at a time. */
import { join } from 'node:path';
import { withFolder } from '../harness/index-run.js';
import { measure } from '../harness/measure.js';
import { PeerProcess } from './peer-process.js';
import type { PeerReport } from './peer-report.js';
import { type Program, threadsOf } from './programs.js';

/** A program on a number of threads. */
export interface Variant {
  readonly program: Program;
  readonly threads: number;
}

export interface CampaignOptions {
  /** Folder with the Parquet files. */
  readonly source: string;
  readonly probes: readonly string[];
  readonly rounds: number;
  /** Instead of the program's own number. */
  readonly warmUps: (program: Program) => number;
  readonly log: (line: string) => void;
}

/** What the rounds of a variant gave; `failure` where it broke off, and it has no reports then. */
export interface Measured extends Variant {
  readonly reports: readonly PeerReport[];
  readonly failure?: string;
}

export function variantsOf(programs: readonly Program[], threads: readonly number[]): Variant[] {
  return programs.flatMap((program) => threadsOf(program, threads).map((count) => ({ program, threads: count })));
}

export function titleOf({ program, threads }: Variant): string {
  return `${program.name}, ${threads} thread${threads === 1 ? '' : 's'}`;
}

/** Command line of a program in the protocol of the peers. */
export function commandOf({ program, threads }: Variant, source: string, index: string, more: readonly string[] = []) {
  return [...program.command, '--source', source, '--index', index, '--threads', String(threads), ...more];
}

/** Rounds are those of all variants, so the i-th reports of two of them are a pair. A variant that fails leaves the others alone. */
export async function runCampaign(variants: readonly Variant[], options: CampaignOptions): Promise<Measured[]> {
  return withFolder(async (folder) => {
    const runners = variants.map((variant, i) => new Runner(variant, join(folder, `${i}`), options));
    try {
      for (const runner of runners) await runner.warmUp();
      const calls = Object.fromEntries(runners.map((runner) => [titleOf(runner.variant), () => runner.run()]));
      const onRound = (round: number, rounds: number) => options.log(`round ${round} of ${rounds}`);
      const samples = await measure(calls, { warmUps: 0, rounds: options.rounds, onRound });
      for (const runner of runners) await runner.end();
      return runners.map(({ variant, failure }) => ({
        ...variant,
        ...(failure === undefined
          ? { reports: samples.get(titleOf(variant))!.filter((report) => report !== undefined) }
          : { reports: [], failure }),
      }));
    } finally {
      for (const runner of runners) runner.kill();
    }
  });
}

/** A started variant, and whether it has failed. */
class Runner {
  failure: string | undefined;
  readonly #process: PeerProcess;

  constructor(
    readonly variant: Variant,
    index: string,
    private readonly options: CampaignOptions,
  ) {
    const probes = options.probes.length === 0 ? [] : ['--probes', options.probes.join(',')];
    this.#process = new PeerProcess(titleOf(variant), commandOf(variant, options.source, index, probes));
  }

  async warmUp(): Promise<void> {
    const count = this.options.warmUps(this.variant.program);
    this.options.log(`${titleOf(this.variant)}: ${count} builds to warm up`);
    for (let i = 0; i < count; i++) await this.run();
  }

  async run(): Promise<PeerReport | undefined> {
    return this.#guarded(() => this.#process.run());
  }

  async end(): Promise<void> {
    await this.#guarded(() => this.#process.end());
  }

  kill(): void {
    this.#process.kill();
  }

  async #guarded<T>(work: () => Promise<T>): Promise<T | undefined> {
    if (this.failure !== undefined) return undefined;
    try {
      return await work();
    } catch (error) {
      this.failure = (error as Error).message;
      this.options.log(this.failure);
      return undefined;
    }
  }
}
