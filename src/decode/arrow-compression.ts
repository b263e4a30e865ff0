/** Compressed buffers of Arrow IPC. Spec: Arrow format, "Compression"; Message.fbs, BodyCompression. */
import { decompress } from 'fzstd';
import type { ArrowCodec } from './arrow-metadata.js';
import { badInput, checkInput } from './bad-input.js';
import { lowerFirst } from './lower-first.js';
import { decodeLz4Frame } from './lz4-frame.js';

/** Uncompressed length, in front of each buffer; -1 = what follows is not compressed. */
const PREFIX_BYTES = 8;
/** How many bytes one byte can become at best, so that a garbled length is noticed before memory is asked for. */
const MAX_EXPANSION: Readonly<Record<'lz4' | 'zstd', number>> = { lz4: 255, zstd: 128 * 1024 };
const MAX_BUFFER_BYTES = 2 ** 31;

/** The buffer's content. Errors: `bad-data` when it does not decompress to exactly the promised length. */
export function decompressBuffer(codec: ArrowCodec, buffer: Uint8Array): Uint8Array {
  if (codec === 'none' || buffer.length === 0) return buffer;
  checkInput(buffer.length >= PREFIX_BYTES, 'a compressed buffer is too short');
  const view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  const length = Number(view.getBigInt64(0, true));
  const compressed = buffer.subarray(PREFIX_BYTES);
  if (length === -1) return compressed;
  const limit = Math.min(compressed.length * MAX_EXPANSION[codec], MAX_BUFFER_BYTES);
  checkInput(length >= 0 && length <= limit, `a compressed buffer cannot hold ${length} bytes`);
  const out = new Uint8Array(length);
  if (length === 0) return out;
  if (codec === 'lz4') decodeLz4Frame(compressed, out);
  else decodeZstd(compressed, out);
  return out;
}

function decodeZstd(compressed: Uint8Array, out: Uint8Array): void {
  let decoded: Uint8Array;
  try {
    decoded = decompress(compressed, out);
  } catch (error) {
    throw badInput(`zstd: ${lowerFirst(error instanceof Error ? error.message : String(error))}`, { cause: error });
  }
  checkInput(decoded.length === out.length, `a zstd buffer gave ${decoded.length} of ${out.length} bytes`);
}
