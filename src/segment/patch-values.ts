/** Values that column patches bring: numbers in their ordered form, or keywords; and how they are written. */
import type { ByteWriter } from '../base/byte-writer.js';
import { compareBytes } from '../base/bytes.js';
import type { ByteCursor } from './cursor.js';
import { corrupt } from './cursor.js';
import type { FieldType } from './layout.js';

/** Text is tokenized, so only a row can bring it. */
export type PatchType = Exclude<FieldType, 'text'>;

/** Position = code in the file. */
export const PATCH_TYPES: readonly PatchType[] = ['keyword', 'i64', 'f64', 'timestamp', 'bool'];

/** A number as a column keeps it, or the keywords of a document in byte order. */
export type PatchValue = bigint | readonly Uint8Array[];

/** One value a place; what stands at a place without one means nothing. */
export type ValueColumn =
  | { readonly kind: 'numbers'; readonly values: BigInt64Array }
  | {
      readonly kind: 'keywords';
      /** Distinct, in byte order. */
      readonly terms: readonly Uint8Array[];
      /** places + 1 entries into `ordinals`. */
      readonly starts: Uint32Array;
      /** Of the terms, ascending within a place. */
      readonly ordinals: Uint32Array;
    };

export function valueAt(column: ValueColumn, at: number): PatchValue {
  if (column.kind === 'numbers') return column.values[at]!;
  const { starts, ordinals, terms } = column;
  return Array.from(ordinals.subarray(starts[at]!, starts[at + 1]!), (ordinal) => terms[ordinal]!);
}

/** Makes a column; `values` in the order of the places, undefined = none. */
export function valueColumn(type: PatchType, values: readonly (PatchValue | undefined)[]): ValueColumn {
  if (type !== 'keyword') {
    return { kind: 'numbers', values: BigInt64Array.from(values, (value) => (value as bigint | undefined) ?? 0n) };
  }
  const lists = values.map((value) => (value ?? []) as readonly Uint8Array[]);
  const known = new Map<string, Uint8Array>();
  for (const list of lists) for (const term of list) known.set(nameOf(term), term);
  const terms = [...known.values()].sort(compareBytes);
  const ordinalOf = new Map(terms.map((term, ordinal) => [nameOf(term), ordinal]));
  const starts = new Uint32Array(lists.length + 1);
  const ordinals: number[] = [];
  lists.forEach((list, at) => {
    const own = new Set(list.map((term) => ordinalOf.get(nameOf(term))!));
    for (const ordinal of [...own].sort((a, b) => a - b)) ordinals.push(ordinal);
    starts[at + 1] = ordinals.length;
  });
  return { kind: 'keywords', terms, starts, ordinals: Uint32Array.from(ordinals) };
}

const nameOf = (term: Uint8Array) => Buffer.from(term).toString('latin1');

export function writeValues(out: ByteWriter, column: ValueColumn): void {
  if (column.kind === 'numbers') {
    for (const value of column.values) out.i64(value);
    return;
  }
  const { terms, starts, ordinals } = column;
  out.varint(terms.length);
  for (const term of terms) out.sized(term);
  for (let at = 0; at + 1 < starts.length; at++) {
    out.varint(starts[at + 1]! - starts[at]!);
    for (let i = starts[at]!; i < starts[at + 1]!; i++) out.varint(ordinals[i]!);
  }
}

export function readValues(cursor: ByteCursor, type: PatchType, places: number): ValueColumn {
  if (type !== 'keyword') {
    const values = new BigInt64Array(places);
    for (let at = 0; at < places; at++) values[at] = cursor.i64();
    return { kind: 'numbers', values };
  }
  const terms = Array.from({ length: cursor.varint() }, () => cursor.take(cursor.varint()));
  if (terms.some((term, i) => i > 0 && compareBytes(terms[i - 1]!, term) >= 0)) {
    throw corrupt('keywords are not in order', cursor.where);
  }
  const starts = new Uint32Array(places + 1);
  const ordinals: number[] = [];
  for (let at = 0; at < places; at++) {
    for (let left = cursor.varint(); left > 0; left--) {
      const ordinal = cursor.varint();
      if (ordinal >= terms.length) throw corrupt('a value names no keyword', cursor.where);
      ordinals.push(ordinal);
    }
    starts[at + 1] = ordinals.length;
  }
  return { kind: 'keywords', terms, starts, ordinals: Uint32Array.from(ordinals) };
}

/** Bitmaps, low bits first: bit set = there is a value. */
export function hasBit(bits: Uint8Array, at: number): boolean {
  return ((bits[at >> 3]! >> (at & 7)) & 1) === 1;
}

export function setBit(bits: Uint8Array, at: number): void {
  bits[at >> 3]! |= 1 << (at & 7);
}

/** Versions of rows: a byte says whether there are any, then a bitmap and a number a place. */
export function writeVersions(out: ByteWriter, versions: readonly (bigint | undefined)[]): void {
  const bits = new Uint8Array(Math.ceil(versions.length / 8));
  versions.forEach((version, at) => {
    if (version !== undefined) setBit(bits, at);
  });
  const has = versions.some((version) => version !== undefined);
  out.u8(has ? 1 : 0);
  if (!has) return;
  out.raw(bits);
  for (const version of versions) out.i64(version ?? 0n);
}

export function readVersions(cursor: ByteCursor, places: number): (bigint | undefined)[] {
  const kind = cursor.u8();
  if (kind > 1) throw corrupt('versions are of an unknown kind', cursor.where);
  if (kind === 0) return new Array<undefined>(places).fill(undefined);
  const bits = cursor.take(Math.ceil(places / 8));
  return Array.from({ length: places }, (_, at) => {
    const version = cursor.i64();
    return hasBit(bits, at) ? version : undefined;
  });
}

export function readType(cursor: ByteCursor): PatchType {
  const type = PATCH_TYPES[cursor.u8()];
  if (type === undefined) throw corrupt('a field has an unknown type', cursor.where);
  return type;
}
