/** Tells what a file is by its first and last bytes; names are never looked at. */
import { isUtf8 } from 'node:buffer';
import { badInput, WRITE_AGAIN } from './bad-input.js';
import type { InputFormat } from './input-file.js';

/** Marks the start of a message in an Arrow stream. */
export const CONTINUATION = 0xffffffff;
/** Metadata of a message is a few KB; streams from before Arrow 0.15 begin with this length and no mark. */
const MAX_SCHEMA_BYTES = 16 * 2 ** 20;
/** Smallest of each: magic, footer length, magic. */
const MIN_PARQUET_BYTES = 12;
const MIN_ARROW_FILE_BYTES = 18;

/** What other things begin with, for the message. */
const OTHER_MAGICS: readonly (readonly [magic: string, name: string])[] = [
  ['\x1f\x8b', 'a gzip file'],
  ['\x28\xb5\x2f\xfd', 'a zstd-compressed file'],
  ['\x04\x22\x4d\x18', 'an lz4-compressed file'],
  ['PK\x03\x04', 'a zip file'],
  ['ORC', 'an ORC file'],
  ['Obj\x01', 'an Avro file'],
  ['FEA1', 'a Feather file of version 1'],
  ['SQLite format 3', 'an SQLite database'],
];

const REWRITE = 'write it as Parquet or as an Arrow IPC file or stream';

/**
 * The format, from up to 16 first bytes and at least 8 last ones.
 * Errors: `bad-data` saying what the file looks like instead.
 */
export function detectFormat(head: Uint8Array, tail: Uint8Array, byteLength: number, key: string): InputFormat {
  const where = { object: key };
  if (byteLength === 0) throw badInput(`${key} is empty`, { where, fix: WRITE_AGAIN });
  const begins = latin1(head);
  const ends = latin1(tail.subarray(-8));
  if (begins.startsWith('PARE') || (begins.startsWith('PAR1') && ends.endsWith('PARE'))) {
    throw badInput(`${key} is a Parquet file with an encrypted footer`, {
      where,
      fix: 'have its producer write it without Parquet encryption; keys are not supported',
    });
  }
  if (begins.startsWith('PAR1')) {
    if (ends.endsWith('PAR1') && byteLength >= MIN_PARQUET_BYTES) return 'parquet';
    throw badInput(`${key} begins as Parquet but has no footer at its end: it was cut short`, {
      where,
      fix: WRITE_AGAIN,
    });
  }
  if (begins.startsWith('ARROW1')) {
    if (ends.endsWith('ARROW1') && byteLength >= MIN_ARROW_FILE_BYTES) return 'arrow-file';
    throw badInput(`${key} begins as an Arrow file but has no footer at its end: it was cut short`, {
      where,
      fix: WRITE_AGAIN,
    });
  }
  if (ends.endsWith('PAR1')) {
    throw badInput(`${key} ends as Parquet but its beginning is damaged`, { where, fix: WRITE_AGAIN });
  }
  if (isStream(head, byteLength)) return 'arrow-stream';
  throw badInput(`${key} is neither Parquet nor Arrow; it looks like ${resemblance(head, begins)}`, {
    where,
    fix: `${REWRITE}, or keep such files out of the partition`,
  });
}

/** A continuation mark; or, without one, a length and a FlatBuffers root that fits into it. */
function isStream(head: Uint8Array, byteLength: number): boolean {
  if (head.length < 8) return false;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const first = view.getUint32(0, true);
  if (first === CONTINUATION) return true;
  const root = view.getUint32(4, true);
  return first % 4 === 0 && first > 0 && first < Math.min(byteLength, MAX_SCHEMA_BYTES) && root >= 4 && root < first;
}

function resemblance(head: Uint8Array, begins: string): string {
  const known = OTHER_MAGICS.find(([magic]) => begins.startsWith(magic));
  if (known !== undefined) return known[1];
  if (!isText(head)) return `unknown binary data (${hex(head.subarray(0, 8))})`;
  const text = begins.trimStart();
  if (text.startsWith('<')) return 'an HTML or XML page, perhaps the error page of a store';
  if (text.startsWith('{') || text.startsWith('[')) return 'JSON';
  return 'a text file';
}

/** UTF-8 without control characters; the last character may be cut. */
function isText(head: Uint8Array): boolean {
  if (head.some((byte) => byte < 0x20 && (byte < 9 || byte > 13))) return false;
  return [0, 1, 2, 3].some((cut) => isUtf8(head.subarray(0, head.length - cut)));
}

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
}
