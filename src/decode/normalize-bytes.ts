/** Strings and binary of every Arrow layout -> `BytesColumn`, copied once into buffers of their own. */
import { isUtf8 } from 'node:buffer';
import type { ArrowArray, OffsetKind } from './arrow-layout.js';
import { badInput, checkInput } from './bad-input.js';
import { clearBit, fullBitmap, hasBit, setBit, sliceBits } from './bitmap.js';
import type { BytesColumn } from './columns.js';
import { viewElements } from './typed-views.js';

/** Offsets of a `BytesColumn` are signed 32-bit numbers. */
const MAX_COLUMN_BYTES = 0x7fffffff;
/** Below this a loop beats the call to `set`: measured here, 16-40 bytes make no difference. */
const SHORT_VALUE_BYTES = 24;
/** Rows of null and zero-width columns in one read: 256 MB of offsets. */
const MAX_BYTELESS_ROWS = 2 ** 26;
const VIEW_BYTES = 16;
/** Views of up to 12 bytes hold their value themselves. */
const INLINE_VIEW_BYTES = 12;

/** Validity of rows `[start, end)`, undefined when none is null. */
export function sliceValidity(array: ArrowArray, start: number, end: number): Uint8Array | undefined {
  if (array.validity === undefined) return undefined;
  const at = array.offset + start;
  checkInput(array.validity.length * 8 >= at + end - start, 'a validity bitmap ends before its last row');
  return sliceBits(array.validity, at, end - start);
}

/** Rows `[start, end)` of a utf8, binary or fixed-size binary array. Rows that are no UTF-8 become null and `invalid`. */
export function normalizeBytes(array: ArrowArray, start: number, end: number): BytesColumn {
  const { type } = array;
  const validity = sliceValidity(array, start, end);
  if (type.kind === 'fixed') return rejectBrokenText(dropNullBytes(readFixed(array, type.width, start, end, validity)));
  if (type.kind !== 'utf8' && type.kind !== 'binary') throw badInput(`a ${type.kind} array holds no bytes`);
  const read = type.offsets === 'view' ? readViews : readOffsets;
  return rejectBrokenText(dropNullBytes(read(array, type.offsets, start, end, validity)));
}

function readOffsets(
  array: ArrowArray,
  kind: OffsetKind,
  start: number,
  end: number,
  validity: Uint8Array | undefined,
): BytesColumn {
  const rows = end - start;
  const { offsets, from } = rebaseOffsets(array, kind === 64 ? 64 : 32, start, end, array.buffers[1]?.length ?? 0);
  const data = (array.buffers[1] ?? new Uint8Array()).slice(from, from + offsets[rows]!);
  return { kind: 'bytes', rows, offsets, data, validity };
}

/**
 * Offsets of rows `[start, end)` counted from the first of them, and that first one. They are checked to
 * rise and to end within `limit`, the length of what they point into.
 */
export function rebaseOffsets(
  array: ArrowArray,
  bits: 32 | 64,
  start: number,
  end: number,
  limit: number,
): { offsets: Int32Array; from: number } {
  const rows = end - start;
  // An array without rows may come without offsets at all.
  if (rows === 0) return { offsets: new Int32Array(1), from: 0 };
  const at = array.offset + start;
  const wide = bits === 64;
  const words = viewElements(Int32Array, array.buffers[0], wide ? at * 2 : at, wide ? rows * 2 + 2 : rows + 1);
  const offsets = new Int32Array(rows + 1);
  const valueAt = (i: number) => (wide ? (words[2 * i]! >>> 0) + words[2 * i + 1]! * 0x1_0000_0000 : words[i]!);
  const from = valueAt(0);
  checkInput(from >= 0, 'an offset is negative');
  let previous = from;
  for (let i = 1; i <= rows; i++) {
    const value = valueAt(i);
    if (value < previous) throw badInput(`offsets fall from ${previous} to ${value}`);
    previous = value;
    offsets[i] = value - from;
  }
  checkInput(previous <= limit, `offsets end at ${previous}, beyond the ${limit} that are there`);
  checkSize(previous - from);
  return { offsets, from };
}

function readFixed(
  array: ArrowArray,
  width: number,
  start: number,
  end: number,
  validity: Uint8Array | undefined,
): BytesColumn {
  const rows = end - start;
  checkSize(rows * width);
  checkByteless(rows, width);
  const data = viewElements(Uint8Array, array.buffers[0], (array.offset + start) * width, rows * width).slice();
  const offsets = Int32Array.from({ length: rows + 1 }, (_, i) => i * width);
  return { kind: 'bytes', rows, offsets, data, validity };
}

/** 16-byte views: length, then the value itself (up to 12 bytes) or a prefix, a buffer number and an offset. */
function readViews(
  array: ArrowArray,
  _kind: OffsetKind,
  start: number,
  end: number,
  validity: Uint8Array | undefined,
): BytesColumn {
  const rows = end - start;
  const words = viewElements(Int32Array, array.buffers[0], (array.offset + start) * 4, rows * 4);
  const bytes = new Uint8Array(words.buffer, words.byteOffset, rows * VIEW_BYTES);
  const offsets = new Int32Array(rows + 1);
  let total = 0;
  for (let i = 0; i < rows; i++) {
    const length = validity !== undefined && !hasBit(validity, i) ? 0 : words[4 * i]!;
    checkInput(length >= 0, 'a view has a negative length');
    total += length;
    checkSize(total);
    offsets[i + 1] = total;
  }
  checkViewRanges(array, words, offsets);
  const data = new Uint8Array(total);
  for (let i = 0; i < rows; i++) {
    const length = offsets[i + 1]! - offsets[i]!;
    const inline = length <= INLINE_VIEW_BYTES;
    const from = inline ? i * VIEW_BYTES + 4 : words[4 * i + 3]!;
    copyValue(inline ? bytes : array.buffers[1 + words[4 * i + 2]!]!, from, length, data, offsets[i]!);
  }
  return { kind: 'bytes', rows, offsets, data, validity };
}

/** Runs before the output is allocated, so that a garbled length costs a message and no memory. */
function checkViewRanges(array: ArrowArray, words: Int32Array, offsets: Int32Array): void {
  for (let i = 0; i + 1 < offsets.length; i++) {
    const length = offsets[i + 1]! - offsets[i]!;
    if (length <= INLINE_VIEW_BYTES) continue;
    const buffer = words[4 * i + 2]! < 0 ? undefined : array.buffers[1 + words[4 * i + 2]!];
    const from = words[4 * i + 3]!;
    if (buffer === undefined || from < 0 || from + length > buffer.length)
      throw badInput('a view points outside its data');
  }
}

/** Copies `length` bytes; most values are short, where a loop is cheaper than `set` on a fresh subarray. */
export function copyValue(from: Uint8Array, at: number, length: number, to: Uint8Array, toAt: number): void {
  if (length > SHORT_VALUE_BYTES) to.set(from.subarray(at, at + length), toAt);
  else for (let j = 0; j < length; j++) to[toAt + j] = from[at + j]!;
}

/** Arrow allows bytes under a null; ours are gone. */
function dropNullBytes(column: BytesColumn): BytesColumn {
  const { rows, offsets, validity } = column;
  if (validity === undefined) return column;
  for (let i = 0; i < rows; i++) {
    if (!hasBit(validity, i) && offsets[i + 1]! > offsets[i]!) return keepValid(column, validity);
  }
  return column;
}

/** The same rows with the bytes of invalid ones taken out. */
function keepValid(column: BytesColumn, validity: Uint8Array): BytesColumn {
  const { rows, offsets: old, data: from } = column;
  const offsets = new Int32Array(rows + 1);
  for (let i = 0; i < rows; i++) {
    offsets[i + 1] = offsets[i]! + (hasBit(validity, i) ? old[i + 1]! - old[i]! : 0);
  }
  const data = new Uint8Array(offsets[rows]!);
  for (let i = 0; i < rows; i++) copyValue(from, old[i]!, offsets[i + 1]! - offsets[i]!, data, offsets[i]!);
  return { ...column, offsets, data, validity };
}

/**
 * Marks values that are no UTF-8. All bytes are checked in one native call; values are looked at one by one only
 * when that fails or when a value begins inside a character.
 */
function rejectBrokenText(column: BytesColumn): BytesColumn {
  const { rows, offsets, data } = column;
  if (isUtf8(data) && !startsInsideCharacter(offsets, data)) return column;
  const validity = column.validity?.slice() ?? fullBitmap(rows);
  const invalid = new Uint8Array((rows + 7) >> 3);
  for (let i = 0; i < rows; i++) {
    if (isUtf8(data.subarray(offsets[i]!, offsets[i + 1]!))) continue;
    setBit(invalid, i);
    clearBit(validity, i);
  }
  return { ...keepValid(column, validity), invalid };
}

function startsInsideCharacter(offsets: Int32Array, data: Uint8Array): boolean {
  for (let i = 0; i < offsets.length; i++) {
    // Continuation bytes are 10xxxxxx; behind the last byte this reads undefined, which masks to 0.
    if ((data[offsets[i]!]! & 0xc0) === 0x80) return true;
  }
  return false;
}

/** Refuses row counts that no byte of the file stands for: garbage would cost gigabytes. */
export function checkByteless(rows: number, width: number): void {
  if (width > 0 || rows <= MAX_BYTELESS_ROWS) return;
  throw badInput(`${rows} rows without a byte of data are not plausible`, { fix: 'write smaller record batches' });
}

/** Refuses columns that outgrow 32-bit offsets. */
export function checkSize(byteLength: number): void {
  if (byteLength <= MAX_COLUMN_BYTES) return;
  throw badInput('its values take more than 2 GiB in one read', { fix: 'write smaller row groups or record batches' });
}
