/** Plain documents as decoded columns, and shards built from them by the real kernel, in this thread. */
import type { BytesColumn, Column, ColumnSet } from '#src/decode/columns.js';
import { Kernel } from '#src/kernel/kernel.js';
import type { TaskRunner } from '#src/merge/context.js';
import { hasTerms } from '#src/segment/layout.js';
import type { BuildPlan, RowSlice, ShardResult, TaskResults, WorkerTask } from '#src/shard/task.js';
import { ResultMemory } from '#src/shard/result-memory.js';
import { buildShard } from '#src/worker/build-shard.js';
import { placeColumns } from '#src/worker/columns.js';
import { compressBlocks } from '#src/worker/compress.js';
import { mergeTerms, type ReadRange } from '#src/worker/merge-terms.js';
import {
  cellOf,
  type ReferenceDocument,
  type ReferenceSchema,
  type ReferenceValue,
  stringsOf,
} from './reference-segment.js';

/** Never raised. */
export const NO_CANCEL = new Int32Array(new SharedArrayBuffer(4));

/** Runs tasks here and now, on a kernel of its own. */
export function localRunner(read: ReadRange): TaskRunner {
  const kernel = Kernel.create();
  const run = async (task: WorkerTask): Promise<unknown> =>
    task.kind === 'merge'
      ? mergeTerms(task, kernel, read)
      : compressBlocks(task as Extract<WorkerTask, { kind: 'compress' }>, kernel);
  return {
    threads: 2,
    memory: new ResultMemory(),
    run: run as <T extends WorkerTask>(task: T) => Promise<TaskResults[T['kind']]>,
  };
}

export function planOf(schema: ReferenceSchema): BuildPlan {
  return {
    id: 'id',
    group: schema.group ? 'group' : undefined,
    version: schema.version === null ? undefined : { column: 'version', field: schema.version },
    deleted: undefined,
    replaceGroup: false,
    fields: schema.fields,
    stored: schema.stored,
  };
}

/** Documents of one object and row group in a row, with the rows between them as rejects. */
export function slicesOf(docs: readonly ReferenceDocument[]): { slice: RowSlice; docs: ReferenceDocument[] }[] {
  const slices: { slice: RowSlice; docs: ReferenceDocument[] }[] = [];
  for (const document of docs) {
    const { object, rowGroup, row } = document;
    const last = slices.at(-1);
    if (last !== undefined && last.slice.object === object && last.slice.rowGroup === rowGroup) {
      last.slice = { ...last.slice, rowEnd: row + 1 };
      last.docs.push(document);
    } else {
      slices.push({ slice: { object, rowGroup, rowStart: row, rowEnd: row + 1 }, docs: [document] });
    }
  }
  return slices;
}

/** Builds one shard out of these documents. */
export async function shardOf(
  kernel: Kernel,
  schema: ReferenceSchema,
  docs: readonly ReferenceDocument[],
): Promise<ShardResult> {
  const slices = slicesOf(docs);
  const bySlice = new Map(slices.map(({ slice, docs: own }) => [slice, columnsOf(schema, slice, own)]));
  const task = {
    kind: 'shard',
    plan: planOf(schema),
    store: { uri: 'nowhere' },
    objects: [],
    slices: slices.map(({ slice }) => slice),
    memory: [],
    cancel: NO_CANCEL,
  } as const;
  return buildShard(
    task,
    kernel,
    async (own, slice) => placeColumns(own, bySlice.get(slice)!),
    () => 0,
  );
}

function columnsOf(schema: ReferenceSchema, slice: RowSlice, docs: readonly ReferenceDocument[]): ColumnSet {
  const rows: (ReferenceDocument | undefined)[] = Array.from({ length: slice.rowEnd - slice.rowStart });
  for (const document of docs) rows[document.row - slice.rowStart] = document;
  const cells = (name: string) => rows.map((document) => (document === undefined ? null : cellOf(document, name)));
  const columns: Record<string, Column> = { id: bytesColumn(cells('_id').map((cell) => cell as string | null)) };
  if (schema.group) columns.group = bytesColumn(cells('_group').map((cell) => (cell ?? null) as string | null));
  if (schema.version === '_version') columns.version = numberColumn(cells('_version'), 'i64');
  const types = new Map(schema.fields.map(({ name, type }) => [name, type]));
  for (const name of new Set([...types.keys(), ...schema.stored])) {
    const type = types.get(name) ?? 'keyword';
    columns[name] = hasTerms(type)
      ? textColumn(cells(name))
      : numberColumn(cells(name), type === 'f64' ? 'f64' : 'i64');
  }
  return columns;
}

function validityOf(present: readonly boolean[]): Uint8Array | undefined {
  if (present.every(Boolean)) return undefined;
  const bits = new Uint8Array(Math.ceil(present.length / 8));
  present.forEach((is, i) => {
    if (is) bits[i >> 3]! |= 1 << (i & 7);
  });
  return bits;
}

function bytesColumn(values: readonly (string | null)[]): BytesColumn {
  const encoded = values.map((value) => new TextEncoder().encode(value ?? ''));
  const offsets = new Int32Array(values.length + 1);
  encoded.forEach((bytes, i) => {
    offsets[i + 1] = offsets[i]! + bytes.length;
  });
  const data = new Uint8Array(Buffer.concat(encoded));
  return {
    kind: 'bytes',
    rows: values.length,
    offsets,
    data,
    validity: validityOf(values.map((value) => value !== null)),
  };
}

function textColumn(cells: readonly ReferenceValue[]): Column {
  const isList = cells.some((cell) => typeof cell === 'object' && cell !== null);
  if (!isList) return bytesColumn(cells.map((cell) => (cell ?? null) as string | null));
  const lists = cells.map((cell): readonly (string | null)[] | null =>
    cell === null || cell === undefined ? null : typeof cell === 'object' ? cell : stringsOf(cell),
  );
  const offsets = new Int32Array(lists.length + 1);
  lists.forEach((list, i) => {
    offsets[i + 1] = offsets[i]! + (list?.length ?? 0);
  });
  const values = bytesColumn(lists.flatMap((list) => list ?? []));
  const validity = validityOf(lists.map((list) => list !== null));
  return { kind: 'bytes-list', rows: lists.length, offsets, values, validity };
}

function numberColumn(cells: readonly ReferenceValue[], kind: 'i64' | 'f64'): Column {
  const present = cells.map((cell) => cell !== null && cell !== undefined);
  const base = { rows: cells.length, validity: validityOf(present) };
  if (kind === 'f64') return { kind, ...base, values: Float64Array.from(cells, (cell) => Number(cell ?? 0)) };
  return { kind, ...base, values: BigInt64Array.from(cells, (cell) => BigInt((cell ?? 0) as bigint | boolean)) };
}
