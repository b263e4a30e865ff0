/** What the daemon is at, for whoever watches it from outside: every index with its tick, its phase and a count that rises with its work. */
import type { Phase } from '../coordinator/phases.js';

export interface IndexPulse {
  readonly index: string;
  readonly tick: number;
  readonly phase: Phase | 'idle';
  /** Rises with every phase begun and every shard done: while it stands still outside `idle`, the run stands still. */
  readonly progress: number;
}

export class Pulse {
  readonly #indexes = new Map<string, IndexPulse>();
  #onPhase: () => void = () => undefined;

  /** Calls `hear` whenever an index enters a phase. */
  onPhase(hear: () => void): void {
    this.#onPhase = hear;
  }

  /** Notes that an index got on. */
  note(index: string, at: Partial<Pick<IndexPulse, 'tick' | 'phase'>>): void {
    const before = this.#indexes.get(index) ?? { index, tick: 0, phase: 'idle', progress: 0 };
    this.#indexes.set(index, { ...before, ...at, progress: before.progress + 1 });
    if (at.phase !== undefined) this.#onPhase();
  }

  get indexes(): readonly IndexPulse[] {
    return [...this.#indexes.values()];
  }
}
