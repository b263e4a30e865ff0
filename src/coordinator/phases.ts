/** Where a run's time goes, by the names of its phases. */

import { channel } from 'node:diagnostics_channel';
import { type Clock, sharedUs } from '../base/time.js';

/** Tells of every finished stretch of a phase as a `PhaseSpan`; costs nothing while nobody listens. */
export const phaseSpans = channel('tidemark.phase');

export const PHASES = ['select', 'read', 'build', 'merge', 'seal', 'commit'] as const;

export type Phase = (typeof PHASES)[number];

export type PhaseTimes = Readonly<Record<Phase, number>>;

/** One stretch of a phase, µs on the clock that all threads share. */
export interface PhaseSpan {
  readonly phase: Phase;
  readonly startUs: number;
  readonly endUs: number;
}

/** Adds up the time spent in each phase of one run, in ms. Phases do not nest. */
export class PhaseTimer {
  private readonly spent: Record<Phase, number> = { select: 0, read: 0, build: 0, merge: 0, seal: 0, commit: 0 };
  private readonly started: number;
  private running: { readonly phase: Phase; readonly since: number } | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly onPhase?: (phase: Phase) => void,
  ) {
    this.started = clock.elapsed();
  }

  async time<T>(phase: Phase, work: () => Promise<T>): Promise<T> {
    this.onPhase?.(phase);
    this.running = { phase, since: this.clock.elapsed() };
    const startUs = phaseSpans.hasSubscribers ? sharedUs() : 0;
    try {
      return await work();
    } finally {
      this.spent[phase] += this.clock.elapsed() - this.running.since;
      this.running = undefined;
      if (phaseSpans.hasSubscribers) phaseSpans.publish({ phase, startUs, endUs: sharedUs() } satisfies PhaseSpan);
    }
  }

  /** Whole ms since the run began. */
  get totalMs(): number {
    return Math.round(this.clock.elapsed() - this.started);
  }

  /** Whole ms each, the phase at work included as far as it has come. */
  get times(): PhaseTimes {
    const current = (phase: Phase) => (this.running?.phase === phase ? this.clock.elapsed() - this.running.since : 0);
    const entries = PHASES.map((phase) => [phase, Math.round(this.spent[phase] + current(phase))]);
    return Object.fromEntries(entries) as PhaseTimes;
  }
}
