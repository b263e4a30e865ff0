/** Which partition is searched on, which one the choice is held against, and how they may be cut. */

import { TidemarkError } from '../base/errors.js';
import type { PinnedPartition } from '../coordinator/build-part.js';
import { resolvePlan, resolveTypes } from '../coordinator/resolve-plan.js';
import { rowGroupSizes } from '../coordinator/row-group-sizes.js';
import type { IndexSettings } from '../coordinator/settings.js';
import { openInput } from '../decode/input.js';
import { listPartitions } from '../partition/listing.js';
import { assessPartitions } from '../partition/ready.js';
import type { RowGroupSize } from '../shard/assign.js';
import { objectSource } from '../store/byte-source.js';
import type { Store } from '../store/store.js';

export interface ChosenPartitions {
  /** The newest that is ready. */
  readonly training: PinnedPartition;
  /** Another one of about its size; undefined where there is no other. */
  readonly holdOut: PinnedPartition | undefined;
}

/** The newest partitions among which one of the training partition's size is looked for. */
const LOOK_BACK = 9;

/** Fails with code `bad-data` where no partition is ready. `now` = ms since the epoch; partitions after `until` are left alone. */
export async function choosePartitions(
  source: Store,
  settings: IndexSettings['source'],
  now: number,
  until: number | undefined,
  signal: AbortSignal,
): Promise<ChosenPartitions> {
  const { ready } = settings;
  const listing = await listPartitions(source, {
    template: settings.partition,
    to: until ?? now + ready.maxFutureSkewMs,
    newest: LOOK_BACK,
    marker: ready.marker,
    signal,
  });
  const [training, ...others] = assessPartitions(listing, ready)
    .filter(({ partition, readiness }) => readiness.ready && partition.objects.length > 0)
    .map(({ partition }): PinnedPartition => partition)
    .sort((a, b) => b.time - a.time);
  if (training === undefined) {
    throw new TidemarkError('bad-data', 'there is no partition to tune on: none is ready', {
      where: { source: source.uri },
      fix: 'name a source with at least one partition, better two; tidemark inspect FILE shows what a file holds',
    });
  }
  const distance = (partition: PinnedPartition) => Math.abs(Math.log(bytesOf(partition) / bytesOf(training)));
  return { training, holdOut: others.toSorted((a, b) => distance(a) - distance(b))[0] };
}

/** Bytes of its objects as they are stored; at least one, since an object of no bytes is possible. */
export function bytesOf({ objects }: PinnedPartition): number {
  return Math.max(
    1,
    objects.reduce((sum, { size }) => sum + size, 0),
  );
}

/** Row groups of a partition with their bytes of text: footers only are read. */
export async function partitionGroups(
  source: Store,
  settings: IndexSettings,
  partition: PinnedPartition,
  signal: AbortSignal,
): Promise<readonly RowGroupSize[]> {
  const groups: RowGroupSize[] = [];
  for (const [ordinal, object] of partition.objects.entries()) {
    const file = await openInput(objectSource(source, object, signal), object);
    try {
      const inputs = [{ key: object.key, file }];
      const schema = resolveTypes(settings.schema, inputs, new Map());
      const known = new Map(schema.fields.map(({ name, type }) => [name, type === 'numeric' ? 'i64' : type] as const));
      groups.push(...rowGroupSizes(file, ordinal, resolvePlan(schema, inputs, known)));
    } finally {
      file.close();
    }
  }
  return groups;
}
