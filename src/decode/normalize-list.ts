/** Lists (32- and 64-bit offsets, fixed size) of text -> `BytesListColumn`. */
import type { ArrowArray } from './arrow-layout.js';
import { badInput, checkInput } from './bad-input.js';
import { clearBit, fullBitmap, hasBit, setBit } from './bitmap.js';
import type { BytesColumn, BytesListColumn } from './columns.js';
import { gatherBytes } from './gather.js';
import { checkByteless, checkSize, rebaseOffsets, sliceValidity } from './normalize-bytes.js';

type NormalizeChild = (child: ArrowArray, start: number, end: number) => BytesColumn;

/** Rows `[start, end)` of a list array; a row with an element that is invalid is invalid as a whole. */
export function normalizeList(
  array: ArrowArray,
  start: number,
  end: number,
  normalizeChild: NormalizeChild,
): BytesListColumn {
  const rows = end - start;
  const child = array.children[0];
  checkInput(child !== undefined, 'a list has no values');
  const { offsets, from } = listOffsets(array, child, start, end);
  const values = normalizeChild(child, from, from + offsets[rows]!);
  const validity = sliceValidity(array, start, end);
  if (values.invalid !== undefined) return dropElements(markInvalid(rows, offsets, values, values.invalid, validity));
  return dropElements({ kind: 'bytes-list', rows, offsets, values, validity });
}

function listOffsets(array: ArrowArray, child: ArrowArray, start: number, end: number) {
  const { type } = array;
  if (type.kind === 'list') return rebaseOffsets(array, type.offsets, start, end, child.length);
  if (type.kind !== 'fixed-list') throw badInput(`a ${type.kind} array is no list`);
  const rows = end - start;
  checkSize(rows * type.size);
  checkByteless(rows, type.size);
  const from = (array.offset + start) * type.size;
  checkInput(from + rows * type.size <= child.length, 'a fixed-size list ends before its last row');
  return { offsets: Int32Array.from({ length: rows + 1 }, (_, i) => i * type.size), from };
}

function markInvalid(
  rows: number,
  offsets: Int32Array,
  values: BytesColumn,
  invalidValues: Uint8Array,
  before: Uint8Array | undefined,
): BytesListColumn {
  const invalid = new Uint8Array((rows + 7) >> 3);
  const validity = before ?? fullBitmap(rows);
  for (let row = 0; row < rows; row++) {
    if (!hasBit(validity, row)) continue;
    for (let i = offsets[row]!; i < offsets[row + 1]!; i++) {
      if (!hasBit(invalidValues, i)) continue;
      setBit(invalid, row);
      clearBit(validity, row);
      break;
    }
  }
  return { kind: 'bytes-list', rows, offsets, values: { ...values, invalid: undefined }, validity, invalid };
}

/** Takes out the elements that sit under null rows, where Arrow allows them. */
function dropElements(column: BytesListColumn): BytesListColumn {
  const { rows, offsets: old, validity } = column;
  if (validity === undefined) return column;
  const offsets = new Int32Array(rows + 1);
  for (let row = 0; row < rows; row++) {
    offsets[row + 1] = offsets[row]! + (hasBit(validity, row) ? old[row + 1]! - old[row]! : 0);
  }
  if (offsets[rows] === old[rows]) return column;
  const indices = new Int32Array(offsets[rows]!);
  for (let row = 0; row < rows; row++) {
    for (let i = offsets[row]!; i < offsets[row + 1]!; i++) indices[i] = old[row]! + i - offsets[row]!;
  }
  return { ...column, offsets, values: gatherBytes(column.values, indices) };
}
