/** Columns of one kind end to end: dictionaries that grew by deltas. */
import { concatBytes } from '../base/bytes.js';
import { badInput } from './bad-input.js';
import { fullBitmap, hasBit } from './bitmap.js';
import type { BytesColumn, Column, F64Column, I64Column } from './columns.js';
import { checkSize } from './normalize-bytes.js';

/** At least one column, all of the same kind. Errors: `bad-data` for lists and mixtures. */
export function concatColumns(columns: readonly Column[]): Column {
  const first = columns[0]!;
  if (columns.length === 1) return first;
  const rows = columns.reduce((sum, column) => sum + column.rows, 0);
  const marks = { validity: joinBits(columns, rows, 'validity'), invalid: joinBits(columns, rows, 'invalid') };
  if (columns.every((column): column is BytesColumn => column.kind === 'bytes')) {
    return { kind: 'bytes', rows, ...joinValues(columns, rows), ...marks };
  }
  if (columns.every((column): column is I64Column => column.kind === 'i64')) {
    const values = new BigInt64Array(rows);
    joinInto(columns, (column, at) => values.set(column.values, at));
    return { kind: 'i64', rows, values, ...marks };
  }
  if (columns.every((column): column is F64Column => column.kind === 'f64')) {
    const values = new Float64Array(rows);
    joinInto(columns, (column, at) => values.set(column.values, at));
    return { kind: 'f64', rows, values, ...marks };
  }
  throw badInput('its dictionary changes type on the way');
}

function joinValues(columns: readonly BytesColumn[], rows: number): { offsets: Int32Array; data: Uint8Array } {
  checkSize(columns.reduce((sum, column) => sum + column.data.length, 0));
  const offsets = new Int32Array(rows + 1);
  let byteStart = 0;
  joinInto(columns, (column, at) => {
    for (let i = 1; i <= column.rows; i++) offsets[at + i] = byteStart + column.offsets[i]!;
    byteStart += column.data.length;
  });
  return { offsets, data: concatBytes(columns.map((column) => column.data)) };
}

/** undefined when no column has such a bitmap; a column without one counts as all valid, none invalid. */
function joinBits(columns: readonly Column[], rows: number, which: 'validity' | 'invalid'): Uint8Array | undefined {
  if (columns.every((column) => column[which] === undefined)) return undefined;
  const joined = which === 'validity' ? fullBitmap(rows) : new Uint8Array((rows + 7) >> 3);
  joinInto(columns, (column, at) => {
    const bits = column[which];
    if (bits === undefined) return;
    for (let i = 0; i < column.rows; i++) {
      if (hasBit(bits, i) !== hasBit(joined, at + i)) joined[(at + i) >> 3]! ^= 1 << ((at + i) & 7);
    }
  });
  return joined;
}

function joinInto<T extends Column>(columns: readonly T[], copy: (column: T, at: number) => void): void {
  let at = 0;
  for (const column of columns) {
    copy(column, at);
    at += column.rows;
  }
}
