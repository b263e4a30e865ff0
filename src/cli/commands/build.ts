/** `tidemark build`: everything ready under the source, in one shot. */
import type { Command } from 'commander';
import { TidemarkError } from '../../base/errors.js';
import type { Config } from '../../config/config.js';
import { type BuildFlags, configFromFlags } from '../../config/flags.js';
import { runOnce } from '../../coordinator/run.js';
import { columnList, instant, readConfig } from '../options.js';
import { runProgress } from '../progress.js';
import { formatReport } from '../report-text.js';
import { openSession } from '../session.js';
import { type CommandContext, printJson } from '../terminal.js';

export interface BuildOptions extends Partial<BuildFlags> {
  readonly config?: string;
  readonly base?: true;
  readonly passOver?: true;
  readonly until?: number;
  readonly json?: true;
}

const EXAMPLE = `
Example:
  $ tidemark build --source demo/data/packages --index /tmp/index --id package --version updated_at \\
      --deleted deleted --text name,summary --keyword keywords --numeric downloads --stored name`;

export function addBuild(command: Command, context: CommandContext): void {
  addBuildFlags(command)
    .option('--json', 'print the report as JSON')
    .addHelpText('after', EXAMPLE)
    .action((options: BuildOptions) => build(options, context));
}

/** What says which build it is: shared by the commands that make one. */
export function addBuildFlags(command: Command): Command {
  return command
    .option('-c, --config <file>', 'configuration; instead of the flags below')
    .option('--source <uri>', 'prefix of the partitions: s3://bucket/prefix, file:path or a path')
    .option('--index <uri>', 'prefix of the index')
    .option('--id <column>', 'key of a document')
    .option('--group <column>', 'key of the group a document belongs to')
    .option('--version <column>', 'integer or timestamp: the highest one of a key wins')
    .option('--deleted <column>', 'bool: true deletes the document')
    .option('--text <columns>', 'text fields', columnList)
    .option('--keyword <columns>', 'keyword fields', columnList)
    .option('--numeric <columns>', 'numeric fields', columnList)
    .option('--stored <columns>', 'columns shown with a hit', columnList)
    .option('--analyzer <name>', 'analyzer of the text fields: standard, simple, whitespace, keyword')
    .option('--replace <unit>', 'what a newer row replaces: record or group')
    .option('--partition <template>', 'how a time is spelled as a folder, in UTC')
    .option('--coverage <mode>', 'what a partition holds: disjoint, windowed or cumulative')
    .option('--span <duration>', 'how far back a windowed or cumulative partition reaches')
    .option('--start <time>', 'first partition to read, while the index has none')
    .option('--settle <duration>', 'how long a partition must have been unchanged')
    .option('--endpoint <url>', 'S3: address of a store that is not AWS')
    .option('--region <name>', 'S3: region of the bucket')
    .option('--threads <count>', 'worker threads, or auto')
    .option('--memory <size>', 'bound on the memory of a build, for example 2GiB')
    .option('--max-reject-ratio <ratio>', 'share of rejected rows above which a partition is bad')
    .option('--base', 'build a new base instead of a delta')
    .option('--pass-over', 'commit without the partitions whose data is bad')
    .option('--until <time>', 'leave partitions after this time alone', instant);
}

async function build(options: BuildOptions, context: CommandContext): Promise<void> {
  const { terminal, signal } = context;
  const { base = false, passOver = false, until } = options;
  const session = await openSession(await configOf(options), context);
  const progress = runProgress(terminal, options.json === true);
  try {
    const [index] = session.indexes;
    const report = await runOnce(index!.deps, index!.settings, {
      base,
      passOver,
      until,
      signal,
      onPhase: progress.onPhase,
      onProgress: progress.onProgress,
    });
    progress.stop();
    if (options.json) printJson(terminal, report);
    else terminal.out(formatReport(report));
  } finally {
    progress.stop();
    await session.close();
  }
}

/** The configuration that file or flags give; of one index. */
export async function configOf(options: BuildOptions): Promise<Config> {
  if (options.config === undefined) return configFromFlags(requireFlags(options));
  const config = await readConfig(options.config);
  if (config.indexes.length === 1) return config;
  throw new TidemarkError(
    'usage',
    `${options.config} describes ${config.indexes.length} indexes, and build makes one`,
    {
      fix: 'use tidemark run --once, or a file with one index',
    },
  );
}

function requireFlags(options: BuildOptions): BuildFlags {
  const { source, index, id } = options;
  if (source !== undefined && index !== undefined && id !== undefined) return { ...options, source, index, id };
  const missing = Object.entries({ '--source': source, '--index': index, '--id': id })
    .filter(([, value]) => value === undefined)
    .map(([flag]) => flag);
  throw new TidemarkError('usage', `${missing.join(' and ')} ${missing.length > 1 ? 'are' : 'is'} missing`, {
    fix: 'name source, index and id by flags, or a file by -c tidemark.yaml',
  });
}
