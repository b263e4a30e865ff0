/** The flags of a one-shot `build --source ..` -> the same `Config` as from a file, by the same checks. */
import { TidemarkError } from '../base/errors.js';
import { type Config, fillConfig } from './config.js';
import { dottedPath } from './explain.js';

/** What the flags say, as text; a list flag may hold several columns. */
export interface BuildFlags {
  readonly source: string;
  readonly index: string;
  readonly id: string;
  readonly group?: string | undefined;
  readonly version?: string | undefined;
  readonly deleted?: string | undefined;
  readonly text?: readonly string[] | undefined;
  readonly keyword?: readonly string[] | undefined;
  readonly numeric?: readonly string[] | undefined;
  readonly stored?: readonly string[] | undefined;
  /** Of all text columns. */
  readonly analyzer?: string | undefined;
  readonly replace?: string | undefined;
  readonly partition?: string | undefined;
  /** Coverage mode. */
  readonly coverage?: string | undefined;
  readonly span?: string | undefined;
  readonly start?: string | undefined;
  readonly settle?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly region?: string | undefined;
  readonly threads?: string | undefined;
  readonly memory?: string | undefined;
  readonly shardBytes?: string | undefined;
  readonly storedCodec?: string | undefined;
  readonly storedLevel?: string | undefined;
  readonly maxRejectRatio?: string | undefined;
}

/** Where each flag's value goes in the file. */
const FLAG_PATHS: Readonly<Record<string, string>> = {
  'source.uri': '--source',
  'index.uri': '--index',
  'schema.id': '--id',
  'schema.group': '--group',
  'schema.version': '--version',
  'schema.deleted': '--deleted',
  'schema.replace': '--replace',
  'schema.stored': '--stored',
  'source.partition': '--partition',
  'source.coverage.mode': '--coverage',
  'source.coverage.span': '--span',
  'source.start': '--start',
  'source.ready.settle': '--settle',
  'index.endpoint': '--endpoint',
  'index.region': '--region',
  'build.threads': '--threads',
  'build.memory': '--memory',
  'build.shardBytes': '--shard-bytes',
  'build.stored.codec': '--stored-codec',
  'build.stored.level': '--stored-level',
  'build.maxRejectRatio': '--max-reject-ratio',
};

/** Fails with code `config` like `parseConfig`, but names flags instead of paths. A column may stand in one list only. */
export function configFromFlags(flags: BuildFlags): Config {
  const raw = {
    source: {
      uri: flags.source,
      partition: flags.partition,
      start: flags.start,
      coverage: { mode: flags.coverage, span: flags.span },
      ready: { settle: flags.settle },
    },
    schema: {
      id: flags.id,
      group: flags.group,
      version: flags.version,
      deleted: flags.deleted,
      replace: flags.replace,
      fields: fieldsOf(flags),
      stored: flags.stored,
    },
    index: { uri: flags.index, endpoint: flags.endpoint, region: flags.region },
    build: {
      threads: numberOrText(flags.threads),
      memory: flags.memory,
      shardBytes: flags.shardBytes,
      stored: { codec: flags.storedCodec, level: numberOrText(flags.storedLevel) },
      maxRejectRatio: numberOrText(flags.maxRejectRatio),
    },
  };
  return fillConfig(raw, flagName);
}

function flagName(path: readonly PropertyKey[]): string {
  const dotted = dottedPath(path);
  if (dotted.endsWith('.analyzer')) return '--analyzer';
  if (dotted.startsWith('schema.stored.')) return '--stored';
  return FLAG_PATHS[dotted] ?? dotted;
}

function fieldsOf(flags: BuildFlags): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  const add = (flag: string, names: readonly string[] | undefined, field: unknown) => {
    for (const name of names ?? []) {
      if (Object.hasOwn(fields, name)) {
        throw new TidemarkError('config', `${flag} names the column '${name}', which a field is made of already`, {
          fix: 'name a column in one of --text, --keyword and --numeric',
        });
      }
      fields[name] = field;
    }
  };
  add('--text', flags.text, { type: 'text', analyzer: flags.analyzer });
  add('--keyword', flags.keyword, 'keyword');
  add('--numeric', flags.numeric, 'numeric');
  return fields;
}

/** Flags are text; `4` means the number, anything else is judged as it stands. */
function numberOrText(text: string | undefined): number | string | undefined {
  return text !== undefined && /^[0-9]+(\.[0-9]+)?$/.test(text) ? Number(text) : text;
}
