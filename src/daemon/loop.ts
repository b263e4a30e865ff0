/**
 * The daemon: every index runs on the same grid, each at its own pace, one run of an index after the other. A run that fails changes
 * nothing, is told in words, and the next tick tries again; only a lost lead or a request to stop ends an index's loop.
 */
import { describeError, TidemarkError } from '../base/errors.js';
import type { Clock } from '../base/time.js';
import type { RunReport } from '../coordinator/report.js';
import { type RunDependencies, type RunOptions, runOnce } from '../coordinator/run.js';
import { RunMemory } from '../coordinator/run-memory.js';
import type { IndexSettings } from '../coordinator/settings.js';
import type { Log } from '../telemetry/log.js';
import { CoverageLog } from './coverage-log.js';
import { Drain } from './drain.js';
import type { GridStart } from './grid.js';
import type { Hints } from './hints.js';
import { type RunEnd, runIndexLoop } from './index-loop.js';
import { Lead } from './lead.js';
import type { Pulse } from './pulse.js';
import { deadlineOptions } from './run-deadline.js';
import { withRunSignal } from './run-signal.js';
import { useSlack } from './slack.js';
import { tellHeld, tellRefused } from './stalls.js';
import { type DaemonSummary, summaryOf, Tally } from './tally.js';
import { Turn } from './turn.js';
import { WallClockWatch } from './wall-clock.js';
import { committedWords, idleWords } from './words.js';

/** One index that the daemon keeps up to date. */
export interface DaemonIndex {
  readonly name: string;
  readonly deps: RunDependencies;
  readonly settings: IndexSettings;
  /** What may start its runs early. */
  readonly hints?: Hints | undefined;
  /** An epoch that was taken for this process already, by `standby.ts`. */
  readonly epoch?: number | undefined;
}

export interface DaemonOptions {
  readonly everyMs: number;
  /** By when a run must have committed, counted from its tick. */
  readonly deadlineMs: number;
  /** What becomes of a run that would miss it; `finish` unless told. */
  readonly onMiss?: 'finish' | 'abandon' | undefined;
  /** How long journals of runs are kept, ms; none are written unless told. */
  readonly keepMs?: number | undefined;
  /** Partitions after this instant are left alone; past it, the loop ends with the first tick that finds nothing new. */
  readonly until?: number | undefined;
  /** The loop ends after this many ticks. */
  readonly maxTicks?: number | undefined;
  readonly clock: Clock;
  readonly log: Log;
  /** Stops at once, a run at work too. */
  readonly signal: AbortSignal;
  /** Stops at a tick boundary: runs at work are finished. */
  readonly drain?: AbortSignal | undefined;
  /** The grid to go on with; a new one unless told. */
  readonly grid?: GridStart | undefined;
  /** Filled with a tally an index, for whoever tells of the daemon while it runs. */
  readonly tallies?: Map<string, Tally> | undefined;
  /** Told what every index is at. */
  readonly pulse?: Pulse | undefined;
  readonly onRun?: (index: string, report: RunReport) => void;
  /** Called when the run of a tick is over, however it went. */
  readonly onTick?: (index: string, tick: number) => void;
  /** Called where an index is lost to another daemon. */
  readonly onFenced?: (index: string) => void;
  /** Upkeep stands back while a run has it. */
  readonly turn?: Turn | undefined;
  /** Commit though the gate refuses. */
  readonly forceGate?: boolean | undefined;
  readonly progress?: Pick<RunOptions, 'onPhase' | 'onProgress'>;
}

export type { DaemonSummary } from './tally.js';

/** An index whose lead and log outlive a run. */
interface Led extends DaemonIndex {
  readonly lead: Lead;
  readonly coverageLog: CoverageLog;
}

interface LedIndex extends Led {
  readonly deps: RunDependencies & { readonly memory: RunMemory };
}

/**
 * Runs until a signal aborts (which is no error) or `until` is reached. An index whose lead is lost is dropped and said so; once
 * all are, it fails with code `fenced`.
 */
export async function runDaemon(indexes: readonly DaemonIndex[], options: DaemonOptions): Promise<DaemonSummary> {
  const { clock, everyMs, log, grid } = options;
  const startMs = grid?.startMs ?? clock.elapsed();
  const drain = new Drain(options.drain, options.deadlineMs, clock);
  const wallClock = new WallClockWatch(clock, log);
  const tallies = options.tallies ?? new Map<string, Tally>();
  for (const { name } of indexes) tallies.set(name, new Tally(grid?.ticks[name] ?? 0));
  const fenced: TidemarkError[] = [];
  log.info({ event: 'started', everyMs, indexes: indexes.map(({ name }) => name) }, 'daemon started');
  const loops = indexes.map((index) => {
    const led = ledIndex(index);
    const tally = tallies.get(index.name)!;
    const firstTick = tally.values.nextTick;
    const run = (tick: number, dueMs: number) => {
      wallClock.look();
      return runTick(led, tick, dueMs, tally, options);
    };
    const { name, hints } = index;
    const { maxTicks, signal } = options;
    return runIndexLoop({
      name,
      everyMs,
      startMs,
      firstTick,
      maxTicks,
      clock,
      log,
      signal,
      drain,
      hints,
      tally,
      run,
      useSlack: (dueMs) => useSlack([led], dueMs, { clock, log, signal }),
    }).catch((error: unknown) => {
      if (!isFenced(error)) throw error;
      fenced.push(error);
      tally.bad('fenced');
      options.onFenced?.(index.name);
      if (indexes.length === 1) return;
      log.error({ event: 'fenced', index: name }, `index dropped, the others go on: ${describeError(error)}`);
    });
  });
  await Promise.all(loops);
  if (indexes.length > 0 && fenced.length === indexes.length) throw fenced[0]!;
  const summary = summaryOf(tallies);
  log.info({ event: 'stopped', ...summary }, 'daemon stopped');
  return summary;
}

const isFenced = (error: unknown): error is TidemarkError => error instanceof TidemarkError && error.code === 'fenced';

/** One trigger of one index, as `run --once` makes it; fails with the error that stopped it. */
export async function runTrigger(index: DaemonIndex, options: DaemonOptions): Promise<RunReport> {
  return trigger(
    { ...index, lead: new Lead(index.deps.index), coverageLog: new CoverageLog() },
    0,
    options.clock.elapsed(),
    options,
  );
}

/** What a daemon keeps of an index from tick to tick. */
function ledIndex(index: DaemonIndex): LedIndex {
  const deps = { ...index.deps, memory: new RunMemory() };
  return { ...index, deps, lead: new Lead(deps.index, index.epoch), coverageLog: new CoverageLog() };
}

async function runTick(
  index: LedIndex,
  tick: number,
  tickMs: number,
  tally: Tally,
  options: DaemonOptions,
): Promise<RunEnd> {
  const { log, until, clock, signal, pulse } = options;
  const { name } = index;
  pulse?.note(name, { tick });
  try {
    const report = await trigger(index, tick, tickMs, options);
    tally.good(report, clock.elapsed());
    return { result: until !== undefined && clock.now() >= until && !report.committed ? 'done' : 'ok' };
  } catch (error) {
    if (signal.aborted) return { result: 'ok' };
    if (isFenced(error)) throw error;
    const code = error instanceof TidemarkError ? error.code : 'internal';
    if (error instanceof TidemarkError && code === 'gate')
      await tellRefused({ name, store: index.deps.index }, error, options);
    else
      log.error({ event: 'failed', index: name, tick, code }, `run failed, the next tick tries again: ${tell(error)}`);
    const result = code === 'deadline' ? 'abandoned' : 'failed';
    tally.bad(result);
    return { result };
  } finally {
    pulse?.note(name, { phase: 'idle' });
    options.onTick?.(name, tick);
  }
}

/** A sentence for a failure that has one, and the whole stack for a mistake of our own. */
function tell(error: unknown): string {
  if (error instanceof TidemarkError || !(error instanceof Error)) return describeError(error);
  return error.stack ?? error.message;
}

async function trigger(index: Led, tick: number, tickMs: number, options: DaemonOptions): Promise<RunReport> {
  const { until, onRun, forceGate } = options;
  const turn = options.turn ?? new Turn();
  const progress = progressOf(index.name, options);
  const passOver = index.settings.source.onBadPartition === 'passOver';
  const epoch = await index.lead.epoch(options.signal);
  const report = await turn.run(() =>
    withRunSignal(options.signal, (signal) =>
      runOnce(index.deps, index.settings, {
        base: false,
        passOver,
        until,
        epoch,
        forceGate,
        signal,
        ...deadlineOptions(index.name, tickMs, options),
        ...progress,
      }),
    ),
  );
  index.lead.noteRun(report, epoch);
  logRun(index.name, tick, report, options);
  index.coverageLog.tell(options.log, index.name, report);
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

function logRun(index: string, tick: number, report: RunReport, { log, deadlineMs }: DaemonOptions): void {
  const { committed, generation, watermark, builtDocs, live, killed, rejected } = report;
  const { phases, totalMs, freshnessMs, outcome } = report;
  tellHeld(index, report, log);
  if (!committed) {
    log.info(
      { event: 'idle', index, tick, generation, watermark, totalMs, listCalls: report.listCalls },
      idleWords(report),
    );
    return;
  }
  const { degradeStep } = report;
  const fields = {
    event: 'committed',
    index,
    tick,
    generation,
    watermark,
    outcome,
    degradeStep,
    builtDocs,
    live,
    killed,
    rejected,
    listCalls: report.listCalls,
  };
  log.info({ ...fields, phases, totalMs, freshnessMs }, committedWords(report));
  if (outcome === 'missed') log.warn({ event: 'missed', index, totalMs, deadlineMs }, 'the run missed its deadline');
}
