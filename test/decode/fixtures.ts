/** Input fixtures and their expected values; `test/data/make-fixtures.py` says how both are made. */
import { readdirSync, readFileSync } from 'node:fs';
import { bytesSource } from '#src/base/bytes.js';
import { hasBit } from '#src/decode/bitmap.js';
import type { Column, ColumnRequest, ColumnShape } from '#src/decode/columns.js';
import { type InputFile, openInput } from '#src/decode/input.js';

/** null, text, list of text, whole number as text, float as number or its name, or the mark of an invalid value. */
export type Value = null | string | number | readonly Value[] | { readonly invalid: true };

export interface ExpectedColumn {
  readonly name: string;
  readonly shape: ColumnShape;
  readonly values: readonly Value[];
}

export interface Fixture {
  readonly file: string;
  readonly bytes: Uint8Array;
  readonly rowGroups: readonly number[];
  readonly columns: readonly ExpectedColumn[];
  /** For files that must not be readable: what the message has to say. */
  readonly error: string | undefined;
}

const folder = new URL('../../../test/data/inputs/', import.meta.url);

export function loadFixtures(): readonly Fixture[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => {
      const file = name.slice(0, -'.json'.length);
      const { rowGroups = [], columns, error } = JSON.parse(readFileSync(new URL(name, folder), 'utf8'));
      return { file, bytes: loadBytes(file), rowGroups, columns, error };
    });
}

export function loadBytes(file: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(file, folder)));
}

export function openBytes(bytes: Uint8Array, key: string): Promise<InputFile> {
  return openInput(bytesSource(bytes), { key });
}

/** Requests under names that keep several shapes of one column apart. */
export function requestsOf(columns: readonly Pick<ExpectedColumn, 'name' | 'shape'>[]): readonly ColumnRequest[] {
  return columns.map(({ name, shape }) => ({ name, shape, as: `${name} as ${shape}` }));
}

/** Values of a column as the fixtures write them; an invalid row has to read as null too. */
export function columnValues(column: Column): readonly Value[] {
  return Array.from({ length: column.rows }, (_, row) => {
    const isNull = column.validity !== undefined && !hasBit(column.validity, row);
    if (column.invalid !== undefined && hasBit(column.invalid, row)) return isNull ? { invalid: true } : 'not null';
    return isNull ? null : rowValue(column, row);
  });
}

function rowValue(column: Column, row: number): Value {
  switch (column.kind) {
    case 'bytes':
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(
        column.data.subarray(column.offsets[row]!, column.offsets[row + 1]!),
      );
    case 'bytes-list':
      return columnValues(column.values).slice(column.offsets[row]!, column.offsets[row + 1]!);
    case 'i64':
      return column.values[row]!.toString();
    case 'f64': {
      const value = column.values[row]!;
      return Number.isFinite(value) ? value : String(value);
    }
  }
}

/** What is wrong with a column's offsets, bitmaps and buffers, if anything: the promises of `columns.ts`. */
export function brokenPromise(column: Column): string | undefined {
  const bitmapBytes = (column.rows + 7) >> 3;
  for (const bitmap of [column.validity, column.invalid]) {
    if (bitmap !== undefined && bitmap.length !== bitmapBytes) return `bitmap of ${bitmap.length} bytes`;
  }
  if (column.kind === 'i64' || column.kind === 'f64') {
    if (column.values.length !== column.rows) return `${column.values.length} values for ${column.rows} rows`;
    return ownsBuffer(column.values);
  }
  if (column.offsets.length !== column.rows + 1) return `${column.offsets.length} offsets`;
  if (column.offsets[0] !== 0) return 'offsets do not begin at 0';
  for (let row = 0; row < column.rows; row++) {
    const length = column.offsets[row + 1]! - column.offsets[row]!;
    if (length < 0) return `offsets fall at row ${row}`;
    const isNull = column.validity !== undefined && !hasBit(column.validity, row);
    if (isNull && length > 0) return `null row ${row} has a range`;
  }
  const limit = column.kind === 'bytes' ? column.data.length : column.values.rows;
  if (column.offsets[column.rows] !== limit) return `offsets end at ${column.offsets[column.rows]} of ${limit}`;
  if (column.kind === 'bytes-list') return ownsBuffer(column.offsets) ?? brokenPromise(column.values);
  return ownsBuffer(column.offsets) ?? ownsBuffer(column.data);
}

function ownsBuffer(array: Uint8Array | Int32Array | BigInt64Array | Float64Array): string | undefined {
  return array.byteLength === array.buffer.byteLength ? undefined : 'an array shares its buffer';
}
