/** Opens segments of the index by their entries: pinned, so that nobody swaps the bytes while they are read. */

import { TidemarkError } from '../base/errors.js';
import { openSegment, type SegmentReader } from '../segment/reader.js';
import type { PinnedObject } from '../shard/task.js';
import { objectSource, openSource } from '../store/byte-source.js';
import type { OpenObject, Store } from '../store/store.js';
import type { RunMemory } from './run-memory.js';

export interface OpenedSegment {
  readonly object: PinnedObject;
  readonly reader: SegmentReader;
}

/** A segment whose file is held open, where its store has files; whoever opened it closes it. */
export interface HeldSegment extends OpenedSegment {
  readonly held: OpenObject | undefined;
}

/** Where segments lie, and what this process has open of them. */
export interface SegmentPlace {
  readonly index: Store;
  readonly memory?: RunMemory;
}

interface SegmentName {
  readonly name: string;
  readonly bytes: number;
}

/** Of each segment that stays open between runs: what resolving kills asks for again, not what a merge reads once. */
const KEPT_CACHE_BYTES = 8 * 1024 * 1024;

/**
 * Opens a segment, or gives the one that an earlier run has opened: its bytes never change under its name. Fails with `corrupt`
 * where the object is gone or has another size than it was committed with.
 */
export async function openIndexSegment({ index, memory }: SegmentPlace, entry: SegmentName): Promise<OpenedSegment> {
  const known = memory?.segments.get(entry.name);
  if (known?.object.size === entry.bytes) return known;
  const object = await pinSegment(index, entry);
  const options = memory === undefined ? {} : { cacheBytes: KEPT_CACHE_BYTES };
  const opened = { object, reader: await openSegment(objectSource(index, object), entry.name, options) };
  memory?.segments.set(entry.name, opened);
  return opened;
}

/** The same for a segment of which much will be read at once, and that is closed again. */
export async function holdIndexSegment(store: Store, entry: SegmentName): Promise<HeldSegment> {
  const object = await pinSegment(store, entry);
  const held = await store.open?.(object.key, object.etag);
  try {
    const source = held === undefined ? objectSource(store, object) : openSource(object, held);
    return { object, held, reader: await openSegment(source, entry.name) };
  } catch (error) {
    await held?.close().catch(() => undefined);
    throw error;
  }
}

async function pinSegment(store: Store, entry: SegmentName): Promise<PinnedObject> {
  const info = await store.stat(entry.name);
  if (info !== undefined && info.size === entry.bytes) return info;
  const found = info === undefined ? 'is not there' : `has ${info.size} bytes`;
  throw new TidemarkError('corrupt', `a segment of ${entry.bytes} bytes ${found}`, {
    where: { segment: entry.name },
    fix: 'restore the object, or roll back to a generation without it',
  });
}
