import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { TidemarkError } from '#src/base/errors.js';
import { type Config, parseConfig } from '#src/config/config.js';
import { nearestWord } from '#src/config/explain.js';
import { schemaFingerprint } from '#src/config/fingerprint.js';
import { type BuildFlags, configFromFlags } from '#src/config/flags.js';
import { configJsonSchema } from '#src/config/json-schema.js';
import { isEndpoint, isPlace, parseDuration, parseListen, parseSize, parseTime } from '#src/config/units.js';
import type { SchemaSettings } from '#src/coordinator/settings.js';

const LEAST = `
source: { uri: in }
schema: { id: package }
index: { uri: out }
`;

const WHOLE = `
source:
  uri: s3://bucket/prefix
  partition: "dt=%Y-%m-%d/hour=%H/minute=%M"
  start: 2026-05-04T00:00:00Z
  coverage: { mode: windowed, span: 5h, onGap: refuse }
  ready: { settle: 7s, minObjects: 2, maxFutureSkew: 1m, marker: _SUCCESS }
  onBadPartition: hold
schema:
  id: package
  group: scope
  version: updated_at
  deleted: deleted
  replace: group
  fields: { name: text, summary: { type: text, analyzer: simple }, keywords: keyword, downloads: i64, updated_at: timestamp }
  stored: [version, name]
index: { uri: s3://bucket/index, slices: 4, keep: 48h, endpoint: "http://127.0.0.1:7070", region: eu-central-1, integrity: on }
trigger: { every: 1m, deadline: 45s, onMiss: abandon, watch: never }
build: { threads: 2, memory: 512MiB, spill: /var/tmp, layout: tiered, maxRejectRatio: 0, shardBytes: 8MiB, stored: { level: 1 } }
gate: { minDocRatio: 0.9, maxKillRatio: 0.1, queries: ["summary:react", { query: "name:types", minTotal: 5 }] }
restart: { every: never, memoryGrowth: never }
compact: never
serve: { listen: "[::1]:0" }
`;

/** The sentences a file is refused with. */
function refusal(read: () => Config): string[] {
  try {
    read();
  } catch (error) {
    assert.ok(error instanceof TidemarkError, String(error));
    assert.equal(error.code, 'config');
    return error.message.split('\n');
  }
  assert.fail('it is refused');
}

const refused = (yaml: string): string[] => refusal(() => parseConfig(yaml));
/** The least file with one key set, as JSON (which YAML is a superset of); the value is YAML. */
function withKey(path: string, value: string): string {
  const blocks: Record<string, Record<string, string>> = {
    source: { uri: 'in' },
    schema: { id: 'package' },
    index: { uri: 'out' },
  };
  const [top = '', key, ...rest] = path.split('.');
  const lines = key === undefined ? [`${top}: ${value}`] : [];
  if (key !== undefined) {
    blocks[top] = { ...blocks[top], [key]: rest.reduceRight((inner, name) => `{ ${name}: ${inner} }`, value) };
  }
  for (const [name, keys] of Object.entries(blocks)) {
    lines.push(`${name}:`, ...Object.entries(keys).map(([each, text]) => `  ${each}: ${text}`));
  }
  return lines.join('\n');
}

test('three keys are enough; every default is filled in', () => {
  const config = parseConfig(LEAST);
  const { partition, ...source } = config.indexes[0]!.source;
  assert.equal(partition.text, 'dt=%Y-%m-%d/hour=%H/minute=%M');
  assert.deepEqual(
    { ...config, indexes: [{ ...config.indexes[0]!, source }] },
    {
      indexes: [
        {
          name: 'default',
          priority: 0,
          source: {
            store: { uri: 'in', integrity: 'auto' },
            start: undefined,
            coverage: { mode: 'disjoint', onGap: 'widen', spanMs: 3_600_000 },
            ready: { settleMs: 5_000, minObjects: 1, maxFutureSkewMs: 600_000, marker: undefined },
            onBadPartition: 'passOver',
          },
          schema: {
            id: 'package',
            group: undefined,
            version: undefined,
            deleted: undefined,
            replace: 'record',
            fields: [],
            stored: [],
          },
          index: { store: { uri: 'out', integrity: 'auto' }, slices: 1, keepMs: 86_400_000 },
        },
      ],
      trigger: { everyMs: 30_000, deadlineMs: 30_000, onMiss: 'finish', watch: 'auto' },
      build: {
        threads: 'auto',
        memoryBytes: 2 ** 31,
        spill: '/tmp',
        layout: 'auto',
        maxRejectRatio: 0.01,
        shardBytes: 'auto',
        stored: { codec: 'deflate', level: 1 },
      },
      gate: { minDocRatio: 0.5, maxKillRatio: 0.5, queries: [] },
      restart: { everyMs: 21_600_000, memoryGrowthBytes: 268_435_456 },
      compact: { deltaRatio: 0.2, everyMs: 21_600_000 },
      serve: { listen: { host: '127.0.0.1', port: 7700 }, token: undefined, open: false },
    },
  );
});

test('every key is read, units turned into ms and bytes', () => {
  const config = parseConfig(WHOLE);
  const index = config.indexes[0]!;
  assert.equal(index.source.start, Date.UTC(2026, 4, 4));
  assert.deepEqual(index.source.coverage, { mode: 'windowed', onGap: 'refuse', spanMs: 18_000_000 });
  assert.deepEqual(index.source.ready, { settleMs: 7_000, minObjects: 2, maxFutureSkewMs: 60_000, marker: '_SUCCESS' });
  assert.equal(index.source.onBadPartition, 'hold');
  assert.deepEqual(index.schema, {
    id: 'package',
    group: 'scope',
    version: 'updated_at',
    deleted: 'deleted',
    replace: 'group',
    fields: [
      { name: 'downloads', type: 'i64' },
      { name: 'keywords', type: 'keyword' },
      { name: 'name', type: 'text', analyzer: 'standard' },
      { name: 'summary', type: 'text', analyzer: 'simple' },
      { name: 'updated_at', type: 'timestamp' },
    ],
    stored: ['name', 'version'],
  });
  const server = { endpoint: 'http://127.0.0.1:7070', region: 'eu-central-1', integrity: 'on' };
  assert.deepEqual(index.index, { store: { uri: 's3://bucket/index', ...server }, slices: 4, keepMs: 172_800_000 });
  assert.deepEqual(index.source.store, { uri: 's3://bucket/prefix', ...server }, 'the source is on the same server');
  assert.deepEqual(config.trigger, { everyMs: 60_000, deadlineMs: 45_000, onMiss: 'abandon', watch: 'never' });
  assert.deepEqual(config.build, {
    threads: 2,
    memoryBytes: 2 ** 29,
    spill: '/var/tmp',
    layout: 'tiered',
    maxRejectRatio: 0,
    shardBytes: 8 * 2 ** 20,
    stored: { codec: 'deflate', level: 1 },
  });
  assert.deepEqual(config.gate, {
    minDocRatio: 0.9,
    maxKillRatio: 0.1,
    queries: [
      { query: 'summary:react', minTotal: 1 },
      { query: 'name:types', minTotal: 5 },
    ],
  });
  assert.deepEqual(
    [config.restart, config.compact, config.serve],
    [
      { everyMs: 'never', memoryGrowthBytes: 'never' },
      'never',
      { listen: { host: '::1', port: 0 }, token: undefined, open: false },
    ],
  );
});

test('every error names its path, the value, and what would be right', () => {
  const cases: [string, string, RegExp][] = [
    ['trigger.every', "'30'", /^trigger\.every: '30' is not a duration; write a number with a unit, for example 30s/],
    ['trigger.every', '30', /^trigger\.every: 30 is not a duration/],
    ['trigger.every', '0s', /^trigger\.every: '0s' is not a duration/],
    ['trigger.onMiss', 'give-up', /^trigger\.onMiss: 'give-up' is not one of finish, abandon/],
    ['source.ready.settle', '5 s', /^source\.ready\.settle: '5 s' is not a duration/],
    ['source.ready.minObjects', '0', /^source\.ready\.minObjects: 0 is not a whole number of at least 1/],
    ['source.start', '2026-02-30T00:00:00Z', /^source\.start: '2026-02-30T00:00:00Z' is not a time; write it in UTC/],
    ['source.start', '2026-05-04', /^source\.start: '2026-05-04' is not a time/],
    ['source.partition', 'dt=%Y-%k', /^source\.partition is wrong: .*%k is no directive at position 7; use %Y/],
    ['source.coverage', 'windowed', /^source\.coverage: 'windowed' is not a block; write its keys/],
    ['source.coverage.mode', 'windowed', /^source\.coverage\.span is missing; windowed coverage needs/],
    ['source.coverage', '{ mode: cumulative, span: 1h }', /^schema\.version is missing; cumulative/],
    ['schema.replace', 'group', /^schema\.group is missing; replace: group needs/],
    ['schema.fields', '{ name: txt }', /^schema\.fields\.name: 'txt' is not a field type; write one of text, keyword/],
    [
      'schema.fields',
      '{ name: { type: text, analyzer: english } }',
      /^schema\.fields\.name\.analyzer: 'english' is not one of standard/,
    ],
    [
      'schema.fields',
      '{ name: { type: text, analyser: simple } }',
      /^schema\.fields\.name\.analyser is no key; did you mean analyzer\?/,
    ],
    [
      'schema.fields',
      '{ n: { type: i64, analyzer: simple } }',
      /^schema\.fields\.n\.analyzer is set on a field of type i64/,
    ],
    ['schema.stored', 'name', /^schema\.stored: 'name' is not a list of columns; write \[name, other\]/],
    ['index.slices', '1.5', /^index\.slices: 1\.5 is not a whole number from 1 to 256/],
    ['index.uri', 'gs://bucket/x', /^index\.uri: 'gs:\/\/bucket\/x' is not a place; write s3:/],
    ['index.endpoint', '127.0.0.1:7070', /^index\.endpoint: '127\.0\.0\.1:7070' is not an endpoint/],
    ['build.memory', '2G', /^build\.memory: '2G' is not a size; write a number with a unit, for example 2GiB/],
    ['build.threads', 'many', /^build\.threads: 'many' is not a number of threads; write auto/],
    ['build.threads', '0', /^build\.threads: 0 is not a whole number from 1 to 256/],
    [
      'build.shardBytes',
      '8',
      /^build\.shardBytes: 8 is not a size from 64KiB to 1GiB, or auto; write for example 8MiB/,
    ],
    ['build.shardBytes', '2GiB', /^build\.shardBytes: '2GiB' is not a size from 64KiB to 1GiB/],
    ['build.stored.codec', 'zstd', /^build\.stored\.codec: 'zstd' is not one of deflate, none/],
    ['build.stored.level', '10', /^build\.stored\.level: 10 is not a whole number from 0 to 9; write for example 1/],
    ['build.stored.levle', '1', /^build\.stored\.levle is no key; did you mean level\?/],
    ['gate.minDocRatio', '1.5', /^gate\.minDocRatio: 1\.5 is not a ratio; write a number from 0 to 1/],
    ['gate.queries', '[{ qery: x }]', /^gate\.queries\.0\.query is missing/],
    ['compact', 'off', /^compact: 'off' is not a block or never/],
    ['compact.every', 'sometimes', /^compact\.every: 'sometimes' is not a duration or never/],
    ['serve.listen', '7700', /^serve\.listen: 7700 is not an address to listen on; write host:port/],
    ['serve.listen', "'h:70000'", /^serve\.listen: 'h:70000' is not an address/],
    ['triger.every', '30s', /^triger is no key; did you mean trigger\?/],
    ['source.colour', 'red', /^source\.colour is no key; the keys here are uri, partition/],
    ['source.ready.setle', '5s', /^source\.ready\.setle is no key; did you mean settle\?/],
  ];
  for (const [path, value, expected] of cases) {
    const sentences = refused(withKey(path, value));
    assert.ok(expected.test(sentences[0]!), `${path}: ${value} is refused with: ${sentences.join(' / ')}`);
  }
});

test('what is missing is named, all of it at once', () => {
  assert.deepEqual(
    refused('').map((sentence) => sentence.split(';')[0]),
    ['source.uri is missing', 'schema.id is missing', 'index.uri is missing'],
  );
  assert.match(
    refused('source: {}\nschema: { id: 7 }\nindex: { uri: x }').join('\n'),
    /source\.uri is missing; it is a place; .*\nschema\.id: 7 is not a column name/,
  );
  assert.match(refused('a: [')[0]!, /^the file is no YAML: .* at line 1/);
  assert.match(refused('a: 1\na: 2')[0]!, /^the file is no YAML: Map keys must be unique/);
  assert.match(refused('just text')[0]!, /^the configuration: 'just text' is not a block/);
});

test('credentials are refused and never repeated', () => {
  for (const [path, value] of [
    ['index.uri', 's3://KEY:SECRET@bucket/x'],
    ['index.endpoint', 'http://KEY:SECRET@host'],
  ] as const) {
    const sentence = refused(withKey(path, value)).join();
    assert.match(sentence, /credentials come from the environment/);
    assert.ok(!sentence.includes('SECRET'), sentence);
  }
});

test('several indexes: a list of triples with names of their own', () => {
  const entry = (name: string) =>
    `{ name: ${name}, priority: 2, source: { uri: in }, schema: { id: a }, index: { uri: out } }`;
  const config = parseConfig(`indexes: [${entry('ads')}, ${entry('shop')}]`);
  assert.deepEqual(
    config.indexes.map(({ name, priority }) => [name, priority]),
    [
      ['ads', 2],
      ['shop', 2],
    ],
  );
  assert.match(refused(`indexes: [${entry('ads')}, ${entry('ads')}]`)[0]!, /^indexes\.1\.name is 'ads' twice/);
  assert.match(refused(`source: { uri: x }\nindexes: [${entry('ads')}]`)[0]!, /^source stands beside indexes/);
  assert.match(refused('indexes: []')[0]!, /write at least one/);
  assert.match(
    refused(`indexes: [${entry('ads').replace('id: a', 'id: a, replace: group')}]`)[0]!,
    /^indexes\.0\.schema\.group is missing/,
  );
  assert.match(
    refused(`indexes: [${entry('ads').replace('uri: in', 'url: in')}]`).join(),
    /indexes\.0\.source\.url is no key; did you mean uri\?/,
  );
});

test('flags make the same configuration, and mistakes name the flag', () => {
  const flags: BuildFlags = {
    source: 's3://bucket/in',
    index: 's3://bucket/out',
    id: 'package',
    group: 'scope',
    version: 'updated_at',
    deleted: 'deleted',
    text: ['name', 'summary'],
    keyword: ['keywords'],
    numeric: ['downloads'],
    stored: ['name'],
    endpoint: 'http://127.0.0.1:1',
    threads: '2',
  };
  const config = configFromFlags(flags);
  assert.deepEqual(config.indexes[0]!.schema.fields, [
    { name: 'downloads', type: 'numeric' },
    { name: 'keywords', type: 'keyword' },
    { name: 'name', type: 'text', analyzer: 'standard' },
    { name: 'summary', type: 'text', analyzer: 'standard' },
  ]);
  assert.equal(config.indexes[0]!.source.store.endpoint, 'http://127.0.0.1:1');
  assert.equal(config.build.threads, 2);
  assert.match(refusal(() => configFromFlags({ ...flags, partition: '%k' }))[0]!, /^--partition is wrong: /);
  assert.match(refusal(() => configFromFlags({ ...flags, coverage: 'windowed' }))[0]!, /^--span is missing/);
  assert.match(refusal(() => configFromFlags({ ...flags, id: '' }))[0]!, /^--id: '' is not a column name/);
  assert.match(
    refusal(() => configFromFlags({ ...flags, analyzer: 'english' }))[0]!,
    /^--analyzer: 'english' is not one of/,
  );
  assert.match(
    refusal(() => configFromFlags({ ...flags, keyword: ['name'] }))[0]!,
    /^--keyword names the column 'name'/,
  );
  assert.match(
    refusal(() => configFromFlags({ ...flags, threads: '-1' }))[0]!,
    /^--threads: '-1' is not a number of threads/,
  );
});

test('flags name the knobs of the build, and so do their mistakes', () => {
  const flags: BuildFlags = { source: 'in', index: 'out', id: 'package' };
  const build = (more: Partial<BuildFlags>) => configFromFlags({ ...flags, ...more }).build;
  assert.equal(build({ shardBytes: '2MiB' }).shardBytes, 2 ** 21);
  assert.equal(build({ shardBytes: 'auto' }).shardBytes, 'auto');
  assert.deepEqual(build({ storedLevel: '9' }).stored, { codec: 'deflate', level: 9 });
  assert.match(
    refusal(() => configFromFlags({ ...flags, shardBytes: '1B' }))[0]!,
    /^--shard-bytes: '1B' is not a size/,
  );
  assert.match(refusal(() => configFromFlags({ ...flags, storedCodec: 'gzip' }))[0]!, /^--stored-codec: 'gzip' is not/);
  assert.match(refusal(() => configFromFlags({ ...flags, storedLevel: '1.5' }))[0]!, /^--stored-level: 1\.5 is not/);
});

test('codec none and level 0 are one and the same', () => {
  const none = { codec: 'none', level: 0 };
  for (const stored of [
    '{ codec: none }',
    '{ codec: none, level: 9 }',
    '{ level: 0 }',
    '{ codec: deflate, level: 0 }',
  ]) {
    assert.deepEqual(parseConfig(withKey('build.stored', stored)).build.stored, none);
  }
});

test('the fingerprint moves with what changes the bytes, and with nothing else', () => {
  const { schema } = parseConfig(WHOLE).indexes[0]!;
  const same = schemaFingerprint(schema, 1);
  assert.match(same, /^[0-9a-f]{64}$/);
  const shuffled = WHOLE.replace('[version, name]', '[name, version, name]')
    .replace('name: text, summary', 'updated_at: timestamp, summary')
    .replace('i64, updated_at: timestamp', 'i64, name: { type: text, analyzer: standard }');
  assert.equal(schemaFingerprint(parseConfig(shuffled).indexes[0]!.schema, 1), same);
  const changes: Partial<SchemaSettings>[] = [
    { id: 'x' },
    { group: undefined },
    { version: undefined },
    { deleted: undefined },
    { replace: 'record' },
    { stored: ['name'] },
    { fields: [] },
    { fields: schema.fields.map((field) => (field.name === 'name' ? { ...field, analyzer: 'simple' } : field)) },
    { fields: schema.fields.map((field) => (field.name === 'downloads' ? { ...field, type: 'f64' } : field)) },
  ];
  const others = changes.map((change) => schemaFingerprint({ ...schema, ...change }, 1));
  assert.equal(new Set([same, schemaFingerprint(schema, 2), ...others]).size, changes.length + 2);
  const numeric: SchemaSettings = { ...schema, fields: [{ name: 'n', type: 'numeric' }] };
  assert.throws(() => schemaFingerprint(numeric, 1), /numeric field n is resolved before/);
  const typed = (type: 'i64' | 'f64') => ({ ...schema, fields: [{ name: 'n', type }] });
  assert.notEqual(schemaFingerprint(typed('i64'), 1), schemaFingerprint(typed('f64'), 1));
});

test('units', () => {
  assert.deepEqual(['500ms', '5s', '10m', '1.5h', '7d', '0.1ms', '5', 's', '-5s', '5S', '1h30m'].map(parseDuration), [
    500,
    5_000,
    600_000,
    5_400_000,
    604_800_000,
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
  assert.deepEqual(['2GiB', '1.5GB', '100B', '1kB', '0.5B', '99999999TiB'].map(parseSize), [
    2 ** 31,
    1.5e9,
    100,
    undefined,
    undefined,
    undefined,
  ]);
  assert.equal(parseTime('2026-05-04T02:00:00+02:00'), Date.UTC(2026, 4, 4));
  assert.equal(parseTime('2024-02-29T00:00Z'), Date.UTC(2024, 1, 29));
  assert.deepEqual(['2026-02-29T00:00:00Z', '2026-05-04T00:00:00', '2026-05-04T25:00:00Z', 'now'].map(parseTime), [
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
  assert.deepEqual(parseListen('localhost:80'), { host: 'localhost', port: 80 });
  assert.deepEqual(
    ['s3://bucket', 's3://bucket/a b', 'file:x', 'file:///x', '/x', './x', 'C:\\x', 'x'].map(isPlace),
    Array(8).fill(true),
  );
  assert.deepEqual(
    ['', ' x', 's3://', 's3:bucket', 's3://-/x', 's3://k:s@b/x', 'http://x/y', 'file:'].map(isPlace),
    Array(8).fill(false),
  );
  assert.deepEqual(['http://h:1', 'https://h', 'http://u@h', 'h:1', 'ftp://h'].map(isEndpoint), [
    true,
    true,
    false,
    false,
    false,
  ]);
  assert.equal(nearestWord('Analyser', ['analyzer', 'type']), 'analyzer');
  assert.equal(nearestWord('zz', ['id', 'uri']), undefined);
});

test('the JSON Schema says what may be written, and the page is made from it', () => {
  const schema = configJsonSchema();
  assert.deepEqual(Object.keys(schema.properties ?? {}), [
    'source',
    'schema',
    'index',
    'indexes',
    'trigger',
    'build',
    'gate',
    'restart',
    'compact',
    'serve',
  ]);
  assert.equal(schema.additionalProperties, false);
  const source = schema.properties?.source;
  assert.deepEqual(source?.required, ['uri']);
  assert.equal(source?.properties?.ready?.properties?.settle?.default, '5s');
  const tool = fileURLToPath(new URL('../../../docs/tools/configuration.mjs', import.meta.url));
  execFileSync(process.execPath, [tool, '--check'], { stdio: 'pipe' });
});
