/** A patch part (`.tmc`): the column patches of one partition, or of many folded into one. */
import { ByteWriter } from '../base/byte-writer.js';
import { compareBytes } from '../base/bytes.js';
import { assert, type ErrorWhere } from '../base/errors.js';
import { type ByteCursor, corrupt } from './cursor.js';
import { type Frame, frame, unframe } from './framed.js';
import {
  hasBit,
  PATCH_TYPES,
  type PatchType,
  type PatchValue,
  readType,
  readValues,
  readVersions,
  setBit,
  type ValueColumn,
  valueAt,
  valueColumn,
  writeValues,
  writeVersions,
} from './patch-values.js';
import type { SourceObject } from './sources.js';

/** 1: the first. */
export const PATCH_PART: Frame = { magic: 'TIDEPTCH', version: 1, what: 'a patch part' };

export interface PatchFieldEntry {
  readonly name: string;
  readonly type: PatchType;
}

/** One row of a patch: where it stood, and a value for each field that it sets. */
export interface PatchRow {
  readonly id: Uint8Array;
  readonly version: bigint | undefined;
  /** Among the part's sources. */
  readonly source: number;
  readonly rowGroup: number;
  readonly row: number;
  /** By field; undefined = left as it is. */
  readonly values: readonly (PatchValue | undefined)[];
}

/** Rows by id in byte order; of one id the highest rank first. */
export interface PatchPart {
  readonly fields: readonly PatchFieldEntry[];
  readonly rows: number;
  readonly ids: readonly Uint8Array[];
  readonly versions: readonly (bigint | undefined)[];
  readonly sources: readonly SourceObject[];
  readonly source: Uint32Array;
  readonly rowGroup: Uint32Array;
  readonly row: Uint32Array;
  /** By field. */
  readonly columns: readonly { readonly presence: Uint8Array; readonly values: ValueColumn }[];
  /** Rows read and rows rejected, among them those that a higher rank made superfluous. */
  readonly read: number;
  readonly rejected: number;
}

/** Makes a part of rows that are in its order already. */
export function patchPart(
  fields: readonly PatchFieldEntry[],
  sources: readonly SourceObject[],
  rows: readonly PatchRow[],
  counts: { readonly read: number; readonly rejected: number },
): PatchPart {
  const bits = Math.ceil(rows.length / 8);
  const columns = fields.map(({ type }, field) => {
    const presence = new Uint8Array(bits);
    const values = rows.map((row) => row.values[field]);
    values.forEach((value, at) => {
      if (value !== undefined) setBit(presence, at);
    });
    return { presence, values: valueColumn(type, values) };
  });
  return {
    fields,
    rows: rows.length,
    ids: rows.map(({ id }) => id),
    versions: rows.map(({ version }) => version),
    sources,
    source: Uint32Array.from(rows, ({ source }) => source),
    rowGroup: Uint32Array.from(rows, ({ rowGroup }) => rowGroup),
    row: Uint32Array.from(rows, ({ row }) => row),
    columns,
    ...counts,
  };
}

/** What a row says of a field; undefined = nothing. */
export function patchValue({ columns }: PatchPart, field: number, at: number): PatchValue | undefined {
  const { presence, values } = columns[field]!;
  return hasBit(presence, at) ? valueAt(values, at) : undefined;
}

export function encodePatchPart(part: PatchPart): Uint8Array {
  const out = new ByteWriter();
  const utf8 = new TextEncoder();
  out.varint(part.fields.length);
  for (const { name, type } of part.fields) out.sized(utf8.encode(name)).u8(PATCH_TYPES.indexOf(type));
  out.varint(part.rows).varint(part.read).varint(part.rejected);
  out.varint(part.sources.length);
  for (const { partitionTime, key } of part.sources) out.i64(BigInt(partitionTime)).sized(utf8.encode(key));
  let before: Uint8Array = new Uint8Array(0);
  for (const id of part.ids) {
    const shared = sharedBytes(before, id);
    out.varint(shared).sized(id.subarray(shared));
    before = id;
  }
  writeVersions(out, part.versions);
  for (let at = 0; at < part.rows; at++) out.varint(part.source[at]!).varint(part.rowGroup[at]!).varint(part.row[at]!);
  for (const { presence, values } of part.columns) {
    out.raw(presence);
    writeValues(out, values);
  }
  return frame(PATCH_PART, out.finish());
}

/** Fails with code `corrupt` on anything but a whole part. */
export function decodePatchPart(bytes: Uint8Array, where: ErrorWhere): PatchPart {
  const cursor = unframe(PATCH_PART, bytes, where);
  const text = new TextDecoder('utf-8', { ignoreBOM: true });
  const fields = Array.from({ length: cursor.varint() }, () => ({
    name: text.decode(cursor.take(cursor.varint())),
    type: readType(cursor),
  }));
  const [rows, read, rejected] = [cursor.varint(), cursor.varint(), cursor.varint()];
  const sources = Array.from({ length: cursor.varint() }, () => ({
    partitionTime: Number(cursor.i64()),
    key: text.decode(cursor.take(cursor.varint())),
  }));
  const ids = readIds(cursor, rows);
  const versions = readVersions(cursor, rows);
  const [source, rowGroup, row] = [new Uint32Array(rows), new Uint32Array(rows), new Uint32Array(rows)];
  for (let at = 0; at < rows; at++) {
    source[at] = cursor.varint();
    rowGroup[at] = cursor.varint();
    row[at] = cursor.varint();
    if (source[at]! >= sources.length) throw corrupt('a row names no source', where);
  }
  const columns = fields.map(({ type }) => ({
    presence: cursor.take(Math.ceil(rows / 8)),
    values: readValues(cursor, type, rows),
  }));
  cursor.expectDone('a patch part');
  return { fields, rows, ids, versions, sources, source, rowGroup, row, columns, read, rejected };
}

function readIds(cursor: ByteCursor, rows: number): Uint8Array[] {
  const ids: Uint8Array[] = [];
  let before: Uint8Array = new Uint8Array(0);
  for (let at = 0; at < rows; at++) {
    const shared = cursor.varint();
    const rest = cursor.take(cursor.varint());
    if (shared > before.length) throw corrupt('an id shares more bytes than the one before has', cursor.where);
    const id = new Uint8Array(shared + rest.length);
    id.set(before.subarray(0, shared));
    id.set(rest, shared);
    if (at > 0 && compareBytes(before, id) > 0) throw corrupt('ids are not in order', cursor.where);
    ids.push(id);
    before = id;
  }
  return ids;
}

function sharedBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  let shared = 0;
  while (shared < length && a[shared] === b[shared]) shared++;
  assert(shared === b.length || shared === a.length || a[shared]! < b[shared]!, 'patch rows are in the order of ids');
  return shared;
}
