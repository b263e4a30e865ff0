/** The options by which `build`, and whatever works on a build, are told source, schema, index and knobs. */
import type { Command } from 'commander';
import { TidemarkError } from '../base/errors.js';
import type { Config } from '../config/config.js';
import { type BuildFlags, configFromFlags } from '../config/flags.js';
import { columnList, readConfig } from './options.js';

export interface ConfigFlags extends Partial<BuildFlags> {
  /** A file instead of the flags. */
  readonly config?: string;
}

/** Adds `-c` and the flags that stand for a file. */
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
    .option('--shard-bytes <size>', 'text bytes of a shard, for example 8MiB, or auto')
    .option('--stored-codec <name>', 'compression of stored fields: deflate or none')
    .option('--stored-level <level>', 'effort of deflate, 1 (fast) to 9 (small)')
    .option('--max-reject-ratio <ratio>', 'share of rejected rows above which a partition is bad');
}

/** From the file, or else from the flags; `command` = the one that asks, for messages. Fails with `config` or `usage`. */
export async function configOf(options: ConfigFlags, command: string): Promise<Config> {
  if (options.config === undefined) return configFromFlags(requireFlags(options));
  const config = await readConfig(options.config);
  if (config.indexes.length === 1) return config;
  throw new TidemarkError(
    'usage',
    `${options.config} describes ${config.indexes.length} indexes, and ${command} takes one`,
    {
      fix: 'use a file with one index; tidemark run takes several',
    },
  );
}

function requireFlags(options: ConfigFlags): BuildFlags {
  const { source, index, id } = options;
  if (source !== undefined && index !== undefined && id !== undefined) return { ...options, source, index, id };
  const missing = Object.entries({ '--source': source, '--index': index, '--id': id })
    .filter(([, value]) => value === undefined)
    .map(([flag]) => flag);
  throw new TidemarkError('usage', `${missing.join(' and ')} ${missing.length > 1 ? 'are' : 'is'} missing`, {
    fix: 'name source, index and id by flags, or a file by -c tidemark.yaml',
  });
}
