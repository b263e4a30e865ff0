/** Takes away what a failing history does not need: incident by incident, change by change, as long as the same check still fails. */

import { playHistory } from './history.js';
import type { Plan } from './plan.js';

/** The plan without some of its items: incidents are numbered first, then changes of the source. */
export function without(plan: Plan, dropped: ReadonlySet<number>): Plan {
  const { length } = plan.incidents;
  return {
    ...plan,
    incidents: plan.incidents.filter((_, i) => !dropped.has(i)),
    source: plan.source.filter((_, i) => !dropped.has(length + i)),
  };
}

/** Numbers of the items that can be left out. What makes the source whole again stays. */
export async function shrink(plan: Plan, check: string): Promise<ReadonlySet<number>> {
  const items = plan.incidents.length + plan.source.length;
  const isNeeded = (i: number) =>
    i >= plan.incidents.length && plan.source[i - plan.incidents.length]!.at >= plan.calmAt;
  let dropped = new Set<number>();
  for (let size = Math.max(1, items >> 2); size >= 1; size >>= 1) {
    for (let i = 0; i < items; i += size) {
      const more = Array.from({ length: Math.min(size, items - i) }, (_, j) => i + j).filter((j) => !isNeeded(j));
      if (more.every((j) => dropped.has(j))) continue;
      const tried = new Set([...dropped, ...more]);
      const { violation } = await playHistory(without(plan, tried), new Map());
      if (violation?.check === check) dropped = tried;
    }
  }
  return dropped;
}
