/** Byte seams shared by every room. */

/** Something with a length that hands out ranges: a file, an object, a cache or a buffer (half-open `[start, end)`). */
export interface ByteSource {
  readonly byteLength: number;
  slice(start: number, end: number): Promise<Uint8Array>;
}

/** A byte source over memory. */
export function bytesSource(bytes: Uint8Array): ByteSource {
  return { byteLength: bytes.byteLength, slice: async (start, end) => bytes.subarray(start, end) };
}

/** Compares as unsigned bytes, a prefix before its extensions: the order of terms, keys and objects alike. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = a[i]! - b[i]!;
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Joins chunks into one array; copies once. */
export function concatBytes(chunks: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const chunk of chunks) length += chunk.length;
  const out = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    out.set(chunk, at);
    at += chunk.length;
  }
  return out;
}
