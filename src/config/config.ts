/** `tidemark.yaml` -> `Config`: every default filled in, every unit turned into ms, bytes or an instant. */
import { parse as parseYaml, YAMLParseError } from 'yaml';
import { TidemarkError } from '../base/errors.js';
import type { FieldSettings, GoldenQuery, SchemaSettings } from '../coordinator/settings.js';
import type { CoverageRule } from '../partition/coverage.js';
import type { ReadyRule } from '../partition/ready.js';
import { compileTemplate, type PartitionTemplate } from '../partition/template.js';
import type { CompressionLevel, StoredCompression } from '../segment/compress.js';
import type { StoreConfig } from '../store/store.js';
import { dottedPath, explainIssues, type PathNames } from './explain.js';
import { type IndexOptions, type Options, optionsSchema } from './schema.js';
import type { ListenAddress } from './units.js';

export interface SourceConfig {
  readonly store: StoreConfig;
  readonly partition: PartitionTemplate;
  /** First partition to read, ms since the epoch. */
  readonly start: number | undefined;
  /** `spanMs` is always there: a disjoint source looks that far back for late changes. */
  readonly coverage: CoverageRule & { readonly spanMs: number };
  readonly ready: ReadyRule;
  readonly onBadPartition: 'passOver' | 'hold';
}

export interface TargetConfig {
  readonly store: StoreConfig;
  readonly slices: number;
  readonly keepMs: number;
}

export interface IndexConfig {
  /** `default` where the file describes one index. */
  readonly name: string;
  /** Higher goes first. */
  readonly priority: number;
  readonly source: SourceConfig;
  readonly schema: SchemaSettings;
  readonly index: TargetConfig;
}

export interface ServeConfig {
  readonly listen: ListenAddress;
  /** Where the token is, never the token itself. */
  readonly token: { readonly env: string } | { readonly file: string } | undefined;
  /** Whether it may be reached from other machines without a token. */
  readonly open: boolean;
}

export interface Config {
  /** At least one. */
  readonly indexes: readonly IndexConfig[];
  readonly trigger: {
    readonly everyMs: number;
    readonly deadlineMs: number;
    readonly onMiss: 'finish' | 'abandon';
    readonly watch: 'auto' | 'never';
  };
  readonly build: {
    readonly threads: number | 'auto';
    readonly memoryBytes: number;
    readonly spill: string;
    readonly layout: 'window' | 'tiered' | 'auto';
    readonly maxRejectRatio: number;
    /** Text bytes of a shard. */
    readonly shardBytes: number | 'auto';
    readonly stored: StoredCompression;
  };
  readonly gate: {
    readonly minDocRatio: number;
    readonly maxKillRatio: number;
    readonly queries: readonly GoldenQuery[];
  };
  readonly restart: { readonly everyMs: number | 'never'; readonly memoryGrowthBytes: number | 'never' };
  readonly compact: { readonly deltaRatio: number; readonly everyMs: number | 'never' } | 'never';
  readonly serve: ServeConfig | 'never';
}

/** How far back late changes of a disjoint source are looked for: twelve of its five-minute partitions, one request. */
const DISJOINT_SPAN_MS = 3_600_000;

/** Reads the file; fails with code `config`, one sentence per mistake, each with its path and what would be right. */
export function parseConfig(yamlText: string): Config {
  let raw: unknown;
  try {
    raw = parseYaml(yamlText);
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error;
    throw mistakes([`the file is no YAML: ${error.message.split('\n')[0]}`]);
  }
  return fillConfig(raw ?? {});
}

/** Checks and fills plain data of the file's shape. `names` spells paths in messages. */
export function fillConfig(raw: unknown, names: PathNames = dottedPath): Config {
  const result = optionsSchema.safeParse(raw);
  if (!result.success) throw mistakes(explainIssues(result.error.issues, raw, names));
  const options = result.data;
  const found: string[] = [];
  const note = (path: readonly PropertyKey[], sentence: string) => found.push(`${names(path)} ${sentence}`);
  const indexes = indexOptions(options, note).map(({ path, index }) => fillIndex(index, path, note));
  const serving = fillServe(options.serve, note);
  if (found.length > 0) throw mistakes(found);
  const { trigger, build, gate, restart, compact } = options;
  return {
    indexes: indexes.filter((index) => index !== undefined),
    trigger: {
      everyMs: trigger.every,
      deadlineMs: trigger.deadline ?? trigger.every,
      onMiss: trigger.onMiss,
      watch: trigger.watch,
    },
    build: {
      threads: build.threads,
      memoryBytes: build.memory,
      spill: build.spill,
      layout: build.layout,
      maxRejectRatio: build.maxRejectRatio,
      shardBytes: build.shardBytes,
      stored: fillStored(build.stored),
    },
    gate: {
      ...gate,
      queries: gate.queries.map((query) => (typeof query === 'string' ? { query, minTotal: 1 } : query)),
    },
    restart: { everyMs: restart.every, memoryGrowthBytes: restart.memoryGrowth },
    compact: compact === 'never' ? compact : { deltaRatio: compact.deltaRatio, everyMs: compact.every },
    serve: serving,
  };
}

function fillServe(serve: Options['serve'], note: Note): Config['serve'] {
  if (serve === 'never') return serve;
  const { listen, token: from, open } = serve;
  if (from !== undefined && (from.env === undefined) === (from.file === undefined)) {
    note(['serve', 'token'], 'names no place, or two; write either {env: NAME} or {file: PATH}');
  }
  const token =
    from?.env !== undefined ? { env: from.env } : from?.file !== undefined ? { file: from.file } : undefined;
  return { listen, token, open };
}

/** Notes a mistake that two keys make together. */
type Note = (path: readonly PropertyKey[], sentence: string) => void;

function indexOptions(options: Options, note: Note): { path: PropertyKey[]; index: IndexOptions }[] {
  const { source, schema, index, indexes } = options;
  if (indexes !== undefined) {
    for (const [key, value] of Object.entries({ source, schema, index })) {
      if (value !== undefined) note([key], 'stands beside indexes; move it into an entry of the list');
    }
    indexes.forEach(({ name }, at) => {
      if (indexes.findIndex((other) => other.name === name) < at)
        note(['indexes', at, 'name'], `is '${name}' twice; give every index a name of its own`);
    });
    return indexes.map((entry, at) => ({ path: ['indexes', at], index: entry }));
  }
  if (source === undefined)
    note(['source', 'uri'], 'is missing; write where the input is, for example s3://bucket/prefix');
  if (schema === undefined) note(['schema', 'id'], 'is missing; write the column that is the key of a document');
  if (index === undefined)
    note(['index', 'uri'], 'is missing; write where the index is, for example s3://bucket/index');
  if (source === undefined || schema === undefined || index === undefined) return [];
  return [{ path: [], index: { name: 'default', priority: 0, source, schema, index } }];
}

function fillIndex(options: IndexOptions, path: readonly PropertyKey[], note: Note): IndexConfig | undefined {
  const partition = fillTemplate(options.source.partition, [...path, 'source', 'partition'], note);
  const coverage = fillCoverage(options, path, note);
  const schema = fillSchema(options.schema, [...path, 'schema'], note);
  if (partition === undefined || coverage === undefined) return undefined;
  const { source, index } = options;
  const { settle, maxFutureSkew, minObjects, marker } = source.ready;
  return {
    name: options.name,
    priority: options.priority,
    source: {
      store: sourceStore(source, index),
      partition,
      start: source.start,
      coverage,
      ready: { settleMs: settle, minObjects, maxFutureSkewMs: maxFutureSkew, marker },
      onBadPartition: source.onBadPartition,
    },
    schema,
    index: { store: storeOf(index), slices: index.slices, keepMs: index.keep },
  };
}

function fillTemplate(text: string, path: readonly PropertyKey[], note: Note): PartitionTemplate | undefined {
  try {
    return compileTemplate(text);
  } catch (error) {
    if (!(error instanceof TidemarkError)) throw error;
    note(path, `is wrong: ${error.message}; ${error.fix}`);
    return undefined;
  }
}

function fillCoverage(
  options: IndexOptions,
  path: readonly PropertyKey[],
  note: Note,
): SourceConfig['coverage'] | undefined {
  const { mode, onGap, span } = options.source.coverage;
  if (mode === 'cumulative' && options.schema.version === undefined) {
    note(
      [...path, 'schema', 'version'],
      'is missing; cumulative partitions repeat rows, and only a version tells which is newer',
    );
  }
  if (span === undefined && mode !== 'disjoint') {
    note(
      [...path, 'source', 'coverage', 'span'],
      `is missing; ${mode} coverage needs how far a partition reaches back, for example 5h`,
    );
    return undefined;
  }
  return { mode, onGap, spanMs: span ?? DISJOINT_SPAN_MS };
}

function fillSchema(options: IndexOptions['schema'], path: readonly PropertyKey[], note: Note): SchemaSettings {
  if (options.replace === 'group' && options.group === undefined) {
    note([...path, 'group'], 'is missing; replace: group needs the column that names the group');
  }
  const fields = Object.entries(options.fields).map(([name, field]): FieldSettings => {
    const { type, analyzer } = typeof field === 'string' ? { type: field, analyzer: undefined } : field;
    if (analyzer !== undefined && type !== 'text') {
      note([...path, 'fields', name, 'analyzer'], `is set on a field of type ${type}; only text is analyzed`);
    }
    return type === 'text' ? { name, type, analyzer: analyzer ?? 'standard' } : { name, type };
  });
  return {
    id: options.id,
    group: options.group,
    version: options.version,
    deleted: options.deleted,
    replace: options.replace,
    fields: fields.sort((a, b) => (a.name < b.name ? -1 : 1)),
    stored: [...new Set(options.stored)].sort(),
  };
}

/** `none` and level 0 are the same thing in two words: one spelling, so that they name the same parts. */
function fillStored({ codec, level }: Options['build']['stored']): StoredCompression {
  return codec === 'none' || level === 0 ? { codec: 'none', level: 0 } : { codec, level: level as CompressionLevel };
}

type StoreOptions = Pick<IndexOptions['index'], 'uri' | 'endpoint' | 'region' | 'integrity'>;

const storeOf = ({ uri, endpoint, region, integrity }: StoreOptions): StoreConfig => ({
  uri,
  ...(endpoint === undefined ? {} : { endpoint }),
  ...(region === undefined ? {} : { region }),
  integrity: integrity ?? 'auto',
});

/** Source and index mostly share a server: an S3 source that names none of its own is on the index's. */
function sourceStore(source: StoreOptions, index: StoreOptions): StoreConfig {
  const isShared = source.uri.startsWith('s3:') && index.uri.startsWith('s3:') && source.endpoint === undefined;
  if (!isShared) return storeOf(source);
  return storeOf({
    uri: source.uri,
    endpoint: index.endpoint,
    region: source.region ?? index.region,
    integrity: source.integrity ?? index.integrity,
  });
}

function mistakes(sentences: readonly string[]): TidemarkError {
  return new TidemarkError('config', sentences.join('\n'));
}
