/** Opens segments of the index by their entries: pinned, so that nobody swaps the bytes while they are read. */

import { TidemarkError } from '../base/errors.js';
import { openSegment, type SegmentReader } from '../segment/reader.js';
import type { PinnedObject } from '../shard/task.js';
import { objectSource } from '../store/byte-source.js';
import type { Store } from '../store/store.js';
import type { RunMemory } from './run-memory.js';

export interface OpenedSegment {
  readonly object: PinnedObject;
  readonly reader: SegmentReader;
}

/** Where segments lie, and what this process has open of them. */
export interface SegmentPlace {
  readonly index: Store;
  readonly memory?: RunMemory;
}

/**
 * Opens a segment, or gives the one that an earlier run has opened: its bytes never change under its name. Fails with `corrupt`
 * where the object is gone or has another size than it was committed with.
 */
export async function openIndexSegment(
  { index, memory }: SegmentPlace,
  entry: { readonly name: string; readonly bytes: number },
): Promise<OpenedSegment> {
  const known = memory?.segments.get(entry.name);
  if (known?.object.size === entry.bytes) return known;
  const opened = await openEntry(index, entry, memory === undefined ? undefined : KEPT_CACHE_BYTES);
  memory?.segments.set(entry.name, opened);
  return opened;
}

/** Of each segment that stays open between runs: what resolving kills asks for again, not what a merge reads once. */
const KEPT_CACHE_BYTES = 8 * 1024 * 1024;

async function openEntry(
  store: Store,
  entry: { readonly name: string; readonly bytes: number },
  cacheBytes: number | undefined,
): Promise<OpenedSegment> {
  const info = await store.stat(entry.name);
  if (info === undefined || info.size !== entry.bytes) {
    const found = info === undefined ? 'is not there' : `has ${info.size} bytes`;
    throw new TidemarkError('corrupt', `a segment of ${entry.bytes} bytes ${found}`, {
      where: { segment: entry.name },
      fix: 'restore the object, or roll back to a generation without it',
    });
  }
  return {
    object: info,
    reader: await openSegment(objectSource(store, info), entry.name, cacheBytes === undefined ? {} : { cacheBytes }),
  };
}
