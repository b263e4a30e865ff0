/** Which partitions a segment holds, as runs over the coverage list. */
import { assert } from '../base/errors.js';
import type { PartitionRuns } from './manifest.js';

/**
 * Folds a segment's partition times into inclusive runs.
 * @param held times the segment holds, ascending
 * @param all times of the coverage list that `held` is part of, ascending
 */
export function foldRuns(held: readonly number[], all: readonly number[]): PartitionRuns {
  const runs: [number, number][] = [];
  let heldCount = 0;
  let isOpen = false;
  for (const time of all) {
    const isHeld = held[heldCount] === time;
    if (isHeld) heldCount++;
    if (isHeld && isOpen) runs.at(-1)![1] = time;
    else if (isHeld) runs.push([time, time]);
    isOpen = isHeld;
  }
  assert(heldCount === held.length, 'a segment holds partitions of the coverage list only');
  return { count: held.length, runs };
}

/** The times of the coverage list that lie inside the runs, ascending. */
export function unfoldRuns(partitions: PartitionRuns, all: readonly number[]): number[] {
  return all.filter((time) => partitions.runs.some(([first, last]) => first <= time && time <= last));
}
