/** Kill bitmaps (`.tmk`): which documents of one segment are superseded or deleted. */
import { ByteWriter } from '../base/byte-writer.js';
import { assert, type ErrorWhere } from '../base/errors.js';
import { crc32 } from './crc32.js';
import { ByteCursor, corrupt } from './cursor.js';
import { type DocId, KILLS_HEADER_BYTES, KILLS_MAGIC, KILLS_VERSION } from './layout.js';

const ENCODING_GAPS = 0;
const ENCODING_BITS = 1;
const SHA256_BYTES = 32;
/** Bytes 0..60 of the header are under the checksum, which stands behind them. */
const CHECKSUM_AT = 60;

/** Killed documents of one segment. */
export interface KillBitmap {
  /** Hex SHA-256 of the segment it belongs to. */
  readonly segmentSha256: string;
  /** Documents of the segment. */
  readonly docs: number;
  readonly killed: number;
  /** ceil(docs / 8) bytes; bit (LSB first) set = killed. */
  readonly bits: Uint8Array;
}

/** Whether a document is killed. */
export function isKilled(bits: Uint8Array, docId: DocId): boolean {
  return ((bits[docId >> 3]! >> (docId & 7)) & 1) === 1;
}

/** Encodes a bitmap in the shorter of the two encodings. Bits beyond `docs` must be clear. */
export function encodeKillBitmap(segmentSha256: string, docs: number, bits: Uint8Array): Uint8Array {
  assert(bits.length === Math.ceil(docs / 8), 'a kill bitmap has one bit a document');
  assert(/^[0-9a-f]{64}$/.test(segmentSha256), 'a kill bitmap names a SHA-256');
  const { gaps, killed } = encodeGaps(bits, docs);
  const encoding = gaps.length <= bits.length ? ENCODING_GAPS : ENCODING_BITS;
  const payload = encoding === ENCODING_GAPS ? gaps : bits;
  const out = new ByteWriter();
  out.raw(new TextEncoder().encode(KILLS_MAGIC)).u32(KILLS_VERSION).u32(encoding);
  out.raw(Buffer.from(segmentSha256, 'hex')).u32(docs).u32(killed).u32(payload.length);
  out.u32(0).raw(payload);
  const bytes = out.finish().slice();
  new DataView(bytes.buffer).setUint32(CHECKSUM_AT, checksum(bytes), true);
  return bytes;
}

/**
 * Decodes a bitmap; fails with code `corrupt` on a broken one and, given `segment`, on one that belongs to other bytes.
 */
export function decodeKillBitmap(
  bytes: Uint8Array,
  where: ErrorWhere,
  segment?: { readonly sha256: string; readonly docs: number },
): KillBitmap {
  const cursor = new ByteCursor(bytes, where);
  if (new TextDecoder('latin1').decode(cursor.take(8)) !== KILLS_MAGIC) throw corrupt('this is no kill bitmap', where);
  const version = cursor.u32();
  if (version !== KILLS_VERSION) throw corrupt(`kill bitmap version ${version} is unknown`, where);
  const encoding = cursor.u32();
  const segmentSha256 = Buffer.from(cursor.take(SHA256_BYTES)).toString('hex');
  const docs = cursor.u32();
  const killed = cursor.u32();
  const payloadLength = cursor.u32();
  if (cursor.u32() !== checksum(bytes)) throw corrupt('the kill bitmap does not match its checksum', where);
  if (payloadLength !== bytes.length - KILLS_HEADER_BYTES || encoding > ENCODING_BITS) {
    throw corrupt('the kill bitmap has a broken header', where);
  }
  if (segment !== undefined && (segment.sha256 !== segmentSha256 || segment.docs !== docs)) {
    throw corrupt('the kill bitmap belongs to another segment', where);
  }
  const bits = encoding === ENCODING_GAPS ? decodeGaps(cursor, docs, killed) : decodeBits(cursor, docs);
  if (countBits(bits) !== killed) throw corrupt('the kill bitmap miscounts', where);
  return { segmentSha256, docs, killed, bits };
}

/** Bits that are set. */
export function countBits(bits: Uint8Array): number {
  let count = 0;
  for (let byte of bits) for (; byte !== 0; byte &= byte - 1) count++;
  return count;
}

function checksum(bytes: Uint8Array): number {
  return crc32(bytes.subarray(KILLS_HEADER_BYTES), crc32(bytes.subarray(0, CHECKSUM_AT)));
}

function encodeGaps(bits: Uint8Array, docs: number): { readonly gaps: Uint8Array; readonly killed: number } {
  const out = new ByteWriter();
  let previous = -1;
  let killed = 0;
  for (let docId = 0; docId < docs; docId++) {
    if (!isKilled(bits, docId)) continue;
    out.varint(docId - previous - 1);
    previous = docId;
    killed++;
  }
  return { gaps: out.finish(), killed };
}

function decodeGaps(cursor: ByteCursor, docs: number, killed: number): Uint8Array {
  const bits = new Uint8Array(Math.ceil(docs / 8));
  let docId = -1;
  for (let i = 0; i < killed; i++) {
    docId += cursor.varint() + 1;
    if (docId >= docs) throw corrupt('the kill bitmap leads beyond its segment', cursor.where);
    bits[docId >> 3]! |= 1 << (docId & 7);
  }
  cursor.expectDone('the kill bitmap');
  return bits;
}

function decodeBits(cursor: ByteCursor, docs: number): Uint8Array {
  const bits = cursor.take(Math.ceil(docs / 8)).slice();
  cursor.expectDone('the kill bitmap');
  if (docs % 8 !== 0 && bits.at(-1)! >> (docs % 8) !== 0) {
    throw corrupt('the kill bitmap leads beyond its segment', cursor.where);
  }
  return bits;
}
