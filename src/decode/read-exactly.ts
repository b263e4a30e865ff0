/** Ranged reads that notice when fewer bytes come back than the format promised. */
import type { ByteSource } from '../base/bytes.js';
import { badInput } from './bad-input.js';

/** Bytes `[start, end)`. Errors: `bad-data` when the range leaves the source or comes back short. */
export async function readExactly(source: ByteSource, start: number, end: number): Promise<Uint8Array> {
  if (start < 0 || end > source.byteLength || start > end) {
    throw badInput(`bytes [${start}, ${end}) are not in a file of ${source.byteLength} bytes`);
  }
  const bytes = await source.slice(start, end);
  if (bytes.length !== end - start) throw badInput(`bytes [${start}, ${end}) came back as ${bytes.length} bytes`);
  return bytes;
}
