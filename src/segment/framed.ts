/** Small objects of one piece: `magic 8 | version u32 | crc32 u32 | payload`; the checksum covers all but itself. */
import { ByteWriter } from '../base/byte-writer.js';
import type { ErrorWhere } from '../base/errors.js';
import { crc32 } from './crc32.js';
import { ByteCursor, corrupt } from './cursor.js';

const CHECKSUM_AT = 12;
const HEADER_BYTES = 16;

/** What an object of a kind starts with. */
export interface Frame {
  readonly magic: string;
  readonly version: number;
  /** For messages: `a patch part`. */
  readonly what: string;
}

export function frame({ magic, version }: Frame, payload: Uint8Array): Uint8Array {
  const out = new ByteWriter();
  out.raw(new TextEncoder().encode(magic)).u32(version).u32(0).raw(payload);
  const bytes = out.finish().slice();
  new DataView(bytes.buffer).setUint32(CHECKSUM_AT, checksum(bytes), true);
  return bytes;
}

/** A cursor over the payload; fails with code `corrupt` where the bytes are not such an object, whole. */
export function unframe({ magic, version, what }: Frame, bytes: Uint8Array, where: ErrorWhere): ByteCursor {
  const cursor = new ByteCursor(bytes, where);
  if (new TextDecoder('latin1').decode(cursor.take(8)) !== magic) throw corrupt(`this is not ${what}`, where);
  const found = cursor.u32();
  if (found !== version) throw corrupt(`version ${found} of ${what} is unknown`, where);
  if (cursor.u32() !== checksum(bytes)) throw corrupt(`the bytes of ${what} do not match their checksum`, where);
  return cursor;
}

function checksum(bytes: Uint8Array): number {
  return crc32(bytes.subarray(HEADER_BYTES), crc32(bytes.subarray(0, CHECKSUM_AT)));
}
