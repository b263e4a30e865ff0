/** Whether there is anything to do: partitions that the index does not hold, or holds in another state. */

import { TidemarkError } from '../base/errors.js';
import { toIso } from '../base/time.js';
import type { Manifest } from '../manifest/manifest.js';
import { isPartOf } from './build-part.js';
import type { RunContext } from './context.js';
import type { SelectedPartition, SelectionResult } from './select-partitions.js';

/** Selected partitions that are not committed with these very objects. */
export function changedPartitions(
  context: RunContext,
  previous: Manifest | undefined,
  { selection }: SelectionResult,
): SelectedPartition[] {
  const committed = new Map(previous?.coverage.partitions.map(({ time, part }) => [time, part]));
  return selection.partitions.filter((partition) => !isPartOf(context, partition, committed.get(partition.time)));
}

/** Times of committed partitions whose objects are not those that were committed: changed, added to, or gone. */
export function lateTimes(
  context: RunContext,
  previous: Manifest | undefined,
  { selection }: SelectionResult,
): ReadonlySet<number> {
  const late = new Set<number>();
  const now = new Map(selection.partitions.map((partition) => [partition.time, partition]));
  for (const { time, part } of previous?.coverage.partitions ?? []) {
    const partition = now.get(time);
    if (partition === undefined || !isPartOf(context, partition, part)) late.add(time);
  }
  return late;
}

/** Fails with code `gate` where the partitions leave a gap and the policy is to refuse. */
export function hasWork(
  context: RunContext,
  selected: SelectionResult,
  previous: Manifest | undefined,
  base: boolean,
): boolean {
  const { closeReason, gaps, partitions } = selected.selection;
  if (closeReason === 'refused') {
    const spelled = gaps.map(({ from, to }) => `${from === undefined ? '..' : toIso(from)} to ${toIso(to)}`);
    throw new TidemarkError('gate', 'the partitions at hand leave a gap in what the delta must cover', {
      where: { gap: spelled.join(', ') },
      fix: 'bring the missing partitions, or set source.coverage.onGap to widen or publish',
    });
  }
  if (partitions.length === 0) return false;
  return base || closeReason === 'complete' || lateTimes(context, previous, selected).size > 0;
}
