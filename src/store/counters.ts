/** The writable side of `StoreCounters`: one record, counted up by whoever sends requests. */
import type { StoreCounters } from './store.js';

export type MutableCounters = { -readonly [name in keyof StoreCounters]: number };

/** The kinds of request that are counted. */
export type RequestKind = 'list' | 'get' | 'put' | 'head' | 'delete';

/** All zero. */
export function newCounters(): MutableCounters {
  return { list: 0, get: 0, put: 0, head: 0, delete: 0, retries: 0, readBytes: 0, writtenBytes: 0 };
}
