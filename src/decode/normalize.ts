/** Arrow arrays -> the column shapes of the builder. The one place that knows which normaliser a type goes to. */
import type { ArrowArray, ArrowType } from './arrow-layout.js';
import { checkInput } from './bad-input.js';
import { hasBit } from './bitmap.js';
import type { BytesColumn, Column, ColumnShape } from './columns.js';
import { concatColumns } from './concat.js';
import { gatherColumn } from './gather.js';
import { checkByteless, normalizeBytes, sliceValidity } from './normalize-bytes.js';
import { normalizeList } from './normalize-list.js';
import { normalizeF64, normalizeI64 } from './normalize-numbers.js';
import { bigintReader } from './scalar-readers.js';
import { scalarsToText } from './scalar-text.js';
import { uuidsToText } from './uuid-text.js';

/**
 * Rows `[start, end)` of an array as `shape`. The types must have passed `shapeMismatch`.
 * Errors: `bad-data` without a place, when the buffers do not hold what their type promises.
 */
export function normalizeColumn(array: ArrowArray, start: number, end: number, shape: ColumnShape): Column {
  checkInput(end <= array.length, `an array of ${array.length} rows ends before row ${end}`);
  switch (array.type.kind) {
    case 'null':
      return nullColumn(end - start, shape);
    case 'dictionary':
      return expandDictionary(array, start, end, shape);
    case 'list':
    case 'fixed-list':
      return normalizeList(array, start, end, (child, from, to) => normalizeText(child, from, to, shape));
    default:
  }
  switch (shape) {
    case 'text':
    case 'keyword':
      return normalizeText(array, start, end, shape);
    case 'f64':
      return normalizeF64(array, start, end);
    default:
      return normalizeI64(array, start, end, shape);
  }
}

function normalizeText(array: ArrowArray, start: number, end: number, shape: ColumnShape): BytesColumn {
  const { type } = array;
  switch (type.kind) {
    case 'null':
      return nullBytes(end - start);
    case 'dictionary': {
      const column = expandDictionary(array, start, end, shape);
      checkInput(column.kind === 'bytes', 'a dictionary of text holds something else');
      return column;
    }
    case 'utf8':
    case 'binary':
      return normalizeBytes(array, start, end);
    case 'fixed':
      return type.uuid && shape === 'keyword' ? uuidsToText(array, start, end) : normalizeBytes(array, start, end);
    default:
      return scalarsToText(array, start, end);
  }
}

/** Dictionary values are normalised once, then copied to the rows that name them. */
function expandDictionary(array: ArrowArray, start: number, end: number, shape: ColumnShape): Column {
  const { dictionary, type } = array;
  checkInput(type.kind === 'dictionary', 'an array is not dictionary-encoded');
  const pieces = dictionary.map((piece) => normalizeColumn(piece, 0, piece.length, shape));
  const values = pieces.length === 0 ? emptyColumn(type.value, shape) : concatColumns(pieces);
  const read = bigintReader({ ...array, type: type.index });
  const validity = sliceValidity(array, start, end);
  const indices = new Int32Array(end - start);
  for (let i = 0; i < indices.length; i++) {
    const isNull = validity !== undefined && !hasBit(validity, i);
    const index = isNull ? -1 : Number(read(start + i));
    checkInput(isNull || (index >= 0 && index < values.rows), `a dictionary of ${values.rows} has no value ${index}`);
    indices[i] = index;
  }
  return gatherColumn(values, indices);
}

/** No rows of a column of `type`: what an empty range gives without any data. */
export function emptyColumn(type: ArrowType, shape: ColumnShape): Column {
  if (type.kind !== 'list' && type.kind !== 'fixed-list') return nullColumn(0, shape);
  return { kind: 'bytes-list', rows: 0, offsets: new Int32Array(1), values: nullBytes(0), validity: undefined };
}

function nullBytes(rows: number): BytesColumn {
  const validity = noneValid(rows);
  return { kind: 'bytes', rows, offsets: new Int32Array(rows + 1), data: new Uint8Array(), validity };
}

function nullColumn(rows: number, shape: ColumnShape): Column {
  if (shape === 'text' || shape === 'keyword') return nullBytes(rows);
  const validity = noneValid(rows);
  if (shape === 'f64') return { kind: 'f64', rows, values: new Float64Array(rows), validity };
  return { kind: 'i64', rows, values: new BigInt64Array(rows), validity };
}

function noneValid(rows: number): Uint8Array | undefined {
  checkByteless(rows, 0);
  return rows === 0 ? undefined : new Uint8Array((rows + 7) >> 3);
}
