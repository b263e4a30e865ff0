/** Phase `seal`: which documents the new generation hides, written as bitmaps that belong to their segments' bytes. */

import { createHash } from 'node:crypto';
import type { KillSet } from '../kills/resolve.js';
import type { KillEntry, Manifest, SegmentEntry } from '../manifest/manifest.js';
import { killKey, planHash } from '../manifest/names.js';
import { countBits, encodeKillBitmap } from '../segment/kill-bitmap.js';
import { type NextSegments, resolveNext } from './carry-kills.js';
import type { RunContext } from './context.js';

/** A segment before it is known how many of its documents live. */
export type SealedEntry = Omit<SegmentEntry, 'live'>;

export interface SealedKills {
  /** By segment name; segments without killed documents are left out. */
  readonly kills: Readonly<Record<string, KillEntry>>;
  readonly set: KillSet;
}

export async function sealKills(
  context: RunContext,
  previous: Manifest | undefined,
  segments: readonly SealedEntry[],
  next: NextSegments,
): Promise<SealedKills> {
  const resolved = await resolveNext(context, previous, next);
  const before = previous === undefined ? undefined : context.memory?.killsOf(previous);
  // Side by side: each is a small durable write, and a new part kills something in most segments.
  const sealed = await Promise.all(
    segments.map(async ({ name, sha256, docs }): Promise<readonly [string, KillEntry] | undefined> => {
      const bits = resolved.kills.get(name);
      if (bits === undefined || countBits(bits) === 0) return undefined;
      const old = before?.kills.get(name);
      const entry = previous?.kills[name];
      if (old !== undefined && entry !== undefined && Buffer.compare(old, bits) === 0) return [name, entry];
      const bitmap = encodeKillBitmap(sha256, docs, bits);
      const digest = createHash('sha256').update(bitmap).digest('hex');
      const object = killKey(planHash(digest));
      await context.index.put(object, bitmap);
      return [name, { object, sha256: digest, count: countBits(bits) }];
    }),
  );
  const kills = Object.fromEntries(sealed.filter((entry) => entry !== undefined));
  return { kills, set: resolved };
}
