/**
 * Which segments the next delta is made of.
 *
 * `window`: one segment of all parts. `tiered`: segments of the generation before stay as long as what they hold is the same; a new
 * part is a segment of its own; what changed inside a segment has that segment made anew. So a trigger costs what is
 * new, and small segments are merged later (`tier-policy.ts`).
 */
import type { Manifest, SegmentEntry } from '../manifest/manifest.js';
import { unfoldRuns } from '../manifest/runs.js';
import { TIER_FANOUT } from './tier-policy.js';

/** A partition by the name of its part. */
export interface NamedPart {
  readonly time: number;
  readonly part: string;
}

/** One segment to be: a kept one, or what it is to be merged from. */
export interface DeltaPiece {
  /** Ascending; pieces do not overlap. */
  readonly times: readonly number[];
  readonly kept: SegmentEntry | undefined;
}

/** A delta segment of a manifest with the times it holds. */
export interface HeldSegment {
  readonly entry: SegmentEntry;
  readonly times: readonly number[];
}

/** Delta segments of a manifest in time order. */
export function heldSegments(manifest: Manifest | undefined): HeldSegment[] {
  const all = (manifest?.coverage.partitions ?? []).map(({ time }) => time);
  return (manifest?.delta.segments ?? [])
    .map((entry) => ({ entry, times: unfoldRuns(entry.partitions, all) }))
    .filter(({ times }) => times.length > 0)
    .toSorted((a, b) => a.times[0]! - b.times[0]!);
}

/** `next` = what the delta is to hold, ascending. */
export function planDelta(
  layout: 'window' | 'tiered',
  previous: Manifest | undefined,
  next: readonly NamedPart[],
): DeltaPiece[] {
  if (next.length === 0) return [];
  const held = layout === 'tiered' ? heldSegments(previous) : [];
  if (held.length === 0) return [{ times: next.map(({ time }) => time), kept: undefined }];
  const before = new Map((previous?.coverage.partitions ?? []).map(({ time, part }) => [time, part]));
  const pieces: DeltaPiece[] = [];
  let at = 0;
  let fresh: number[] = [];
  const flush = () => {
    // After an outage there may be many: as segments of their own they would only be merged one tick later.
    if (fresh.length >= TIER_FANOUT) pieces.push({ times: fresh, kept: undefined });
    else for (const time of fresh) pieces.push({ times: [time], kept: undefined });
    fresh = [];
  };
  for (const { entry, times } of held) {
    while (at < next.length && next[at]!.time < times[0]!) fresh.push(next[at++]!.time);
    const inside: NamedPart[] = [];
    while (at < next.length && next[at]!.time <= times.at(-1)!) inside.push(next[at++]!);
    if (inside.length === 0) continue;
    flush();
    const isSame =
      inside.length === times.length &&
      inside.every(({ time, part }, i) => time === times[i] && part === before.get(time));
    pieces.push({ times: inside.map(({ time }) => time), kept: isSame ? entry : undefined });
  }
  for (; at < next.length; at++) fresh.push(next[at]!.time);
  flush();
  return pieces;
}
