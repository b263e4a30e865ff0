/** UUIDs stored as 16 bytes -> their text, 8-4-4-4-12 lower-case hexadecimal digits. */
import type { ArrowArray } from './arrow-layout.js';
import { hasBit } from './bitmap.js';
import type { BytesColumn } from './columns.js';
import { checkSize, sliceValidity } from './normalize-bytes.js';
import { viewElements } from './typed-views.js';

const UUID_BYTES = 16;
const TEXT_BYTES = 36;
const HEX = new TextEncoder().encode('0123456789abcdef');

export function uuidsToText(array: ArrowArray, start: number, end: number): BytesColumn {
  const rows = end - start;
  checkSize(rows * TEXT_BYTES);
  const validity = sliceValidity(array, start, end);
  const source = viewElements(Uint8Array, array.buffers[0], (array.offset + start) * UUID_BYTES, rows * UUID_BYTES);
  const offsets = new Int32Array(rows + 1);
  const data = new Uint8Array(rows * TEXT_BYTES);
  let at = 0;
  for (let row = 0; row < rows; row++) {
    if (validity === undefined || hasBit(validity, row)) {
      for (let i = 0; i < UUID_BYTES; i++) {
        if (i === 4 || i === 6 || i === 8 || i === 10) data[at++] = 45;
        const byte = source[row * UUID_BYTES + i]!;
        data[at++] = HEX[byte >> 4]!;
        data[at++] = HEX[byte & 15]!;
      }
    }
    offsets[row + 1] = at;
  }
  return { kind: 'bytes', rows, offsets, data: data.slice(0, at), validity };
}
