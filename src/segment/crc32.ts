import { crc32 as zlibCrc32 } from 'node:zlib';

/** CRC-32 of ISO 3309 / zlib, unsigned; `seed` = the checksum of the bytes before, so it may be fed in pieces. */
export function crc32(bytes: Uint8Array, seed = 0): number {
  return zlibCrc32(bytes, seed);
}
