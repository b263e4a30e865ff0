/** `tidemark profile`: one build, or a daemon for some triggers, recorded in all threads. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { TidemarkError } from '../../base/errors.js';
import type { Config } from '../../config/config.js';
import type { RunReport } from '../../coordinator/report.js';
import { profileArtifacts } from '../../profile/artifacts.js';
import type { Overhead } from '../../profile/overhead.js';
import type { record } from '../../profile/record.js';
import type { SamplingOptions } from '../../profile/recording.js';
import { addBuildFlags, type ConfigFlags, configOf } from '../build-flags.js';
import { instant, readConfig, wholeNumber } from '../options.js';
import { overheadOf, warmUp } from '../profile-scratch.js';
import { formatProfile, type WrittenFile } from '../profile-text.js';
import { memoryFigures, recordBuild, recordDaemon } from '../profile-work.js';
import { openPool } from '../session.js';
import { type CommandContext, printJson } from '../terminal.js';

export interface ProfileOptions extends ConfigFlags {
  readonly base?: true;
  readonly passOver?: true;
  readonly until?: number;
  readonly json?: true;
  readonly triggers?: number;
  readonly out: string;
  readonly interval: number;
  readonly pairs: number;
  readonly overhead: boolean;
  readonly warm?: true;
}

/**
 * Between two samples. CPU time of a recorded build of 40,000 documents over an unrecorded one, medians of 7 pairs on a shared machine: 1.45 at
 * 200 us, 1.20 at 500, 1.17 at 1,000; and 60 ms of work, an increment's, still hold more than a hundred samples.
 */
const INTERVAL_US = 500;
const MIN_INTERVAL_US = 100;

/** Mean bytes between two sampled allocations: the protocol's default; a build that allocates 100 MB gives 3,000 samples. */
const HEAP_INTERVAL_BYTES = 32 << 10;

/** Pairs of runs for the overhead: an odd number, so that the median is a pair. */
const PAIRS = 3;

const PAGE_SCRIPT = new URL('../../profile/page/flame.js', import.meta.url);

const EXAMPLE = `
Examples:
  $ tidemark profile --source demo/data/packages --index /tmp/profiled --id package --text name,summary --out /tmp/profile
  $ tidemark profile -c tidemark.yaml --triggers 10 --no-overhead`;

export function addProfile(command: Command, context: CommandContext): void {
  addBuildFlags(command)
    .option('--base', 'build a new base instead of a delta')
    .option('--pass-over', 'commit without the partitions whose data is bad')
    .option('--until <time>', 'leave partitions after this time alone', instant)
    .option('--triggers <count>', 'with -c: run the daemon for this many triggers instead of one build', wholeNumber(1))
    .option('--out <folder>', 'where the files go', 'tidemark-profile')
    .option('--warm', 'warm threads and kernels up first, by a build into a scratch index')
    .option('--interval <us>', 'microseconds between two samples', interval, INTERVAL_US)
    .option('--pairs <count>', 'pairs of runs that the overhead is measured on', wholeNumber(1), PAIRS)
    .option('--no-overhead', 'leave out what the recording costs: it takes several more builds')
    .option('--json', 'print files, figures and reports as JSON')
    .addHelpText('after', EXAMPLE)
    .action((options: ProfileOptions) => profile(options, context));
}

function interval(text: string): number {
  const us = Number(text);
  if (/^[0-9]+$/.test(text) && us >= MIN_INTERVAL_US && us <= 1_000_000) return us;
  throw new InvalidArgumentError(`write a number of microseconds, from ${MIN_INTERVAL_US} to 1000000.`);
}

async function profile(options: ProfileOptions, context: CommandContext): Promise<void> {
  const { terminal } = context;
  const config = await configOfProfile(options);
  const script = await readFile(PAGE_SCRIPT, 'utf8');
  await mkdir(options.out, { recursive: true });
  const sampling = { intervalUs: options.interval, heapIntervalBytes: HEAP_INTERVAL_BYTES };
  const { recording, reports, overhead } = await recordAll(config, options, sampling, context);
  const title = titleOf(options, config);
  const facts = factsOf(reports, sampling);
  const { files, summary } = profileArtifacts({ title, facts, sampling, recording, overhead, script });
  const written: WrittenFile[] = [];
  for (const { name, use, text } of files) {
    const path = join(options.out, name);
    await writeFile(path, text);
    written.push({ path, bytes: Buffer.byteLength(text), use });
  }
  if (options.json) printJson(terminal, { title, files: written, summary, overhead, reports });
  else terminal.out(formatProfile({ title, files: written, summary, overhead }));
}

async function configOfProfile(options: ProfileOptions): Promise<Config> {
  if (options.triggers === undefined) return configOf(options, 'profile');
  if (options.config !== undefined) return readConfig(options.config);
  throw new TidemarkError('usage', '--triggers stands without -c', {
    fix: 'name the configuration of the daemon by -c tidemark.yaml',
  });
}

interface Recorded {
  readonly recording: Awaited<ReturnType<typeof record>>['recording'];
  readonly reports: readonly RunReport[];
  readonly overhead: Overhead | undefined;
}

async function recordAll(
  config: Config,
  options: ProfileOptions,
  sampling: SamplingOptions,
  context: CommandContext,
): Promise<Recorded> {
  const { clock, terminal } = context;
  const pool = openPool(config);
  const recorder = { pool, clock, sampling, memory: memoryFigures };
  const scratch = { config, options, context, recorder };
  try {
    if (options.warm) await warmUp(scratch);
    const work = options.triggers === undefined ? recordBuild : recordDaemon;
    const { recording, result } = await work(recorder, config, options, context);
    if (!options.overhead) return { recording, reports: result, overhead: undefined };
    if (terminal.errIsTty) terminal.err(`recorded; now ${options.pairs} pairs of builds for the overhead`);
    return { recording, reports: result, overhead: await overheadOf(scratch) };
  } finally {
    await pool.close();
  }
}

function titleOf({ triggers, config: file }: ProfileOptions, config: Config): string {
  const what = triggers === undefined ? 'a build' : `${triggers} triggers`;
  return `Profile of ${what}: ${file ?? config.indexes[0]!.source.store.uri}`;
}

function factsOf(reports: readonly RunReport[], { intervalUs }: SamplingOptions): Record<string, string> {
  const built = reports.reduce((sum, { builtDocs }) => sum + builtDocs, 0);
  return {
    Runs: `${reports.length}`,
    'Documents built': built.toLocaleString('en-US'),
    'Sampled every': `${intervalUs} µs`,
    Node: process.version,
    Cores: `${availableParallelism()}`,
  };
}
