/** One build of one partition by one candidate into a scratch index, measured from inside the process that does it. */

import type { Clock } from '../base/time.js';
import type { RunProgress } from '../coordinator/context.js';
import { PHASES, type Phase } from '../coordinator/phases.js';
import { runOnce } from '../coordinator/run.js';
import type { IndexSettings } from '../coordinator/settings.js';
import type { Pool } from '../shard/pool.js';
import type { Store, StoreConfig } from '../store/store.js';
import type { Candidate } from './candidate.js';
import type { Measurement, PhaseUse } from './measurement.js';

/** What the process has used so far; only the door may ask it. */
export interface Meter {
  /** CPU time of all threads, ms. */
  cpuMs(): number;
  /** Most memory it ever held. */
  peakBytes(): number;
}

export interface BuildBench {
  readonly source: Store;
  /** An empty one. */
  readonly index: Store;
  readonly indexConfig: StoreConfig;
  readonly pool: Pool;
  readonly clock: Clock;
  readonly meter: Meter;
  readonly signal: AbortSignal;
}

/** Settings under which a run builds just the partition of that time into the scratch index, and refuses nothing that is odd about it alone. */
export function scratchSettings(
  settings: IndexSettings,
  candidate: Candidate,
  partition: number,
  index: StoreConfig,
): IndexSettings {
  return {
    ...settings,
    source: {
      ...settings.source,
      start: partition,
      coverage: { mode: 'disjoint', onGap: 'widen' },
      ready: { ...settings.source.ready, settleMs: 0, minObjects: 1 },
    },
    index,
    gate: { minDocRatio: 0, maxKillRatio: 1 },
    shardBytes: candidate.shardBytes === 'auto' ? undefined : candidate.shardBytes,
    stored: candidate.stored,
  };
}

/** Runs it; fails as the run does. */
export async function buildOnce(
  bench: BuildBench,
  settings: IndexSettings,
  candidate: Candidate,
  partition: number,
): Promise<Measurement> {
  const { clock, meter, signal } = bench;
  const use = new PhaseMeter(clock, meter);
  let shards = 0;
  const started = { wallMs: clock.elapsed(), cpuMs: meter.cpuMs() };
  const report = await runOnce(bench, scratchSettings(settings, candidate, partition, bench.indexConfig), {
    base: false,
    passOver: false,
    until: partition,
    signal,
    onPhase: (phase) => use.begin(phase),
    onProgress: (progress: RunProgress) => {
      shards = progress.shards;
    },
  });
  const phases = use.end();
  return {
    latencyMs: clock.elapsed() - started.wallMs,
    cpuMs: meter.cpuMs() - started.cpuMs,
    segmentBytes: report.segments.reduce((sum, { bytes }) => sum + bytes, 0),
    peakBytes: meter.peakBytes(),
    docs: report.docs,
    shards,
    phases,
  };
}

/** Time and CPU time from the start of each phase to the start of the next one. */
class PhaseMeter {
  private readonly used = new Map<Phase, PhaseUse>();
  private current: { readonly phase: Phase; readonly wallMs: number; readonly cpuMs: number } | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly meter: Meter,
  ) {}

  begin(phase: Phase): void {
    this.close();
    this.current = { phase, wallMs: this.clock.elapsed(), cpuMs: this.meter.cpuMs() };
  }

  end(): Measurement['phases'] {
    this.close();
    const entries = PHASES.map((phase) => [phase, this.used.get(phase) ?? { wallMs: 0, cpuMs: 0 }]);
    return Object.fromEntries(entries) as Measurement['phases'];
  }

  private close(): void {
    if (this.current === undefined) return;
    const { phase, wallMs, cpuMs } = this.current;
    const before = this.used.get(phase) ?? { wallMs: 0, cpuMs: 0 };
    this.used.set(phase, {
      wallMs: before.wallMs + this.clock.elapsed() - wallMs,
      cpuMs: before.cpuMs + this.meter.cpuMs() - cpuMs,
    });
    this.current = undefined;
  }
}
