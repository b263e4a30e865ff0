/** Where a run's time goes, by the names of its phases. */

import type { Clock } from '../base/time.js';

export const PHASES = ['select', 'read', 'build', 'merge', 'seal', 'commit'] as const;

export type Phase = (typeof PHASES)[number];

export type PhaseTimes = Readonly<Record<Phase, number>>;

/** Adds up the time spent in each phase of one run, in ms. Phases do not nest. */
export class PhaseTimer {
  private readonly spent: Record<Phase, number> = { select: 0, read: 0, build: 0, merge: 0, seal: 0, commit: 0 };
  private readonly started: number;

  constructor(
    private readonly clock: Clock,
    private readonly onPhase?: (phase: Phase) => void,
  ) {
    this.started = clock.elapsed();
  }

  async time<T>(phase: Phase, work: () => Promise<T>): Promise<T> {
    this.onPhase?.(phase);
    const start = this.clock.elapsed();
    try {
      return await work();
    } finally {
      this.spent[phase] += this.clock.elapsed() - start;
    }
  }

  /** Whole ms since the run began. */
  get totalMs(): number {
    return Math.round(this.clock.elapsed() - this.started);
  }

  /** Whole ms each. */
  get times(): PhaseTimes {
    return Object.fromEntries(PHASES.map((phase) => [phase, Math.round(this.spent[phase])])) as PhaseTimes;
  }
}
