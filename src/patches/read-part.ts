/** The input of one partition of a patch source -> its patch part. No text is cut and no posting is made. */
import { TidemarkError } from '../base/errors.js';
import type { BytesColumn, Column, ColumnRequest, ColumnSet } from '../decode/columns.js';
import type { InputFile } from '../decode/input-file.js';
import { floatToOrdered } from '../segment/column.js';
import { type PatchFieldEntry, type PatchPart, type PatchRow, patchPart } from '../segment/patch-part.js';
import { hasBit, type PatchValue } from '../segment/patch-values.js';

export interface PatchPlan {
  /** Column of the id. */
  readonly id: string;
  readonly version: string | undefined;
  /** Fields and the columns of the same names. */
  readonly fields: readonly PatchFieldEntry[];
}

export interface PatchInput {
  readonly key: string;
  readonly file: Pick<InputFile, 'columns' | 'rowGroups' | 'readRows'>;
}

/** A row that cannot be used. */
export interface PatchReject {
  /** Among the inputs. */
  readonly object: number;
  readonly rowGroup: number;
  readonly row: number;
  readonly reason: string;
}

/** Longest id or keyword in bytes, as for rows. */
const MAX_TERM_BYTES = 32_766;

/** Ids and versions are asked for under names that no column can have among the fields. */
const ID = '\0id';
const VERSION = '\0version';

/** A row group in memory. */
interface Chunk {
  readonly object: number;
  readonly rowGroup: number;
  readonly rows: number;
  readonly columns: ColumnSet;
}

/** A row that can be used, before its place is known. */
interface Placed {
  readonly chunk: Chunk;
  readonly row: number;
  /** One character a byte: orders as the bytes do, and fast. */
  readonly id: string;
  readonly version: bigint | undefined;
}

/** `inputs` in key order. Fails with code `bad-data` where a column is missing or cannot be read as its field's type. */
export async function readPatchPart(
  plan: PatchPlan,
  partitionTime: number,
  inputs: readonly PatchInput[],
  signal: AbortSignal,
): Promise<{ readonly part: PatchPart; readonly rejects: readonly PatchReject[] }> {
  for (const { name } of plan.fields) requireSomewhere(name, inputs);
  const rejects: PatchReject[] = [];
  const placed: Placed[] = [];
  let read = 0;
  for (const [object, input] of inputs.entries()) {
    requireColumn('id', plan.id, input);
    if (plan.version !== undefined) requireColumn('version', plan.version, input);
    for (const [rowGroup, { rows }] of input.file.rowGroups.entries()) {
      const request = { rowGroup, rowStart: 0, rowEnd: rows, columns: requestsOf(plan), signal };
      const chunk = { object, rowGroup, rows, columns: await input.file.readRows(request) };
      placeRows(chunk, plan, input.key, placed, rejects);
      read += rows;
    }
  }
  placed.sort(byIdAndRank);
  const rows = effectiveRows(placed, plan.fields);
  const sources = inputs.map(({ key }) => ({ partitionTime, key }));
  return { part: patchPart(plan.fields, sources, rows, { read, rejected: rejects.length }), rejects };
}

function requestsOf({ id, version, fields }: PatchPlan): ColumnRequest[] {
  return [
    { name: id, shape: 'keyword', as: ID },
    ...(version === undefined ? [] : [{ name: version, shape: 'version', as: VERSION } as const]),
    ...fields.map(({ name, type }) => ({ name, shape: type })),
  ];
}

/** Sorts out rows without an id, and those with values that cannot be read. */
function placeRows(chunk: Chunk, plan: PatchPlan, key: string, placed: Placed[], rejects: PatchReject[]): void {
  const { object, rowGroup, columns } = chunk;
  const ids = columns[ID]!;
  const version = columns[VERSION];
  if (ids.kind !== 'bytes') {
    throw new TidemarkError('bad-data', `column '${plan.id}' holds lists, and an id is one value`, {
      where: { object: key },
      fix: 'name a column of single values as the id of the patches',
    });
  }
  for (let row = 0; row < chunk.rows; row++) {
    const reason = rejectReason(columns, ids, plan, row);
    if (reason !== undefined) rejects.push({ object, rowGroup, row, reason });
    else {
      const id = Buffer.from(bytesAt(ids, row)).toString('latin1');
      placed.push({ chunk, row, id, version: numberAt(version, row) as bigint | undefined });
    }
  }
}

function rejectReason(columns: ColumnSet, ids: BytesColumn, plan: PatchPlan, row: number): string | undefined {
  for (const [name, column] of Object.entries(columns)) {
    if (column?.invalid === undefined || !hasBit(column.invalid, row)) continue;
    const shown = name === ID ? plan.id : name === VERSION ? plan.version : name;
    return `column '${shown}' holds a value that cannot be read as its field's type`;
  }
  if (!isValid(ids, row)) return `no id: column '${plan.id}' is null`;
  if (ids.offsets[row + 1]! - ids.offsets[row]! > MAX_TERM_BYTES) {
    return `column '${plan.id}' holds a value of more than ${MAX_TERM_BYTES} bytes`;
  }
  for (const { name, type } of plan.fields) {
    if (type !== 'keyword') continue;
    const isLong = keywordsAt(columns[name], row)?.some(({ length }) => length > MAX_TERM_BYTES) === true;
    if (isLong) return `column '${name}' holds a value of more than ${MAX_TERM_BYTES} bytes`;
  }
  return undefined;
}

/** By id, and of one id the highest rank first; all lie in one partition. */
function byIdAndRank(a: Placed, b: Placed): number {
  if (a.id !== b.id) return a.id < b.id ? -1 : 1;
  if (a.version !== b.version) {
    if (a.version === undefined) return 1;
    if (b.version === undefined) return -1;
    return a.version > b.version ? -1 : 1;
  }
  return b.chunk.object - a.chunk.object || b.chunk.rowGroup - a.chunk.rowGroup || b.row - a.row;
}

/** Leaves out rows that set nothing which a higher rank of their id has not set. */
function effectiveRows(placed: readonly Placed[], fields: readonly PatchFieldEntry[]): PatchRow[] {
  const rows: PatchRow[] = [];
  let id: string | undefined;
  let isSet: boolean[] = [];
  for (const { chunk, row, id: own, version } of placed) {
    if (own !== id) {
      id = own;
      isSet = fields.map(() => false);
    }
    const values = fields.map(({ name, type }, field) => {
      if (isSet[field]) return undefined;
      return rowValue(chunk.columns[name], type, row);
    });
    if (values.every((value) => value === undefined)) continue;
    values.forEach((value, field) => {
      if (value !== undefined) isSet[field] = true;
    });
    const bytes = Buffer.from(own, 'latin1');
    rows.push({ id: bytes, version, source: chunk.object, rowGroup: chunk.rowGroup, row, values });
  }
  return rows;
}

/** A null, an empty list and a NaN set nothing. */
function rowValue(column: Column | undefined, type: PatchFieldEntry['type'], row: number): PatchValue | undefined {
  if (type === 'keyword') {
    const terms = keywordsAt(column, row);
    return terms === undefined || terms.length === 0 ? undefined : terms;
  }
  const value = numberAt(column, row);
  if (typeof value !== 'number') return value;
  return Number.isNaN(value) ? undefined : floatToOrdered(value);
}

function keywordsAt(column: Column | undefined, row: number): Uint8Array[] | undefined {
  if (column === undefined || !isValid(column, row)) return undefined;
  if (column.kind === 'bytes') return [bytesAt(column, row)];
  if (column.kind !== 'bytes-list') return undefined;
  const { offsets, values } = column;
  const terms: Uint8Array[] = [];
  for (let i = offsets[row]!; i < offsets[row + 1]!; i++) if (isValid(values, i)) terms.push(bytesAt(values, i));
  return terms;
}

function numberAt(column: Column | undefined, row: number): bigint | number | undefined {
  if (column === undefined || !isValid(column, row)) return undefined;
  return column.kind === 'i64' || column.kind === 'f64' ? column.values[row]! : undefined;
}

function bytesAt({ offsets, data }: BytesColumn, row: number): Uint8Array {
  return data.subarray(offsets[row]!, offsets[row + 1]!);
}

function isValid({ validity }: Column, row: number): boolean {
  return validity === undefined || hasBit(validity, row);
}

function requireColumn(role: string, column: string, { key, file }: PatchInput): void {
  if (file.columns.some(({ name }) => name === column)) return;
  throw new TidemarkError('bad-data', `there is no column '${column}', which the patches' ${role} names`, {
    where: { object: key },
    fix: `it has ${namesOf(file)}: name one of these, or have the writer add it`,
  });
}

function requireSomewhere(column: string, inputs: readonly PatchInput[]): void {
  const [first] = inputs;
  if (first === undefined || inputs.some(({ file }) => file.columns.some(({ name }) => name === column))) return;
  throw new TidemarkError('bad-data', `no object of the partition has a column '${column}', which the patches name`, {
    where: { object: first.key },
    fix: `it has ${namesOf(first.file)}: name one of these, or leave the field out`,
  });
}

const namesOf = (file: PatchInput['file']) => file.columns.map(({ name, type }) => `${name} (${type})`).join(', ');
