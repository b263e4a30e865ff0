/** New numbers of a segment's documents once the killed ones are left out. */
import { isKilled } from './kill-bitmap.js';

/** The document is left out. */
export const PURGED = 0xffffffff;

export interface DocMap {
  /** By old number; shared memory, since every merging thread reads it. */
  readonly numbers: Uint32Array;
  /** Documents that stay. */
  readonly docs: number;
}

/** `kills` = a kill bitmap over `docs` documents. */
export function docMapOf(kills: Uint8Array, docs: number): DocMap {
  const numbers = new Uint32Array(new SharedArrayBuffer(docs * 4));
  let kept = 0;
  for (let docId = 0; docId < docs; docId++) numbers[docId] = isKilled(kills, docId) ? PURGED : kept++;
  return { numbers, docs: kept };
}
