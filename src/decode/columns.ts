/**
 * Decoded input as plain column bytes: what the kernel copies. No JS string and no object per value.
 * Validity bitmaps are Arrow's: bit i (LSB first) set = row i has a value; undefined = all have.
 * `invalid` bitmaps: bit i set = row i holds a value that the asked shape cannot represent (text that is no
 * UTF-8, a number beyond 64 bits); such a row also reads as null. undefined = every row is fine.
 * Every array has an ArrayBuffer of its own, so all of them can be moved to another thread.
 */

/** Byte strings: value of row i is data[offsets[i], offsets[i+1]). `offsets[0]` need not be 0 (decoders make it 0); a null row has an empty range. */
export interface BytesColumn {
  readonly kind: 'bytes';
  readonly rows: number;
  /** rows + 1 entries. */
  readonly offsets: Int32Array;
  readonly data: Uint8Array;
  readonly validity: Uint8Array | undefined;
  readonly invalid?: Uint8Array | undefined;
}

/** Lists of byte strings: values of row i are values[offsets[i], offsets[i+1]); null elements stay, as null values. */
export interface BytesListColumn {
  readonly kind: 'bytes-list';
  readonly rows: number;
  readonly offsets: Int32Array;
  readonly values: BytesColumn;
  readonly validity: Uint8Array | undefined;
  readonly invalid?: Uint8Array | undefined;
}

/** 64-bit integers; timestamps and dates arrive as microseconds since 1970-01-01T00:00:00Z, bools as 0 or 1. */
export interface I64Column {
  readonly kind: 'i64';
  readonly rows: number;
  readonly values: BigInt64Array;
  readonly validity: Uint8Array | undefined;
  readonly invalid?: Uint8Array | undefined;
}

export interface F64Column {
  readonly kind: 'f64';
  readonly rows: number;
  readonly values: Float64Array;
  readonly validity: Uint8Array | undefined;
  readonly invalid?: Uint8Array | undefined;
}

export type Column = BytesColumn | BytesListColumn | I64Column | F64Column;

/** How a column is wanted; a type that cannot be read so is an error naming object, column, type and the fix. */
export type ColumnShape =
  | 'text' // string, list<string>, binary, as UTF-8 -> bytes or bytes-list
  | 'keyword' // as text, also integers, bools, decimals, dates as their decimal / ISO text
  | 'i64' // integers of any width (uint64 beyond 2^63-1 is a row reject), bool, decimal of scale 0
  | 'f64' // floats, integers, decimals
  | 'timestamp' // timestamps of every unit, dates; integers are taken as ms since the epoch
  | 'version' // i64 or timestamp, whichever the column is
  | 'bool'; // bool, or integers 0/1 -> I64Column of 0/1

export interface ColumnRequest {
  readonly name: string;
  readonly shape: ColumnShape;
  /** Its name in the answer, so that one column can be read in two shapes; `name` unless given. */
  readonly as?: string;
}

/** A requested column, or `undefined` where the file has no such column. */
export type ColumnSet = Readonly<Record<string, Column | undefined>>;
