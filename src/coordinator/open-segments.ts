/** Opens segments of the index by their entries: pinned, so that nobody swaps the bytes while they are read. */

import { TidemarkError } from '../base/errors.js';
import { openSegment, type SegmentReader } from '../segment/reader.js';
import type { PinnedObject } from '../shard/task.js';
import { objectSource } from '../store/byte-source.js';
import type { Store } from '../store/store.js';

export interface OpenedSegment {
  readonly object: PinnedObject;
  readonly reader: SegmentReader;
}

/** Fails with `corrupt` where the object is gone or has another size than it was committed with. */
export async function openIndexSegment(
  store: Store,
  entry: { readonly name: string; readonly bytes: number },
): Promise<OpenedSegment> {
  const info = await store.stat(entry.name);
  if (info === undefined || info.size !== entry.bytes) {
    const found = info === undefined ? 'is not there' : `has ${info.size} bytes`;
    throw new TidemarkError('corrupt', `a segment of ${entry.bytes} bytes ${found}`, {
      where: { segment: entry.name },
      fix: 'restore the object, or roll back to a generation without it',
    });
  }
  return { object: info, reader: await openSegment(objectSource(store, info), entry.name) };
}
