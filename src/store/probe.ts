/** Finds out at start-up whether a store keeps the promise that every commit rests on. */
import { randomUUID } from 'node:crypto';
import type { Store } from './store.js';

/** Where probe objects are made; each lives for three requests. */
const PROBE_PREFIX = 'probes/';

/**
 * Creates the same random key twice. A store that says `created` twice ignores conditions: two writers would both win every
 * commit there. Three or four requests; leaves nothing behind.
 */
export async function probeConditionalWrites(store: Store, signal?: AbortSignal): Promise<'honoured' | 'ignored'> {
  const key = `${PROBE_PREFIX}${randomUUID()}`;
  const bytes = new TextEncoder().encode('created twice to see whether conditional writes hold; safe to delete\n');
  try {
    // The first answer says nothing: after a lost answer it may be `exists` for our own object.
    await store.putIfAbsent(key, bytes, signal);
    return (await store.putIfAbsent(key, bytes, signal)) === 'exists' ? 'honoured' : 'ignored';
  } finally {
    await store.delete(key, signal);
  }
}
