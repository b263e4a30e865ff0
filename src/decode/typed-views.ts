/** Typed views over column buffers that come from outside: lengths checked, alignment mended, little-endian hosts. */
import { badInput } from './bad-input.js';

interface ViewConstructor<T> {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): T;
}

/** Elements `[start, start + count)` of a buffer. A view where the bytes are aligned, else a copy. */
export function viewElements<T>(
  View: ViewConstructor<T>,
  bytes: Uint8Array | undefined,
  start: number,
  count: number,
): T {
  if (count === 0) return new View(new ArrayBuffer(0), 0, 0);
  const size = View.BYTES_PER_ELEMENT;
  const endByte = (start + count) * size;
  if (bytes === undefined || bytes.length < endByte) {
    throw badInput(
      `a buffer of ${bytes?.length ?? 0} bytes ends before element ${start + count} of ${size} bytes each`,
    );
  }
  if ((bytes.byteOffset + start * size) % size === 0) {
    return new View(bytes.buffer, bytes.byteOffset + start * size, count);
  }
  const copy = bytes.slice(start * size, endByte);
  return new View(copy.buffer, copy.byteOffset, count);
}
