/** Which objects of a partition's folder are its data. */

import { compareKeys } from '../base/key-order.js';
import type { ObjectInfo } from '../store/store.js';
import type { Verdict } from './lister.js';

/** Something under the source that is not data, and why. A key ending in `/` stands for the whole folder. */
export interface IgnoredKey {
  readonly key: string;
  readonly reason: string;
}

/** One time slot under the source prefix, with the objects seen in it. */
export interface PartitionRef {
  /** Start of the slot, ms since the epoch. */
  readonly time: number;
  /** Its folder relative to the source, ending in `/`. */
  readonly prefix: string;
  /** Its data, in byte order of the keys. */
  readonly objects: readonly ObjectInfo[];
  /** Newest LastModified of its data, ms since the epoch; undefined without data. */
  readonly newestModified: number | undefined;
  /** The completion marker, where one is configured and there. */
  readonly marker: ObjectInfo | undefined;
  readonly ignored: readonly IgnoredKey[];
}

/** A partition whose objects are still being listed. */
export interface PartitionDraft {
  readonly time: number;
  readonly prefix: string;
  readonly objects: ObjectInfo[];
  readonly ignored: IgnoredKey[];
  marker: ObjectInfo | undefined;
}

export function createDraft(time: number, prefix: string): PartitionDraft {
  return { time, prefix, objects: [], ignored: [], marker: undefined };
}

/**
 * Adds an object of the partition's folder: as data, as marker, or as ignored. Ignored are names with a component that
 * starts with `_` or `.`, and empty objects; an ignored folder is told once and its rest skipped.
 */
export function addObject(draft: PartitionDraft, object: ObjectInfo, marker: string | undefined): Verdict {
  const name = object.key.slice(draft.prefix.length);
  if (marker !== undefined && name === marker) {
    draft.marker = object;
    return 'next';
  }
  let start = 0;
  while (start <= name.length) {
    const slash = name.indexOf('/', start);
    if (name[start] === '_' || name[start] === '.') {
      const key = slash < 0 ? object.key : object.key.slice(0, draft.prefix.length + slash + 1);
      if (draft.ignored.at(-1)?.key !== key)
        draft.ignored.push({ key, reason: `a name that starts with "${name[start]}"` });
      return slash < 0 ? 'next' : { skipFolder: key };
    }
    if (slash < 0) break;
    start = slash + 1;
  }
  if (object.size === 0) draft.ignored.push({ key: object.key, reason: 'an empty object' });
  else draft.objects.push(object);
  return 'next';
}

export function finishDraft(draft: PartitionDraft): PartitionRef {
  const objects = draft.objects.toSorted((a, b) => compareKeys(a.key, b.key));
  const newestModified = objects.reduce<number | undefined>(
    (newest, object) => Math.max(newest ?? object.lastModified, object.lastModified),
    undefined,
  );
  return {
    time: draft.time,
    prefix: draft.prefix,
    objects,
    newestModified,
    marker: draft.marker,
    ignored: draft.ignored,
  };
}
