/** Generated rows as Arrow record batches and IPC bytes. */
import {
  Bool,
  type Data,
  type DataType,
  Field,
  Int64,
  List,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  Table,
  TimestampMillisecond,
  tableToIPC,
  Utf8,
} from 'apache-arrow';
import type { BytesColumn, BytesListColumn, I64Column } from '../decode/columns.js';
import type { GeneratedRows } from './rows.js';

const KEYWORD = new Field('item', new Utf8(), true);
const FIELDS = {
  package: new Field('package', new Utf8(), false),
  scope: new Field('scope', new Utf8(), false),
  name: new Field('name', new Utf8(), true),
  summary: new Field('summary', new Utf8(), true),
  keywords: new Field('keywords', new List(KEYWORD), true),
  version: new Field('version', new Utf8(), true),
  downloads: new Field('downloads', new Int64(), true),
  updated_at: new Field('updated_at', new TimestampMillisecond('UTC'), false),
  deleted: new Field('deleted', new Bool(), false),
} as const;

/** The fixed columns, and a text for each further one. */
function schemaOf(moreTexts: number): Schema {
  const more = Array.from({ length: moreTexts }, (_, i) => new Field(moreTextName(i), new Utf8(), true));
  return new Schema([...Object.values(FIELDS), ...more]);
}

/** `text_00`, `text_01` .. */
function moreTextName(index: number): string {
  return `text_${String(index).padStart(2, '0')}`;
}

/** IPC bytes, one record batch for each of `groups`: a file, or a stream, which other writers read. */
export function encodeArrow(groups: readonly GeneratedRows[], kind: 'file' | 'stream'): Uint8Array {
  const schema = schemaOf(groups[0]?.moreTexts.length ?? 0);
  return tableToIPC(
    new Table(
      schema,
      groups.map((rows) => toBatch(schema, rows)),
    ),
    kind,
  );
}

function toBatch(schema: Schema, rows: GeneratedRows): RecordBatch {
  const children: Data[] = [
    bytesData(rows.package),
    bytesData(rows.scope),
    bytesData(rows.name),
    bytesData(rows.summary),
    listData(rows.keywords),
    bytesData(rows.version),
    numberData(rows.downloads, new Int64()),
    numberData(rows.updated_at, FIELDS.updated_at.type),
    boolData(rows.deleted),
    ...rows.moreTexts.map(bytesData),
  ];
  return new RecordBatch(
    schema,
    makeData({ type: new Struct(schema.fields), length: rows.rows, nullCount: 0, children }),
  );
}

/** Arrow's names for what a column has in any case. */
function common({ rows, validity }: { readonly rows: number; readonly validity: Uint8Array | undefined }) {
  return validity === undefined ? { length: rows, nullCount: 0 } : { length: rows, nullBitmap: validity };
}

function bytesData(column: BytesColumn): Data<Utf8> {
  return makeData({ type: new Utf8(), ...common(column), valueOffsets: column.offsets, data: column.data });
}

function listData(column: BytesListColumn): Data<List> {
  const child = bytesData(column.values) as Data<DataType>;
  return makeData({ type: FIELDS.keywords.type as List, ...common(column), valueOffsets: column.offsets, child });
}

function numberData(column: I64Column, type: Int64 | TimestampMillisecond): Data {
  return makeData({ type: type as Int64, ...common(column), data: column.values });
}

function boolData(column: I64Column): Data<Bool> {
  const bits = new Uint8Array(Math.ceil(column.rows / 8));
  column.values.forEach((value, row) => {
    if (value !== 0n) bits[row >> 3]! |= 1 << (row & 7);
  });
  return makeData({ type: new Bool(), ...common(column), data: bits });
}
