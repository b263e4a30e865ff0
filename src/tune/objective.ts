/** What is to be made small, and how much worse the rest may get. */

import type { Measurement } from './measurement.js';

export const OBJECTIVES = ['latency', 'size', 'cost'] as const;

export type Objective = (typeof OBJECTIVES)[number];

/** The figure that an objective makes small; `cost` is CPU time. */
export function figureOf(objective: Objective, measurement: Measurement): number {
  switch (objective) {
    case 'latency':
      return measurement.latencyMs;
    case 'size':
      return measurement.segmentBytes;
    case 'cost':
      return measurement.cpuMs;
  }
}

/**
 * The figures that a candidate may not spoil beyond the slack for the sake of the objective. CPU time is free where it is not
 * asked about: more threads always cost some.
 */
export function guardsOf(objective: Objective): readonly Objective[] {
  const guards: readonly Objective[] = ['latency', 'size'];
  return guards.filter((guard) => guard !== objective);
}

/** Less than this is not worth a line in a configuration: `size` has no noise, so it takes less. */
export function leastGain(objective: Objective): number {
  return objective === 'size' ? 0.005 : 0.02;
}
