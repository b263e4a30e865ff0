/** `tidemark.yaml` as it is written: every key with its meaning, its default and its check. `config.ts` fills it into a `Config`. */
import { z } from 'zod';
import { DEFAULT_STORED_COMPRESSION } from '../segment/compress.js';
import type { FieldType, TextAnalyzer } from '../segment/layout.js';
import {
  block,
  column,
  columns,
  duration,
  endpoint,
  instant,
  listen,
  oneOf,
  period,
  periodOrNever,
  place,
  ratio,
  size,
  sizeOrAuto,
  sizeOrNever,
  text,
  whole,
} from './leaves.js';

/** A field's declared type; `numeric` takes i64 or f64, whichever its column is. */
const FIELD_TYPES = ['text', 'keyword', 'i64', 'f64', 'timestamp', 'bool', 'numeric'] as const satisfies readonly (
  | FieldType
  | 'numeric'
)[];

const ANALYZERS = ['standard', 'simple', 'whitespace', 'keyword'] as const satisfies readonly TextAnalyzer[];

/** What a partition is called where nothing is said. */
const DEFAULT_PARTITION = 'dt=%Y-%m-%d/hour=%H/minute=%M';

const store = {
  endpoint: endpoint({ description: 'S3 only: address of a store that is not AWS.' }).optional(),
  region: text(
    { description: 'S3 only: region of the bucket.' },
    'a region; write for example eu-central-1',
  ).optional(),
  integrity: oneOf(
    {
      description:
        'S3 only: whether the default checksums are sent and checked; `auto` = on for AWS, off for an endpoint.',
    },
    ['auto', 'on', 'off'],
  ).optional(),
};

const coverage = block(
  { description: 'What a partition holds, and so which of them a delta needs.' },
  {
    mode: oneOf(
      {
        description:
          '`disjoint`: its own slot only. `windowed`: its own slot, and late changes are looked for over `span`. `cumulative`: every change of the last `span`, so most partitions need not be read.',
      },
      ['disjoint', 'windowed', 'cumulative'],
    ).default('disjoint'),
    span: period({
      description:
        'How far back a cumulative partition reaches, and how far back every run looks for late changes. Needed but for `disjoint`, where it is 1h.',
    }).optional(),
    onGap: oneOf(
      {
        description:
          'When the window no longer reaches the base: read more, refuse to commit, or publish with `gap` set.',
      },
      ['widen', 'refuse', 'publish'],
    ).default('widen'),
  },
);

const ready = block(
  { description: 'When a partition counts as complete. A newer partition completes it too.' },
  {
    settle: duration({ description: 'How long its newest object must have been unchanged.' }).prefault('5s'),
    minObjects: whole({ description: 'How many objects it must hold.' }, 1).default(1),
    maxFutureSkew: duration({ description: "How far its time may be ahead of the store's clock." }).prefault('10m'),
    marker: text(
      {
        description:
          'Name of a completion marker such as `_SUCCESS`. It makes a partition ready at once and is never needed.',
      },
      'a file name; write for example _SUCCESS',
    ).optional(),
  },
);

const source = block(
  { description: 'Where the input is.' },
  {
    uri: place({ description: 'Prefix of the partitions.' }),
    partition: text(
      { description: 'How a time is spelled as a folder, in UTC: %Y %m %d %j %H %M %S %s and plain text.' },
      `a partition template; write for example ${DEFAULT_PARTITION}`,
      'template',
    ).default(DEFAULT_PARTITION),
    start: instant({
      description: 'First partition to read. Used only while there is neither a watermark nor a base.',
    }).optional(),
    coverage: coverage.prefault({}),
    ready: ready.prefault({}),
    onBadPartition: oneOf(
      { description: 'A partition that cannot be read: go on with newer ones and set `gap`, or wait for it.' },
      ['passOver', 'hold'],
    ).default('passOver'),
    ...store,
  },
);

const fieldType = oneOf({ description: 'Type of the field.' }, FIELD_TYPES);

const field = z.union(
  [
    fieldType,
    block(
      { description: 'A field with settings.' },
      {
        type: fieldType,
        analyzer: oneOf({ description: 'How text becomes terms; text fields only.' }, ANALYZERS).optional(),
      },
    ),
  ],
  { error: `a field type; write one of ${FIELD_TYPES.join(', ')}, or {type: text, analyzer: standard}` },
);

const schema = block(
  { description: 'What a row means.' },
  {
    id: column({ description: 'Key of a document; unique over the index.' }),
    group: column({ description: 'Key of the group a document belongs to.' }).optional(),
    version: column({
      description: 'Integer or timestamp: the highest one of a key wins. Without it the newest partition does.',
    }).optional(),
    deleted: column({ description: 'Bool: true deletes the document, or the group where the id is null.' }).optional(),
    replace: oneOf(
      {
        description:
          '`record`: the newest row of a key wins. `group`: the newest partition that delivers a group replaces it whole.',
      },
      ['record', 'group'],
    ).default('record'),
    fields: z
      .record(column({ description: 'Column.' }), field, {
        error: 'a block of fields; write a column and its type a line, for example name: text',
      })
      .meta({
        title: 'column: type',
        description: `Indexed columns: ${FIELD_TYPES.join(', ')}, or {type: text, analyzer: ${ANALYZERS.join(' | ')}}.`,
      })
      .default({}),
    stored: columns({ description: 'Columns kept as they are, to be shown with a hit.' }).default([]),
  },
);

const target = block(
  { description: 'Where the index is.' },
  {
    uri: place({ description: 'Prefix of the index.' }),
    slices: whole({ description: 'Pieces the index is split into by hash of the group key.' }, 1, 256).default(1),
    keep: duration({ description: 'How long objects that nothing names any more are kept.' }).prefault('24h'),
    ...store,
  },
);

const trigger = block(
  { description: 'When a run starts and by when it ends.' },
  {
    every: period({ description: 'Distance of the ticks.' }).prefault('30s'),
    deadline: period({ description: 'By when a run must have committed; as `every` unless told.' }).optional(),
    watch: oneOf(
      {
        description:
          'Whether a local source is watched for new objects: they wake a run early, once they have settled. Ticks stay as they are.',
      },
      ['auto', 'never'],
    ).default('auto'),
    onMiss: oneOf({ description: 'A run that misses it: finish it, or abandon it and keep its parts.' }, [
      'finish',
      'abandon',
    ]).default('finish'),
  },
);

const build = block(
  { description: 'How segments are built.' },
  {
    threads: z
      .union([z.literal('auto'), whole({ description: 'Threads.' }, 1, 256)], {
        error: 'a number of threads; write auto, or a whole number from 1 to 256',
      })
      .meta({ title: 'whole number or auto', description: 'Worker threads; `auto` = one per core.' })
      .default('auto'),
    memory: size({ description: 'Bound on the memory of a build; beyond it, it spills.' }).prefault('2GiB'),
    spill: text({ description: 'Folder to spill to.' }, 'a folder; write for example /tmp', 'folder').default('/tmp'),
    layout: oneOf(
      {
        description:
          '`window`: one delta segment. `tiered`: several of growing size. `auto`: one, while its merge fits the deadline.',
      },
      ['window', 'tiered', 'auto'],
    ).default('auto'),
    maxRejectRatio: ratio({ description: 'Share of rejected rows above which a partition is bad.' }).default(0.01),
    shardBytes: sizeOrAuto(
      {
        description:
          'Text bytes of a shard, the piece of a partition that one thread builds at a time; `auto` = as many shards for every thread, of about 20 MiB at most. The segment does not depend on it.',
      },
      '64KiB',
      '1GiB',
    ).prefault('auto'),
    stored: block(
      { description: 'How stored fields are compressed. Another choice gives other segments: parts are built anew.' },
      {
        codec: oneOf({ description: '`none` keeps the blocks as they are: faster to write, larger.' }, [
          'deflate',
          'none',
        ]).default(DEFAULT_STORED_COMPRESSION.codec),
        level: whole(
          { description: 'Effort of `deflate`: 1 is fastest, 9 smallest, 0 the same as `none`.' },
          0,
          9,
        ).default(DEFAULT_STORED_COMPRESSION.level),
      },
    ).prefault({}),
  },
);

const goldenQuery = z.union(
  [
    text({ description: 'A query that must have a hit.' }, 'a query', 'query'),
    block(
      { description: 'A query with its least number of hits.' },
      {
        query: text({ description: 'The query.' }, 'a query; write for example summary:react', 'query'),
        minTotal: whole({ description: 'Least number of hits.' }, 1).default(1),
      },
    ),
  ],
  { error: 'a query; write it as text, or {query: summary:react, minTotal: 100}' },
);

const gate = block(
  { description: 'What a new segment must pass before it is committed.' },
  {
    minDocRatio: ratio({ description: 'Least live documents, as a share of the ones before.' }).default(0.5),
    maxKillRatio: ratio({ description: 'Most killed documents, as a share of the stored ones.' }).default(0.5),
    queries: z
      .array(goldenQuery, { error: 'a list of queries; write [summary:react]' })
      .meta({ title: 'list of queries', description: 'Queries that must have hits: a text, or {query, minTotal}.' })
      .default([]),
  },
);

const compact = z
  .union(
    [
      z.literal('never'),
      block(
        { description: 'When to compact.' },
        {
          deltaRatio: ratio({ description: 'Compact when the delta is that large a share of the base.' }).default(0.2),
          every: periodOrNever({ description: 'And at least that often.' }).prefault('6h'),
        },
      ),
    ],
    { error: 'a block or never; write {deltaRatio: 0.2, every: 6h}' },
  )
  .meta({ description: 'When the delta is folded into a new base, off the critical path; or `never`.' });

const serve = z
  .union(
    [
      z.literal('never'),
      block(
        { description: 'The HTTP server of the daemon.' },
        {
          listen: listen({ description: 'Address to listen on.' }).prefault('127.0.0.1:7700'),
          token: block(
            { description: 'Where the bearer token is that requests must bring. Needed beyond this machine.' },
            {
              env: text({ description: 'Environment variable that holds it.' }, 'the name of a variable').optional(),
              file: text({ description: 'File that holds it.' }, 'a file', 'file').optional(),
            },
          ).optional(),
          open: z
            .boolean({ error: 'true or false; write one of them' })
            .meta({ description: 'Answer beyond this machine without a token.' })
            .default(false),
        },
      ),
    ],
    { error: 'a block or never; write {listen: 127.0.0.1:7700}' },
  )
  .meta({ description: 'Wake-up hints, health and metrics over HTTP; or `never`.' });

const indexShape = { source, schema, index: target };

/** One index among several. */
const indexBlock = block(
  { description: 'One of several indexes.' },
  {
    name: text({ description: 'Its name in logs and metrics.' }, 'a name; write for example ads', 'name'),
    priority: whole({ description: 'Which goes first when several are due; higher first.' }, 0, 100).default(0),
    ...indexShape,
  },
);

/** The whole file. */
export const optionsSchema = block(
  { description: 'Configuration of Tidemark.' },
  {
    source: source.optional(),
    schema: schema.optional(),
    index: target.optional(),
    indexes: z
      .array(indexBlock, { error: 'a list of indexes; write - name: .. with source, schema and index' })
      .min(1, { error: 'a list of indexes; write at least one' })
      .meta({
        description:
          'Several indexes, instead of source, schema and index: each has these three, a name and a priority.',
      })
      .optional(),
    trigger: trigger.prefault({}),
    build: build.prefault({}),
    gate: gate.prefault({}),
    restart: block(
      { description: 'Planned restart.' },
      {
        every: periodOrNever({ description: 'How often the daemon hands over to a fresh process.' }).prefault('6h'),
        memoryGrowth: sizeOrNever({
          description:
            'Growth of resident memory an hour, fitted over the last ticks, from which on a process is replaced.',
        }).prefault('256MiB'),
      },
    ).prefault({}),
    compact: compact.prefault({}),
    serve: serve.prefault({}),
  },
);

export type Options = z.output<typeof optionsSchema>;
export type IndexOptions = z.output<typeof indexBlock>;
