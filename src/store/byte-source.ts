/** An object of a store as a byte source, pinned to the revision that was listed. */

import type { ByteSource } from '../base/bytes.js';
import type { OpenObject, Store } from './store.js';

/** Every read carries the etag: a rewrite under our hands is `changed`, never a mixture. */
export function objectSource(
  store: Store,
  object: { readonly key: string; readonly size: number; readonly etag: string },
  signal?: AbortSignal,
): ByteSource {
  const pinned = { ifMatch: object.etag, ...(signal === undefined ? {} : { signal }) };
  return {
    byteLength: object.size,
    slice: (start, end) => store.read(object.key, { start, end, ...pinned }),
  };
}

/** The same for an object that is held open. */
export function openSource(object: { readonly size: number }, open: OpenObject): ByteSource {
  return {
    byteLength: object.size,
    slice: (start, end) => open.read(Math.min(start, object.size), Math.min(end, object.size)),
  };
}
