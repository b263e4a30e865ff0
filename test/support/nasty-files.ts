/** Writes plain rows as real input files: Parquet with the row groups asked for, or Arrow IPC with a batch for each. */
import * as arrow from 'apache-arrow';
import { parquetWriteBuffer } from 'hyparquet-writer';
import type { Store } from '#src/store/store.js';
import type { NastyObject } from './nasty-set.js';
import type { InputRow, InputValue } from './oracle.js';

/** Columns of the files beside id, group, version and deleted. */
export const NASTY_COLUMNS = ['name', 'summary', 'keywords', 'label', 'downloads', 'score'] as const;

/** Puts every object under its key; a rewritten one replaces its former self. */
export async function writeNastyObjects(store: Store, objects: readonly NastyObject[]): Promise<void> {
  for (const object of objects) await store.put(object.key, encodeNastyObject(object));
}

/** A file of columns `id`, `group`, `updated_at` (timestamp in ms), `deleted` and `NASTY_COLUMNS`, by the key's ending. */
export function encodeNastyObject(object: NastyObject): Uint8Array {
  return object.key.endsWith('.arrow') ? encodeArrow(object) : encodeParquet(object);
}

function encodeParquet({ rowGroups }: NastyObject): Uint8Array {
  const rows = rowGroups.flat();
  const column = (name: string, data: unknown[]) => ({ name, data });
  const values = (name: string) => rows.map(({ fields }) => fields[name] ?? undefined);
  const leaf = (name: string, rest: object) => ({ name, repetition_type: 'OPTIONAL', ...rest }) as const;
  const text = { type: 'BYTE_ARRAY', converted_type: 'UTF8' } as const;
  const list = (name: string) => [
    leaf(name, { converted_type: 'LIST', num_children: 1 }),
    { name: 'list', repetition_type: 'REPEATED', num_children: 1 } as const,
    leaf('element', text),
  ];
  return new Uint8Array(
    parquetWriteBuffer({
      columnData: [
        column(
          'id',
          rows.map(({ id }) => id ?? undefined),
        ),
        column(
          'group',
          rows.map(({ group }) => group ?? undefined),
        ),
        column(
          'updated_at',
          rows.map(({ version }) => (version === null ? undefined : new Date(Number(version)))),
        ),
        column(
          'deleted',
          rows.map(({ deleted }) => deleted),
        ),
        ...NASTY_COLUMNS.map((name) => column(name, values(name))),
      ],
      schema: [
        { name: 'schema', num_children: 4 + NASTY_COLUMNS.length },
        leaf('id', text),
        leaf('group', text),
        leaf('updated_at', { type: 'INT64', converted_type: 'TIMESTAMP_MILLIS' }),
        leaf('deleted', { type: 'BOOLEAN' }),
        leaf('name', text),
        leaf('summary', text),
        ...list('keywords'),
        leaf('label', text),
        leaf('downloads', { type: 'INT64' }),
        leaf('score', { type: 'DOUBLE' }),
      ],
      rowGroupSize: rowGroups.map(({ length }) => length),
    }),
  );
}

function encodeArrow({ rowGroups }: NastyObject): Uint8Array {
  const types = {
    id: new arrow.Utf8(),
    group: new arrow.Utf8(),
    updated_at: new arrow.TimestampMillisecond('UTC'),
    deleted: new arrow.Bool(),
    name: new arrow.Utf8(),
    summary: new arrow.Utf8(),
    keywords: new arrow.List(new arrow.Field('item', new arrow.Utf8(), true)),
    label: new arrow.Utf8(),
    downloads: new arrow.Int64(),
    score: new arrow.Float64(),
  };
  const schema = new arrow.Schema(Object.entries(types).map(([name, type]) => new arrow.Field(name, type, true)));
  const batches = rowGroups.map((rows) => {
    const children = Object.entries(types).map(
      ([name, type]) =>
        arrow.vectorFromArray(
          rows.map((row) => arrowValue(row, name)),
          type,
        ).data[0]!,
    );
    const struct = new arrow.Struct(schema.fields);
    return new arrow.RecordBatch(schema, arrow.makeData({ type: struct, length: rows.length, nullCount: 0, children }));
  });
  return arrow.tableToIPC(new arrow.Table(schema, batches), 'file');
}

function arrowValue(row: InputRow, name: string): InputValue | boolean {
  if (name === 'id') return row.id;
  if (name === 'group') return row.group;
  if (name === 'updated_at') return row.version === null ? null : Number(row.version);
  if (name === 'deleted') return row.deleted;
  return row.fields[name] ?? null;
}
