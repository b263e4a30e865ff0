/** The door of this room: any supported file -> `InputFile`. */
import type { ByteSource } from '../base/bytes.js';
import { bytesSource } from '../base/bytes.js';
import { openArrow } from './arrow.js';
import { detectFormat } from './format.js';
import type { InputFile } from './input-file.js';
import { openParquet } from './parquet.js';
import { readExactly } from './read-exactly.js';

export type * from './input-file.js';

/**
 * Files up to this size are read whole: one request of an object store takes as long as 1 MB, and opening a file by
 * ranges takes three or more.
 */
const SMALL_FILE_BYTES = 2 ** 20;
const HEAD_BYTES = 16;
/** Holds the footer of nearly every Parquet file: about 100 bytes per column and row group. */
const TAIL_BYTES = 64 * 1024;

/**
 * Opens an input file, telling its format by its bytes.
 * `object.key` names it in messages. Errors: `bad-data` for anything that is no readable Parquet or Arrow file.
 */
export async function openInput(source: ByteSource, object: { readonly key: string }): Promise<InputFile> {
  const { key } = object;
  const { byteLength } = source;
  const isSmall = byteLength <= SMALL_FILE_BYTES;
  const tail = await readExactly(source, isSmall ? 0 : byteLength - TAIL_BYTES, byteLength);
  const head = isSmall ? tail.subarray(0, HEAD_BYTES) : await readExactly(source, 0, HEAD_BYTES);
  const held = isSmall ? bytesSource(tail) : source;
  switch (detectFormat(head, tail, byteLength, key)) {
    case 'parquet':
      return openParquet(held, key, tail);
    case 'arrow-file':
      return openArrow(held, key, 'arrow-file', tail);
    case 'arrow-stream':
      return openArrow(held, key, 'arrow-stream', tail);
  }
}
