/** The daemon with what goes along with it: heartbeats, upkeep between runs, and waiting for the lead as a standby. */
import { hostname } from 'node:os';
import { describeError, TidemarkError } from '../base/errors.js';
import type { Config } from '../config/config.js';
import { beat } from '../daemon/heartbeat.js';
import { type DaemonIndex, type DaemonOptions, type DaemonSummary, runDaemon } from '../daemon/loop.js';
import { Pulse } from '../daemon/pulse.js';
import { awaitLead } from '../daemon/standby.js';
import { Turn } from '../daemon/turn.js';
import { runUpkeep } from '../daemon/upkeep.js';

/** A heart beats with the ticks, but at least and at most that often: liveness is told in seconds, not in milliseconds or hours. */
const BEAT_MIN_MS = 1_000;
const BEAT_MAX_MS = 10_000;

export interface DaemonSetup {
  readonly config: Config;
  readonly isStandby: boolean;
}

/** Runs until the signal aborts, the work is done, or another daemon leads. */
export async function runWithUpkeep(
  indexes: readonly DaemonIndex[],
  { config, isStandby }: DaemonSetup,
  options: DaemonOptions,
): Promise<DaemonSummary> {
  const intervalMs = Math.min(BEAT_MAX_MS, Math.max(BEAT_MIN_MS, options.everyMs));
  const led = isStandby ? await Promise.all(indexes.map((index) => takeOver(index, intervalMs, options))) : indexes;
  const ended = new AbortController();
  const end = () => ended.abort();
  options.signal.addEventListener('abort', end, { once: true });
  const turn = new Turn();
  const pulse = new Pulse();
  let isFenced = false;
  const seen = new Map<string, { readonly epoch: number; readonly generation: number }>();
  const beside = led.flatMap((index) => [
    beatFor(index, intervalMs, pulse, seen, () => !isFenced, options, ended.signal),
    runUpkeep(index, { compact: config.compact, clock: options.clock, log: options.log, turn, signal: ended.signal }),
  ]);
  try {
    return await runDaemon(led, {
      ...options,
      turn,
      pulse,
      onRun: (name, report) => {
        seen.set(name, report);
        options.onRun?.(name, report);
      },
    });
  } catch (error) {
    isFenced = error instanceof TidemarkError && error.code === 'fenced';
    throw error;
  } finally {
    ended.abort();
    options.signal.removeEventListener('abort', end);
    await Promise.all(beside);
  }
}

async function takeOver(index: DaemonIndex, intervalMs: number, options: DaemonOptions): Promise<DaemonIndex> {
  const { clock, log, signal } = options;
  const { name, deps } = index;
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
