/**
 * Thrift's compact protocol, read into and written from plain trees: all that a Parquet footer needs.
 * Spec: Apache Thrift, thrift-compact-protocol.md. Whole numbers are JS numbers; Parquet's fit 53 bits.
 */
import { badInput, checkInput } from './bad-input.js';

/** Wire types of fields and list elements. */
export const THRIFT = {
  true: 1,
  false: 2,
  i8: 3,
  i16: 4,
  i32: 5,
  i64: 6,
  double: 7,
  binary: 8,
  list: 9,
  set: 10,
  map: 11,
  struct: 12,
} as const;

/** A value with its wire type, so that a tree can be written back as it was read. Maps are not used by Parquet. */
export type ThriftValue = boolean | number | Uint8Array | ThriftList | ThriftStruct;
export interface ThriftList {
  readonly elementType: number;
  readonly items: readonly ThriftValue[];
}
/** Field number -> wire type and value. */
export type ThriftStruct = ReadonlyMap<number, { readonly type: number; readonly value: ThriftValue }>;

interface Cursor {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  at: number;
}

/** Parquet nests a handful of levels; a garbled footer must not exhaust the stack. */
const MAX_DEPTH = 32;

/** Reads one struct from the start of `bytes`. Errors: `bad-data` when the bytes are no struct. */
export function readThrift(bytes: Uint8Array): ThriftStruct {
  return readThriftAt(bytes, 0).struct;
}

/** Reads one struct from `bytes[start..]`; `end` is the place behind it. Errors: as `readThrift`. */
export function readThriftAt(
  bytes: Uint8Array,
  start: number,
): { readonly struct: ThriftStruct; readonly end: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const cursor = { bytes, view, at: start };
  const struct = readStruct(cursor, 0);
  return { struct, end: cursor.at };
}

function readStruct(cursor: Cursor, depth: number): ThriftStruct {
  checkInput(depth < MAX_DEPTH, 'its footer nests too deeply');
  const fields = new Map<number, { type: number; value: ThriftValue }>();
  let id = 0;
  for (;;) {
    const header = readByte(cursor);
    const type = header & 0x0f;
    if (type === 0) return fields;
    const gap = header >> 4;
    id = gap === 0 ? readZigzag(cursor) : id + gap;
    const value = type === THRIFT.true || type === THRIFT.false ? type === THRIFT.true : readValue(cursor, type, depth);
    fields.set(id, { type, value });
  }
}

function readValue(cursor: Cursor, type: number, depth: number): ThriftValue {
  switch (type) {
    case THRIFT.true:
    case THRIFT.false:
      return readByte(cursor) === THRIFT.true;
    case THRIFT.i8:
      return (readByte(cursor) << 24) >> 24;
    case THRIFT.i16:
    case THRIFT.i32:
    case THRIFT.i64:
      return readZigzag(cursor);
    case THRIFT.double:
      return cursor.view.getFloat64(skip(cursor, 8), true);
    case THRIFT.binary: {
      const length = readVarint(cursor);
      const start = skip(cursor, length);
      return cursor.bytes.subarray(start, start + length);
    }
    case THRIFT.list:
    case THRIFT.set:
      return readList(cursor, depth + 1);
    case THRIFT.struct:
      return readStruct(cursor, depth + 1);
    default:
      throw badInput(`its footer holds a field of unknown type ${type}`);
  }
}

function readList(cursor: Cursor, depth: number): ThriftList {
  checkInput(depth < MAX_DEPTH, 'its footer nests too deeply');
  const header = readByte(cursor);
  const elementType = header & 0x0f;
  const count = header >> 4 === 15 ? readVarint(cursor) : header >> 4;
  checkInput(count <= cursor.bytes.length - cursor.at, 'its footer ends in the middle of a list');
  const items: ThriftValue[] = [];
  for (let i = 0; i < count; i++) items.push(readValue(cursor, elementType, depth));
  return { elementType, items };
}

function readByte(cursor: Cursor): number {
  checkInput(cursor.at < cursor.bytes.length, 'its footer ends too early');
  return cursor.bytes[cursor.at++]!;
}

function skip(cursor: Cursor, byteCount: number): number {
  const start = cursor.at;
  checkInput(byteCount <= cursor.bytes.length - start, 'its footer ends too early');
  cursor.at += byteCount;
  return start;
}

function readVarint(cursor: Cursor): number {
  let value = 0;
  for (let factor = 1; ; factor *= 128) {
    const byte = readByte(cursor);
    value += (byte & 0x7f) * factor;
    checkInput(factor < 2 ** 63, 'its footer holds a number longer than 64 bits');
    if (byte < 128) return value;
  }
}

/** Exact up to 2^53; larger numbers (only garbage has them) come out rounded. */
function readZigzag(cursor: Cursor): number {
  const value = readVarint(cursor);
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}

/** Writes a struct. */
export function writeThrift(struct: ThriftStruct): Uint8Array {
  const out: number[] = [];
  writeStruct(out, struct);
  return Uint8Array.from(out);
}

function writeStruct(out: number[], struct: ThriftStruct): void {
  let previous = 0;
  for (const id of [...struct.keys()].sort((a, b) => a - b)) {
    const { type, value } = struct.get(id)!;
    const wire = typeof value === 'boolean' ? (value ? THRIFT.true : THRIFT.false) : type;
    const gap = id - previous;
    if (gap > 0 && gap < 16) out.push((gap << 4) | wire);
    else {
      out.push(wire);
      writeZigzag(out, id);
    }
    if (typeof value !== 'boolean') writeValue(out, type, value);
    previous = id;
  }
  out.push(0);
}

function writeValue(out: number[], type: number, value: ThriftValue): void {
  if (typeof value === 'boolean') out.push(value ? THRIFT.true : THRIFT.false);
  else if (value instanceof Uint8Array) {
    writeVarint(out, value.length);
    for (const byte of value) out.push(byte);
  } else if (value instanceof Map) writeStruct(out, value);
  else if (typeof value === 'number') {
    if (type === THRIFT.i8) out.push(value & 0xff);
    else if (type === THRIFT.double) out.push(...new Uint8Array(Float64Array.of(value).buffer));
    else writeZigzag(out, value);
  } else {
    const { elementType, items } = value as ThriftList;
    if (items.length < 15) out.push((items.length << 4) | elementType);
    else {
      out.push(0xf0 | elementType);
      writeVarint(out, items.length);
    }
    for (const item of items) writeValue(out, elementType, item);
  }
}

function writeVarint(out: number[], value: number): void {
  let rest = value;
  while (rest >= 128) {
    out.push((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  out.push(rest);
}

function writeZigzag(out: number[], value: number): void {
  writeVarint(out, value < 0 ? -2 * value - 1 : 2 * value);
}

/** Field access: undefined where the field is absent or of another type. */
export function thriftNumber(struct: ThriftStruct | undefined, id: number): number | undefined {
  const value = struct?.get(id)?.value;
  return typeof value === 'number' ? value : undefined;
}

export function thriftBytes(struct: ThriftStruct | undefined, id: number): Uint8Array | undefined {
  const value = struct?.get(id)?.value;
  return value instanceof Uint8Array ? value : undefined;
}

export function thriftText(struct: ThriftStruct | undefined, id: number): string | undefined {
  const bytes = thriftBytes(struct, id);
  return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
}

export function thriftStruct(struct: ThriftStruct | undefined, id: number): ThriftStruct | undefined {
  const value = struct?.get(id)?.value;
  return value instanceof Map ? value : undefined;
}

export function thriftItems(struct: ThriftStruct | undefined, id: number): readonly ThriftValue[] {
  const value = struct?.get(id)?.value;
  return typeof value === 'object' && 'items' in value ? value.items : [];
}

export function thriftStructs(struct: ThriftStruct | undefined, id: number): readonly ThriftStruct[] {
  return thriftItems(struct, id).filter((item): item is ThriftStruct => item instanceof Map);
}
