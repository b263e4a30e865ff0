/** Phases `read` and `build` over all selected partitions: every one a part, a bad one thrown or passed over. */

import { TidemarkError } from '../base/errors.js';
import { rememberBad } from './bad-parts.js';
import { buildPart, type PinnedPartition } from './build-part.js';
import type { RunContext } from './context.js';
import type { PartRecord } from './part-record.js';

export interface BuiltParts<P extends PinnedPartition> {
  /** In the partitions' order. */
  readonly parts: readonly { readonly partition: P; readonly record: PartRecord }[];
  /** Partitions whose data is bad, by time, with the reason. */
  readonly bad: ReadonlyMap<number, string>;
}

/** Only bad data passes over; an error of the store or of a worker fails the run. */
export async function buildParts<P extends PinnedPartition>(
  context: RunContext,
  partitions: readonly P[],
  passOver: boolean,
): Promise<BuiltParts<P>> {
  const parts: { partition: P; record: PartRecord }[] = [];
  const bad = new Map<number, string>();
  // The newest first: after an outage they are what the next attempt needs soonest, and nothing is committed before all are there.
  for (const partition of partitions.toReversed()) {
    try {
      parts.push({ partition, record: await buildPart(context, partition) });
    } catch (error) {
      if (!passOver || !(error instanceof TidemarkError) || error.code !== 'bad-data') throw error;
      bad.set(partition.time, await rememberBad(context, partition, error));
    }
  }
  return { parts: parts.reverse(), bad };
}
