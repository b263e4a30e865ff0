/** What becomes of each row: a document, a tombstone, or a reject. */

import type { I64Column } from '../decode/columns.js';
import type { Kernel } from '../kernel/kernel.js';
import type { BuildPlan, DocumentRun, RejectedRow, RowSlice, TombstoneRow } from '../shard/task.js';
import type { PlacedColumn, SliceColumns } from './columns.js';

/** Longest key or keyword in bytes: that of Lucene, so that every index can be exported to it. */
export const MAX_TERM_BYTES = 32_766;

export interface RowPlan {
  /** One entry a row: its document in the shard, or -1. */
  readonly docOf: Int32Array;
  /** Documents of the shard before and with this slice. */
  readonly docStart: number;
  readonly docEnd: number;
  readonly runs: readonly DocumentRun[];
  readonly tombstones: readonly TombstoneRow[];
  readonly rejects: readonly RejectedRow[];
}

/** True where row `row` has a value. */
export function isValid(validity: Uint8Array | undefined, row: number): boolean {
  return validity === undefined || ((validity[row >> 3]! >> (row & 7)) & 1) === 1;
}

function bytesAt(kernel: Kernel, column: PlacedColumn, row: number): Uint8Array | undefined {
  if (!isValid(column.rowValidity, row)) return undefined;
  const [start, end] = offsetsOf(kernel, column.offsets + 4 * row, 2);
  return kernel.copyOut(column.data + start!, end! - start!);
}

/** A view of `count` offsets in the arena: valid until the kernel's next call. */
function offsetsOf(kernel: Kernel, at: number, count: number): Int32Array {
  return new Int32Array(kernel.call.memory.buffer, at, count);
}

/**
 * Sorts the rows of a slice. `bad` holds rows that are rejects already (broken text), with the reason. Where groups
 * replace whole, a tombstone without an id deletes its group.
 */
export function planRows(
  kernel: Kernel,
  slice: RowSlice,
  plan: BuildPlan,
  columns: SliceColumns,
  bad: ReadonlyMap<number, string>,
  docStart: number,
): RowPlan {
  const rows = slice.rowEnd - slice.rowStart;
  const id = columns[plan.id] as PlacedColumn;
  const group = plan.group === undefined ? undefined : (columns[plan.group] as PlacedColumn);
  const deleted = plan.deleted === undefined ? undefined : (columns[plan.deleted] as I64Column);
  const version = plan.version === undefined ? undefined : (columns[plan.version.column] as I64Column);
  if (deleted === undefined && bad.size === 0 && id.rowValidity === undefined && !plan.replaceGroup) {
    return allDocuments(slice, docStart);
  }
  const docOf = new Int32Array(rows).fill(-1);
  const runs: DocumentRun[] = [];
  const tombstones: TombstoneRow[] = [];
  const rejects: RejectedRow[] = [];
  const place = (row: number) => ({ object: slice.object, rowGroup: slice.rowGroup, row: slice.rowStart + row });
  let doc = docStart;
  let runStart = -1;
  const closeRun = (row: number) => {
    if (runStart < 0) return;
    const { object, rowGroup } = slice;
    runs.push({ object, rowGroup, rowStart: slice.rowStart + runStart, docs: row - runStart });
    runStart = -1;
  };
  for (let row = 0; row < rows; row++) {
    const isTombstone = deleted !== undefined && isValid(deleted.validity, row) && deleted.values[row] !== 0n;
    const reason = bad.get(row) ?? rejectReason(row, isTombstone, id, group, plan);
    if (reason === undefined && !isTombstone) {
      if (runStart < 0) runStart = row;
      docOf[row] = doc++;
      continue;
    }
    closeRun(row);
    if (reason !== undefined) {
      rejects.push({ ...place(row), reason });
    } else {
      tombstones.push({
        id: bytesAt(kernel, id, row),
        group: group === undefined ? undefined : bytesAt(kernel, group, row),
        version: version !== undefined && isValid(version.validity, row) ? version.values[row]! : undefined,
        ...place(row),
      });
    }
  }
  closeRun(rows);
  return { docOf, docStart, docEnd: doc, runs, tombstones, rejects };
}

/** What most slices are: nothing to reject, nothing deleted. */
function allDocuments({ object, rowGroup, rowStart, rowEnd }: RowSlice, docStart: number): RowPlan {
  const docs = rowEnd - rowStart;
  const docOf = new Int32Array(docs);
  for (let row = 0; row < docs; row++) docOf[row] = docStart + row;
  const runs = docs === 0 ? [] : [{ object, rowGroup, rowStart, docs }];
  return { docOf, docStart, docEnd: docStart + docs, runs, tombstones: [], rejects: [] };
}

function rejectReason(
  row: number,
  isTombstone: boolean,
  id: PlacedColumn,
  group: PlacedColumn | undefined,
  plan: BuildPlan,
): string | undefined {
  const hasGroup = group !== undefined && isValid(group.rowValidity, row);
  const deletesGroup = plan.replaceGroup && isTombstone && hasGroup;
  if (!isValid(id.rowValidity, row) && !deletesGroup) return `no id: column '${plan.id}' is null`;
  if (plan.replaceGroup && !hasGroup) return `no group: column '${plan.group}' is null`;
  return undefined;
}

/** Rows that are rejects before their keys are looked at: values that cannot be read as asked, terms longer than any index takes. */
export function findBadRows(kernel: Kernel, columns: SliceColumns, plan: BuildPlan): Map<number, string> {
  const bad = new Map<number, string>();
  for (const [name, column] of Object.entries(columns)) {
    if (column?.invalid === undefined) continue;
    for (let row = 0; row < column.rows; row++) {
      if (((column.invalid[row >> 3]! >> (row & 7)) & 1) === 0) continue;
      bad.set(row, `column '${name}' holds a value that cannot be read as its field's type`);
    }
  }
  const exact = plan.fields.filter(({ type }) => type === 'keyword').map(({ name }) => name);
  for (const name of new Set([plan.id, plan.group, ...exact])) {
    const column = name === undefined ? undefined : columns[name];
    if (column?.kind === 'placed') findLongTerms(kernel, column, name!, bad);
  }
  return bad;
}

function findLongTerms(kernel: Kernel, column: PlacedColumn, name: string, bad: Map<number, string>): void {
  const { sizes, rows } = column;
  if (sizes.longest <= MAX_TERM_BYTES) return;
  const offsets = offsetsOf(kernel, column.offsets, sizes.values + 1);
  const lists = column.lists === 0 ? undefined : offsetsOf(kernel, column.lists, rows + 1);
  for (let value = 0; value < sizes.values; value++) {
    if (offsets[value + 1]! - offsets[value]! <= MAX_TERM_BYTES) continue;
    const row = lists === undefined ? value : rowOfValue(lists, rows, value);
    if (row >= 0) bad.set(row, `column '${name}' holds a value of more than ${MAX_TERM_BYTES} bytes`);
  }
}

/** The row that a list's value belongs to, or -1 for a value between lists. */
function rowOfValue(lists: Int32Array, rows: number, value: number): number {
  let low = 0;
  let high = rows - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (value < lists[middle]!) high = middle - 1;
    else if (value >= lists[middle + 1]!) low = middle + 1;
    else return middle;
  }
  return -1;
}
