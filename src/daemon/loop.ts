/**
 * The daemon: one run per index and tick, one after the other. A run that fails changes nothing, is told in words, and the
 * next tick tries again; only a lost lead or a request to stop ends the loop.
 */
import { describeError, TidemarkError } from '../base/errors.js';
import type { Clock } from '../base/time.js';
import type { RunReport } from '../coordinator/report.js';
import { type RunDependencies, type RunOptions, runOnce } from '../coordinator/run.js';
import type { IndexSettings } from '../coordinator/settings.js';
import type { Log } from '../telemetry/log.js';
import { nextTick } from './grid.js';
import { Lead } from './lead.js';
import type { Pulse } from './pulse.js';
import { withRunSignal } from './run-signal.js';
import { tellHeld, tellRefused } from './stalls.js';
import { Turn } from './turn.js';

/** One index that the daemon keeps up to date. */
export interface DaemonIndex {
  readonly name: string;
  readonly deps: RunDependencies;
  readonly settings: IndexSettings;
  /** An epoch that was taken for this process already, by `standby.ts`. */
  readonly epoch?: number | undefined;
}

export interface DaemonOptions {
  readonly everyMs: number;
  /** By when a run must have committed, counted from its start. */
  readonly deadlineMs: number;
  /** Partitions after this instant are left alone; past it, the loop ends with the first tick that finds nothing new. */
  readonly until?: number | undefined;
  /** The loop ends after this many ticks. */
  readonly maxTicks?: number | undefined;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly onRun?: (index: string, report: RunReport) => void;
  /** Told what every index is at. */
  readonly pulse?: Pulse | undefined;
  /** Upkeep stands back while a run has it. */
  readonly turn?: Turn | undefined;
  /** Commit though the gate refuses. */
  readonly forceGate?: boolean | undefined;
  readonly progress?: Pick<RunOptions, 'onPhase' | 'onProgress'>;
}

/** What a loop did until it ended. */
export interface DaemonSummary {
  readonly ticks: number;
  readonly skippedTicks: number;
  readonly failedRuns: number;
}

interface LedIndex extends DaemonIndex {
  readonly lead: Lead;
}

/** Runs until the signal aborts (which is no error) or `until` is reached; fails with code `fenced` when another leads. */
export async function runDaemon(indexes: readonly DaemonIndex[], options: DaemonOptions): Promise<DaemonSummary> {
  const { clock, everyMs, log, signal } = options;
  const led = indexes.map((index) => ({ ...index, lead: new Lead(index.deps.index, index.epoch) }));
  const start = clock.elapsed();
  let summary: DaemonSummary = { ticks: 0, skippedTicks: 0, failedRuns: 0 };
  log.info({ event: 'started', everyMs, indexes: indexes.map(({ name }) => name) }, 'daemon started');
  for (let tick = 0; !signal.aborted; ) {
    const { failed, isDone } = await runTick(led, tick, options);
    summary = { ...summary, ticks: summary.ticks + 1, failedRuns: summary.failedRuns + failed };
    if (isDone || signal.aborted || summary.ticks === options.maxTicks) break;
    const next = nextTick(tick, clock.elapsed() - start, everyMs);
    if (next.skipped > 0) {
      summary = { ...summary, skippedTicks: summary.skippedTicks + next.skipped };
      log.warn({ event: 'skipped', ticks: next.skipped, total: summary.skippedTicks }, 'runs took longer than a tick');
    }
    tick = next.tick;
    const waitMs = Math.max(0, start + tick * everyMs - clock.elapsed());
    // An aborted wait ends the loop at its head.
    await clock.sleep(waitMs, signal).catch(() => undefined);
  }
  log.info({ event: 'stopped', ...summary }, 'daemon stopped');
  return summary;
}

/** One trigger of one index, as `run --once` makes it; fails with the error that stopped it. */
export async function runTrigger(index: DaemonIndex, options: DaemonOptions): Promise<RunReport> {
  return trigger({ ...index, lead: new Lead(index.deps.index) }, options);
}

async function runTick(
  indexes: readonly LedIndex[],
  tick: number,
  options: DaemonOptions,
): Promise<{ readonly failed: number; readonly isDone: boolean }> {
  const { log, until, clock, signal } = options;
  let failed = 0;
  let committed = 0;
  for (const index of indexes) {
    options.pulse?.note(index.name, { tick });
    try {
      const report = await trigger(index, options);
      if (report.committed) committed++;
    } catch (error) {
      if (signal.aborted) break;
      if (error instanceof TidemarkError && error.code === 'fenced') throw error;
      failed++;
      if (error instanceof TidemarkError && error.code === 'gate') {
        await tellRefused({ name: index.name, store: index.deps.index }, error, options);
        continue;
      }
      const code = error instanceof TidemarkError ? error.code : 'internal';
      log.error({ event: 'failed', index: index.name, code }, `run failed, the next tick tries again: ${tell(error)}`);
    } finally {
      options.pulse?.note(index.name, { phase: 'idle' });
    }
  }
  const isDone = until !== undefined && clock.now() >= until && failed === 0 && committed === 0;
  return { failed, isDone };
}

/** A sentence for a failure that has one, and the whole stack for a mistake of our own. */
function tell(error: unknown): string {
  if (error instanceof TidemarkError || !(error instanceof Error)) return describeError(error);
  return error.stack ?? error.message;
}

async function trigger(index: LedIndex, options: DaemonOptions): Promise<RunReport> {
  const { until, onRun, forceGate } = options;
  const turn = options.turn ?? new Turn();
  const progress = progressOf(index.name, options);
  const passOver = index.settings.source.onBadPartition === 'passOver';
  const epoch = await index.lead.epoch(options.signal);
  const done = await turn.run(() =>
    withRunSignal(options.signal, (signal) =>
      runOnce(index.deps, index.settings, { base: false, passOver, until, epoch, forceGate, signal, ...progress }),
    ),
  );
  index.lead.noteRun(done, epoch);
  const report: RunReport = { ...done, outcome: done.totalMs > options.deadlineMs ? 'missed' : done.outcome };
  logRun(index.name, report, options);
  onRun?.(index.name, report);
  return report;
}

/** What a run tells goes to whoever asked for it, and to the pulse. */
function progressOf(index: string, { pulse, progress }: DaemonOptions): Pick<RunOptions, 'onPhase' | 'onProgress'> {
  if (pulse === undefined) return progress ?? {};
  return {
    onPhase: (phase) => {
      pulse.note(index, { phase });
      progress?.onPhase?.(phase);
    },
    onProgress: (at) => {
      pulse.note(index, {});
      progress?.onProgress?.(at);
    },
  };
}

function logRun(index: string, report: RunReport, { log, deadlineMs }: DaemonOptions): void {
  const { committed, generation, watermark, builtDocs, live, killed, rejected } = report;
  const { phases, totalMs, freshnessMs, skipped, outcome } = report;
  tellHeld(index, report, log);
  if (!committed) {
    log.info({ event: 'idle', index, generation, watermark, totalMs }, 'nothing new');
    return;
  }
  const fields = { event: 'committed', index, generation, watermark, outcome, builtDocs, live, killed, rejected };
  log.info({ ...fields, phases, totalMs, freshnessMs }, `generation ${generation} committed`);
  for (const { time, reason, detail } of skipped) {
    if (reason === 'quarantined') log.warn({ event: 'quarantined', index, time }, `partition passed over: ${detail}`);
  }
  if (outcome === 'missed') log.warn({ event: 'missed', index, totalMs, deadlineMs }, 'the run missed its deadline');
}
