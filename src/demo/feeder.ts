/** The feeder: lands real partitions in a store one after another, as the other end of a pipeline would. */
import type { Clock } from '../base/time.js';
import { listPartitions, type PartitionListing } from '../partition/listing.js';
import type { PartitionTemplate } from '../partition/template.js';
import type { ObjectInfo, Store } from '../store/store.js';

/** One partition on its way: its time (ms since the epoch) and its objects. */
export interface Arrival {
  readonly time: number;
  readonly objects: readonly ObjectInfo[];
}

/** The partitions of a store, oldest first. */
export async function arrivalsOf(data: Store, template: PartitionTemplate, clock: Clock): Promise<Arrival[]> {
  const listing: PartitionListing = await listPartitions(data, { template, to: clock.now() });
  return listing.partitions.map(({ time, objects }) => ({ time, objects })).reverse();
}

/** Copies a partition's objects under the same keys. */
export async function land(arrival: Arrival, data: Store, source: Store, signal: AbortSignal): Promise<void> {
  for (const { key } of arrival.objects) await source.put(key, await data.read(key, { signal }), signal);
}
