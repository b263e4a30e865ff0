/**
 * Is a partition complete? A rule over one listing, with no state kept from the one before.
 *
 * A marker only accelerates: the rule is the same where there is none, and one that is older than the newest object
 * says nothing. "Older" is told by the store's clock alone: LastModified against the listing's own date.
 */
import { TidemarkError } from '../base/errors.js';
import { toIso } from '../base/time.js';
import type { PartitionRef } from './folder.js';

export interface ReadyRule {
  /** How long its newest object must have been unchanged. */
  readonly settleMs: number;
  /** How many objects it must hold at least. */
  readonly minObjects: number;
  /** How far its time may be ahead of the listing's date. */
  readonly maxFutureSkewMs: number;
  /** Name of the completion marker; undefined = none is looked for. */
  readonly marker?: string | undefined;
}

/** What the rule is applied to besides the partition itself. */
export interface ReadyEvidence {
  /** The store's clock when it listed, ms since the epoch. */
  readonly listingDate: number;
  /** Whether a newer partition with data exists (one in the future is none). */
  readonly newerExists: boolean;
  /** Whether the index holds it: then no clock takes it away again. */
  readonly isCommitted?: boolean;
}

/** Why a partition counts as complete. */
export type ReadyBecause = 'settled' | 'newer-exists' | 'marker' | 'committed';

/** Why it does not yet. */
export type UnreadyReason = 'future' | 'too-few-objects' | 'settling';

export type Readiness =
  | { readonly ready: true; readonly because: ReadyBecause }
  | { readonly ready: false; readonly reason: UnreadyReason; readonly detail: string };

/** The Date of an HTTP answer has whole seconds: what is newer by more was written before the clock was set back. */
const CLOCK_GRAIN_MS = 1_000;

/** Applies the rule; fails with code `store` on an object without ETag, since such an object cannot be pinned. */
export function readiness(partition: PartitionRef, rule: ReadyRule & ReadyEvidence): Readiness {
  for (const object of partition.objects) requireEtag(object);
  const latestTime = rule.listingDate + rule.maxFutureSkewMs;
  if (partition.time > latestTime && rule.isCommitted !== true) {
    return unready('future', `its time is beyond ${toIso(latestTime)}, the store's clock plus the allowed skew`);
  }
  const count = partition.objects.length;
  if (count < rule.minObjects || partition.newestModified === undefined) {
    return unready('too-few-objects', `it holds ${count} objects of at least ${Math.max(rule.minObjects, 1)}`);
  }
  const isAhead = partition.time > latestTime || partition.newestModified > rule.listingDate + CLOCK_GRAIN_MS;
  if (rule.isCommitted === true && isAhead) return { ready: true, because: 'committed' };
  if (rule.newerExists) return { ready: true, because: 'newer-exists' };
  if (rule.marker !== undefined && partition.marker !== undefined) {
    if (partition.marker.lastModified >= partition.newestModified) return { ready: true, because: 'marker' };
  }
  const quietMs = rule.listingDate - partition.newestModified;
  // The Date of an HTTP answer has whole seconds, so an object may seem newer than the listing that shows it.
  if (rule.settleMs === 0 || quietMs >= rule.settleMs) return { ready: true, because: 'settled' };
  return unready('settling', `its newest object is ${quietMs} ms old and must be ${rule.settleMs} ms`);
}

/** A partition with the rule's answer. */
export interface AssessedPartition {
  readonly partition: PartitionRef;
  readonly readiness: Readiness;
}

/**
 * Applies the rule to every partition of one listing (newest first, as listed); newer ones are looked for among them. What is
 * committed was complete once, and stays so where a clock is set back.
 */
export function assessPartitions(
  listing: { readonly partitions: readonly PartitionRef[]; readonly date: number },
  rule: ReadyRule,
  committed: ReadonlySet<number> = new Set(),
): AssessedPartition[] {
  let newestWithData = Number.NEGATIVE_INFINITY;
  const latestTime = listing.date + rule.maxFutureSkewMs;
  for (const { time, objects } of listing.partitions) {
    if (objects.length > 0 && time <= latestTime) newestWithData = Math.max(newestWithData, time);
  }
  return listing.partitions.map((partition) => ({
    partition,
    readiness: readiness(partition, {
      ...rule,
      listingDate: listing.date,
      newerExists: newestWithData > partition.time,
      isCommitted: committed.has(partition.time),
    }),
  }));
}

const unready = (reason: UnreadyReason, detail: string): Readiness => ({ ready: false, reason, detail });

function requireEtag(object: { readonly key: string; readonly etag: string }): void {
  if (object.etag !== '') return;
  throw new TidemarkError('store', 'the store lists an object without an ETag, so it cannot be pinned', {
    where: { object: object.key },
    fix: 'use a store that sends ETags',
  });
}
