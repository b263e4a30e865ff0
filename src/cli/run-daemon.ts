/** The daemon with what goes along with it: heartbeats, upkeep between runs, and waiting for the lead as a standby. */
import { hostname } from 'node:os';
import { describeError } from '../base/errors.js';
import type { Config } from '../config/config.js';
import type { GridStart } from '../daemon/grid.js';
import { beat } from '../daemon/heartbeat.js';
import { type DaemonIndex, type DaemonOptions, type DaemonSummary, runDaemon } from '../daemon/loop.js';
import type { Pulse } from '../daemon/pulse.js';
import { awaitLead } from '../daemon/standby.js';
import { Turn } from '../daemon/turn.js';
import { runUpkeep } from '../daemon/upkeep.js';

/** A heart beats with the ticks, but at least and at most that often: liveness is told in seconds, not in milliseconds or hours. */
const BEAT_MIN_MS = 1_000;
const BEAT_MAX_MS = 10_000;

export interface DaemonSetup {
  readonly config: Config;
  readonly isStandby: boolean;
  readonly pulse: Pulse;
  /** Called when the first tick is due: a standby may have waited for days. */
  readonly onGrid: (grid: GridStart) => void;
  /** Called when no further run begins: before all that goes on beside the runs has come to an end. */
  readonly onDrained: (summary: DaemonSummary) => void;
  /** Whether somebody takes over without being told by the heartbeat: a successor on this machine. */
  readonly isHandedOver: () => boolean;
}

/** Runs until a signal aborts, the work is done, or another daemon leads. */
export async function runWithUpkeep(
  indexes: readonly DaemonIndex[],
  setup: DaemonSetup,
  options: DaemonOptions,
): Promise<DaemonSummary> {
  const intervalMs = Math.min(BEAT_MAX_MS, Math.max(BEAT_MIN_MS, options.everyMs));
  const { config, pulse } = setup;
  const led = setup.isStandby ? await Promise.all(indexes.map((one) => takeOver(one, intervalMs, options))) : indexes;
  const grid = options.grid ?? { startMs: options.clock.elapsed(), ticks: {} };
  setup.onGrid(grid);
  const turn = new Turn();
  const lives = new Map(led.map(({ name }) => [name, new AbortController()]));
  const fenced = new Set<string>();
  const drain = options.drain ?? new AbortController().signal;
  const seen = new Map<string, { readonly epoch: number; readonly generation: number }>();
  const beside = led.flatMap((index) => [
    beatFor(
      ...([index, intervalMs, pulse, seen] as const),
      () => !fenced.has(index.name) && !setup.isHandedOver(),
      ...([options, lives.get(index.name)!.signal] as const),
    ),
    runUpkeep(index, {
      ...{ compact: config.compact, clock: options.clock, log: options.log, turn },
      // A compaction at work is given up: the next process finds what it has written.
      signal: AbortSignal.any([lives.get(index.name)!.signal, drain]),
    }),
  ]);
  try {
    const summary = await runDaemon(led, {
      ...options,
      grid,
      turn,
      pulse,
      onFenced: (name) => {
        // The heartbeat is another one's by now.
        fenced.add(name);
        lives.get(name)!.abort();
      },
      onRun: (name, report) => {
        seen.set(name, report);
        options.onRun?.(name, report);
      },
    });
    setup.onDrained(summary);
    return summary;
  } finally {
    for (const life of lives.values()) life.abort();
    await Promise.all(beside);
  }
}

async function takeOver(index: DaemonIndex, intervalMs: number, options: DaemonOptions): Promise<DaemonIndex> {
  const { clock, log } = options;
  const { name, deps } = index;
  // Who waits for the lead has no run that could be finished.
  const signal = options.drain ?? options.signal;
  return { ...index, epoch: await awaitLead({ name, index: deps.index, intervalMs, clock, log, signal }) };
}

function beatFor(
  { name, deps, epoch }: DaemonIndex,
  intervalMs: number,
  pulse: Pulse,
  seen: ReadonlyMap<string, { readonly epoch: number; readonly generation: number }>,
  mayRelease: () => boolean,
  { clock, log }: DaemonOptions,
  signal: AbortSignal,
): Promise<void> {
  const vitals = () => {
    const { tick, phase, progress } = pulse.indexes.find(({ index }) => index === name) ?? {
      tick: 0,
      phase: 'idle',
      progress: 0,
    };
    const at = seen.get(name) ?? { epoch: epoch ?? 0, generation: 0 };
    return { epoch: at.epoch, generation: at.generation, tick, phase, progress, state: 'running' as const };
  };
  const onFailure = (error: unknown) =>
    log.warn({ event: 'heartbeat', index: name }, `the heartbeat could not be written: ${describeError(error)}`);
  return beat(
    { index: deps.index, intervalMs, host: hostname(), pid: process.pid, clock, vitals, mayRelease, onFailure },
    signal,
  );
}
