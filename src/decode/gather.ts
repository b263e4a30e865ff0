/** Rows picked by number from a normalised column: how dictionaries are expanded and lists cleaned. */
import { badInput } from './bad-input.js';
import { clearBit, fullBitmap, hasBit, setBit } from './bitmap.js';
import type { BytesColumn, Column } from './columns.js';
import { checkSize, copyValue } from './normalize-bytes.js';

/** Row i of the answer is row `indices[i]` of `column`; -1 gives a null. */
export function gatherColumn(column: Column, indices: Int32Array): Column {
  if (column.kind === 'bytes') return gatherBytes(column, indices);
  if (column.kind === 'bytes-list') throw badInput('a dictionary of lists cannot be expanded');
  const marks = gatherMarks(column, indices);
  const rows = indices.length;
  if (column.kind === 'i64') {
    const values = new BigInt64Array(rows);
    for (let i = 0; i < rows; i++) if (indices[i]! >= 0) values[i] = column.values[indices[i]!]!;
    return { kind: 'i64', rows, values, ...marks };
  }
  const values = new Float64Array(rows);
  for (let i = 0; i < rows; i++) if (indices[i]! >= 0) values[i] = column.values[indices[i]!]!;
  return { kind: 'f64', rows, values, ...marks };
}

/** As `gatherColumn`, for byte strings. */
export function gatherBytes(column: BytesColumn, indices: Int32Array): BytesColumn {
  const rows = indices.length;
  const { offsets: from, data: source } = column;
  const offsets = new Int32Array(rows + 1);
  let total = 0;
  for (let i = 0; i < rows; i++) {
    const index = indices[i]!;
    if (index >= 0) total += from[index + 1]! - from[index]!;
    checkSize(total);
    offsets[i + 1] = total;
  }
  const data = new Uint8Array(total);
  for (let i = 0; i < rows; i++) {
    const index = indices[i]!;
    if (index >= 0) copyValue(source, from[index]!, from[index + 1]! - from[index]!, data, offsets[i]!);
  }
  return { kind: 'bytes', rows, offsets, data, ...gatherMarks(column, indices) };
}

function gatherMarks(
  column: Column,
  indices: Int32Array,
): { validity: Uint8Array | undefined; invalid?: Uint8Array | undefined } {
  const rows = indices.length;
  const validity = fullBitmap(rows);
  const invalid = column.invalid === undefined ? undefined : new Uint8Array((rows + 7) >> 3);
  let nullCount = 0;
  for (let i = 0; i < rows; i++) {
    const index = indices[i]!;
    if (index >= 0 && (column.validity === undefined || hasBit(column.validity, index))) continue;
    nullCount++;
    clearBit(validity, i);
    if (invalid !== undefined && index >= 0 && hasBit(column.invalid!, index)) setBit(invalid, i);
  }
  return { validity: nullCount === 0 ? undefined : validity, ...(invalid === undefined ? {} : { invalid }) };
}
