/** Judges a daemon by its heartbeat: is its event loop alive, and does every run get on? */
import type { IndexPulse } from './pulse.js';

export interface VitalBounds {
  /** From its start until it says that it is ready. */
  readonly startMs: number;
  /** Without a heartbeat. */
  readonly stallMs: number;
  /** Of a phase without any progress. */
  readonly hangMs: number;
}

interface Watched {
  readonly pulse: IndexPulse;
  /** When the progress was seen to change. */
  readonly sinceMs: number;
}

export class VitalSigns {
  #lastBeatMs: number | undefined;
  #isReady = false;
  readonly #indexes = new Map<string, Watched>();

  constructor(
    private readonly bounds: VitalBounds,
    private readonly bornMs: number,
    private readonly speaks: boolean,
  ) {}

  ready(): void {
    this.#isReady = true;
  }

  beat(indexes: readonly IndexPulse[], nowMs: number): void {
    this.#lastBeatMs = nowMs;
    for (const pulse of indexes) {
      const before = this.#indexes.get(pulse.index);
      if (before?.pulse.progress === pulse.progress) continue;
      this.#indexes.set(pulse.index, { pulse, sinceMs: nowMs });
    }
  }

  /** What is wrong, in words; undefined while nothing is. */
  defect(nowMs: number): string | undefined {
    const { startMs, stallMs, hangMs } = this.bounds;
    if (!this.speaks) return undefined;
    if (!this.#isReady && nowMs - this.bornMs > startMs) {
      return `not ready ${seconds(nowMs - this.bornMs)} s after its start`;
    }
    if (this.#lastBeatMs === undefined) return undefined;
    if (nowMs - this.#lastBeatMs > stallMs) {
      return `no heartbeat for ${seconds(nowMs - this.#lastBeatMs)} s, last seen ${this.#whereabouts()}`;
    }
    for (const { pulse, sinceMs } of this.#indexes.values()) {
      if (pulse.phase === 'idle' || nowMs - sinceMs <= hangMs) continue;
      return `index ${pulse.index} stands still in phase ${pulse.phase} of tick ${pulse.tick} for ${seconds(nowMs - sinceMs)} s`;
    }
    return undefined;
  }

  #whereabouts(): string {
    const all = [...this.#indexes.values()].map(
      ({ pulse }) => `${pulse.index} in ${pulse.phase} of tick ${pulse.tick}`,
    );
    return all.length === 0 ? 'before its first tick' : all.join(', ');
  }
}

const seconds = (ms: number) => Math.round(ms / 1_000);
