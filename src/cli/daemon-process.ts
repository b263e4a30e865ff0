/** The daemon as a process: how it starts, whom it tells that it lives, how it stops and who goes on after it. */
import { describeError, TidemarkError } from '../base/errors.js';
import type { Config } from '../config/config.js';
import type { GridStart } from '../daemon/grid.js';
import { Handover, handOn, type SupervisorLink, takeOver, waitForGo } from '../daemon/handover.js';
import { Pulse } from '../daemon/pulse.js';
import { RestartPlan } from '../daemon/restart-plan.js';
import { type StopSignals, stopSignals } from '../daemon/stop-signals.js';
import type { DaemonSummary, Tally } from '../daemon/tally.js';
import { beatToWatchdog } from '../daemon/watchdog-beat.js';
import { threadKernel } from '../kernel/kernel.js';
import { readNewest } from '../manifest/newest.js';
import { createLog, type Log } from '../telemetry/log.js';
import { runWithUpkeep } from './run-daemon.js';
import { openDoors, withHints } from './serve-daemon.js';
import { openSession, type Session } from './session.js';
import { supervisorLink } from './supervisor-link.js';
import { type CommandContext, printJson } from './terminal.js';

export interface DaemonFlags {
  readonly until?: number;
  readonly standby?: true;
  readonly json?: true;
}

/** How long a run at work may take to finish once the process was asked to stop: less than service managers wait. */
const STOP_GRACE_MS = 20_000;

/** Runs until it is asked to stop, which is no error; fails with code `restart` where the process wants to be replaced. */
export async function runAsDaemon(config: Config, flags: DaemonFlags, context: CommandContext): Promise<void> {
  const { terminal, clock } = context;
  const log = createLog({ stream: terminal.errStream, isPretty: terminal.errIsTty, clock });
  const link = supervisorLink();
  const stop = stopSignals(context.signal, STOP_GRACE_MS, clock);
  link?.onGone(() => {
    log.warn({ event: 'watchdog-gone' }, 'the watchdog is gone; this daemon stops at the next tick boundary');
    stop.stop();
  });
  try {
    await runLinked(config, flags, context, { log, link, stop });
  } catch (error) {
    if (!stop.drain.aborted || (error instanceof TidemarkError && error.code !== 'cancelled')) throw error;
    log.info({ event: 'stopped' }, `stopped before the first tick: ${describeError(error)}`);
  } finally {
    stop.done();
    link?.close();
  }
}

interface Linked {
  readonly log: Log;
  readonly link: SupervisorLink | undefined;
  readonly stop: StopSignals;
}

async function runLinked(config: Config, flags: DaemonFlags, context: CommandContext, linked: Linked): Promise<void> {
  const { clock } = context;
  const { link, stop } = linked;
  const { everyMs } = config.trigger;
  const pulse = new Pulse();
  let grid: GridStart | undefined;
  const over = new AbortController();
  const readGrid = () =>
    grid && pulse.indexes.length > 0
      ? handOn({ startMs: grid.startMs, ticks: nextTicks(pulse) }, everyMs, clock)
      : undefined;
  const beats = link && beatToWatchdog(pulse, readGrid, link.tell, clock, over.signal);
  const session = await openSession(config, { ...context, signal: stop.drain });
  try {
    await warm(session);
    link?.tell({ kind: 'ready' });
    const handed = link && takeOver(await waitForGo(link, stop.drain), everyMs, clock);
    const onGrid = (begun: GridStart) => {
      grid = begun;
    };
    await runSession(session, { config, flags, context, linked, pulse, handed, onGrid });
  } finally {
    await session.close();
    over.abort();
    await beats;
  }
}

interface SessionRun {
  readonly config: Config;
  readonly flags: DaemonFlags;
  readonly context: CommandContext;
  readonly linked: Linked;
  readonly pulse: Pulse;
  /** The grid of the process before this one. */
  readonly handed: GridStart | undefined;
  readonly onGrid: (grid: GridStart) => void;
}

async function runSession(session: Session, run: SessionRun): Promise<void> {
  const { config, flags, context, pulse, handed } = run;
  const { link, stop, log } = run.linked;
  const { clock } = context;
  // The monotonic clock of a process begins with it.
  const plan = new RestartPlan(config.restart, 0);
  const readRssBytes = () => process.memoryUsage.rss();
  const handover = new Handover({ plan, link, clock, log, readRssBytes, drain: stop.leave });
  const isReplaced = () => handover.reason !== undefined && !context.signal.aborted;
  const indexes = withHints(session.indexes, config);
  const tallies = new Map<string, Tally>();
  let begun: GridStart | undefined;
  const onGrid = (grid: GridStart) => {
    begun = grid;
    run.onGrid(grid);
  };
  const onDrained = (summary: DaemonSummary) => {
    if (!isReplaced() || begun === undefined) return;
    const grid = handOn({ startMs: begun.startMs, ticks: ticksOf(summary) }, config.trigger.everyMs, clock);
    link?.tell({ kind: 'released', grid });
  };
  const doors = await openDoors({ indexes, tallies, config, drain: stop.drain }, clock, log);
  try {
    const summary = await runWithUpkeep(
      indexes,
      // A successor leads where the daemon before it led.
      {
        ...{ config, pulse, onGrid, onDrained },
        isStandby: flags.standby === true && !handed,
        isHandedOver: isReplaced,
      },
      {
        ...{ ...config.trigger, until: flags.until, clock, log },
        ...{ signal: stop.hard, drain: stop.drain, grid: handed, tallies },
        onTick: () => handover.onTick(),
      },
    );
    if (flags.json) printJson(context.terminal, summary);
  } finally {
    await doors.close();
  }
  if (isReplaced()) throw new TidemarkError('restart', `planned restart: ${handover.reason}`);
}

/** What the first tick would otherwise pay for: kernels, sockets, the way to the newest manifest. */
async function warm({ indexes, pool }: Session): Promise<void> {
  threadKernel();
  await Promise.all([pool.warm(), ...indexes.map(({ deps }) => readNewest(deps.index).catch(() => undefined))]);
}

/** After a crash: the tick at work counts as run. A daemon that never ticked has no grid to hand on. */
const nextTicks = (pulse: Pulse) => Object.fromEntries(pulse.indexes.map(({ index, tick }) => [index, tick + 1]));

const ticksOf = ({ indexes }: DaemonSummary) =>
  Object.fromEntries(Object.entries(indexes).map(([name, { nextTick }]) => [name, nextTick]));
