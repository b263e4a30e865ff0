import { deflateSync, inflateSync } from 'fflate';
import { assert, type ErrorWhere, TidemarkError } from '../base/errors.js';

/** Compression levels a writer may choose: the zlib scale, 0 = kept as it is. */
export type CompressionLevel = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9;

/** How stored blocks are compressed: part of what decides a segment's bytes; a reader needs neither. */
export interface StoredCompression {
  readonly codec: StoredCodec;
  /** 0 with `none`, and only there. */
  readonly level: CompressionLevel;
}

/** `none` = blocks are kept as they are. */
export type StoredCodec = 'deflate' | 'none';

/** The level of `deflate` that the kernel's own encoder makes; the others are fflate's. */
export const KERNEL_LEVEL: CompressionLevel = 1;

/**
 * On rows of ids and texts the kernel's encoder is 6 to 9 times as fast as fflate's level 4, at sizes from 5 % below to 3 % above
 * (`bench/kernel/deflate.bench.ts`); fflate's higher levels gain under 2 % more for twice the time.
 */
export const DEFAULT_STORED_COMPRESSION: StoredCompression = { codec: 'deflate', level: KERNEL_LEVEL };

/** Raw DEFLATE (RFC 1951) of a stored block; undefined where that is not smaller than the bytes themselves. */
export function deflateBlock(raw: Uint8Array, level: CompressionLevel): Uint8Array | undefined {
  if (level === 0) return undefined;
  const packed = deflateSync(raw, { level });
  return packed.length < raw.length ? packed : undefined;
}

/** Inverse of `deflateBlock`; `rawLength` must be exact, otherwise (or on broken bytes) fails with code `corrupt`. */
export function inflateBlock(packed: Uint8Array, rawLength: number, where: ErrorWhere): Uint8Array {
  assert(rawLength > 0, 'a kept block is not inflated');
  let raw: Uint8Array;
  try {
    raw = inflateSync(packed, { out: new Uint8Array(rawLength) });
  } catch (cause) {
    throw new TidemarkError('corrupt', 'a stored block cannot be inflated', { where, cause });
  }
  if (raw.length !== rawLength) {
    throw new TidemarkError('corrupt', `a stored block inflates to ${raw.length} bytes instead of ${rawLength}`, {
      where,
    });
  }
  return raw;
}
