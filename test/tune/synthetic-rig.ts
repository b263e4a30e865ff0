/** A rig whose candidates have known true costs, under noise, outliers and drift; time passes as the builds say. Seeded. */
import { type Candidate, candidateKey } from '#src/tune/candidate.js';
import type { Measurement, Rig } from '#src/tune/measurement.js';

/** True figures of a candidate on a partition, over those of a plain build. */
export interface TrueCost {
  readonly latency?: number;
  readonly size?: number;
  readonly cpu?: number;
}

export interface SyntheticOptions {
  readonly seed: number;
  readonly costOf: (candidate: Candidate, partition: number) => TrueCost;
  /** Of one build, ms. */
  readonly buildMs?: number;
  /** Standard deviation of the logarithm of a build's time. */
  readonly noise?: number;
}

const WARM_UP_BUILDS = 2;

/** Marsaglia's xorshift over 32 bits: numbers in [0, 1). */
function random(seed: number): () => number {
  let state = (seed * 2_654_435_761) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

export class SyntheticRig implements Rig {
  readonly open = new Set<string>();
  builds = 0;
  private now = 0;
  private readonly warm = new Set<string>();
  private readonly next: () => number;

  constructor(private readonly options: SyntheticOptions) {
    this.next = random(options.seed);
    for (let i = 0; i < 20; i++) this.next();
  }

  readonly elapsed = (): number => this.now;

  async measure(candidate: Candidate, partition: number): Promise<Measurement> {
    const key = candidateKey(candidate);
    this.open.add(key);
    if (!this.warm.has(`${key} ${partition}`)) {
      this.warm.add(`${key} ${partition}`);
      for (let i = 0; i < WARM_UP_BUILDS; i++) this.build(candidate, partition);
    }
    return this.build(candidate, partition);
  }

  async release(candidate: Candidate): Promise<void> {
    const key = candidateKey(candidate);
    this.open.delete(key);
    for (const name of [...this.warm]) if (name.startsWith(`${key} `)) this.warm.delete(name);
  }

  private build(candidate: Candidate, partition: number): Measurement {
    const { latency = 1, size = 1, cpu = 1 } = this.options.costOf(candidate, partition);
    const { buildMs = 500, noise = 0.04 } = this.options;
    // The machine is a third slower at times, over minutes, and one build in twenty is disturbed.
    const drift = 1 + 0.35 * Math.sin(this.now / 20_000);
    const outlier = this.next() < 0.05 ? 2.5 : 1;
    const shape = drift * outlier * Math.exp(noise * this.normal());
    const latencyMs = buildMs * latency * shape;
    this.now += latencyMs;
    this.builds++;
    return {
      latencyMs,
      cpuMs: 1.6 * buildMs * cpu * drift * Math.exp(noise * 0.5 * this.normal()),
      segmentBytes: Math.round(1_000_000 * size),
      peakBytes: 150_000_000,
      docs: 1_000,
      shards: 4,
      phases: {
        select: { wallMs: 1, cpuMs: 1 },
        read: { wallMs: 1, cpuMs: 1 },
        build: { wallMs: latencyMs / 2, cpuMs: latencyMs },
        merge: { wallMs: latencyMs / 3, cpuMs: latencyMs / 3 },
        seal: { wallMs: 1, cpuMs: 1 },
        commit: { wallMs: 1, cpuMs: 0 },
      },
    };
  }

  private normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next());
  }
}
