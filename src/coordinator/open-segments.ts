/** Opens segments of the index by their entries: pinned, so that nobody swaps the bytes while they are read. */

import { TidemarkError } from '../base/errors.js';
import { openSegment, type SegmentReader } from '../segment/reader.js';
import type { PinnedObject } from '../shard/task.js';
import { objectSource, openSource } from '../store/byte-source.js';
import type { OpenObject, Store } from '../store/store.js';

export interface OpenedSegment {
  readonly object: PinnedObject;
  readonly reader: SegmentReader;
}

/** A segment whose file is held open, where its store has files; whoever opened it closes it. */
export interface HeldSegment extends OpenedSegment {
  readonly held: OpenObject | undefined;
}

interface SegmentName {
  readonly name: string;
  readonly bytes: number;
}

/** Fails with `corrupt` where the object is gone or has another size than it was committed with. */
export async function openIndexSegment(store: Store, entry: SegmentName): Promise<OpenedSegment> {
  const object = await pinSegment(store, entry);
  return { object, reader: await openSegment(objectSource(store, object), entry.name) };
}

/** The same for a segment of which much will be read. */
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
