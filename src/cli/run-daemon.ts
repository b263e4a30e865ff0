/** The daemon as a process: how it starts, whom it tells that it lives, how it stops and who goes on after it. */
import { describeError, TidemarkError } from '../base/errors.js';
import type { Config } from '../config/config.js';
import type { GridStart } from '../daemon/grid.js';
import { Handover, handOn, type SupervisorLink, takeOver, waitForGo } from '../daemon/handover.js';
import { beat } from '../daemon/heartbeat.js';
import { runDaemon } from '../daemon/loop.js';
import { Pulse } from '../daemon/pulse.js';
import { RestartPlan } from '../daemon/restart-plan.js';
import { type StopSignals, stopSignals } from '../daemon/stop-signals.js';
import type { DaemonSummary, Tally } from '../daemon/tally.js';
import { threadKernel } from '../kernel/kernel.js';
import { readNewest } from '../manifest/newest.js';
import { createLog, type Log } from '../telemetry/log.js';
import { type Doors, openDoors, withHints } from './serve-daemon.js';
import { openSession, type Session } from './session.js';
import { supervisorLink } from './supervisor-link.js';
import { type CommandContext, printJson } from './terminal.js';

export interface DaemonFlags {
  readonly until?: number;
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
  const { clock, terminal } = context;
  const { link, stop, log } = linked;
  const pulse = new Pulse();
  let grid: GridStart | undefined;
  let doors: Doors | undefined;
  const over = new AbortController();
  const readGrid = () =>
    grid && handOn({ startMs: grid.startMs, ticks: nextTicks(pulse) }, config.trigger.everyMs, clock);
  const beats = link && beat(pulse, readGrid, link.tell, clock, over.signal);
  const session = await openSession(config, { ...context, signal: stop.drain });
  try {
    await warm(session);
    link?.tell({ kind: 'ready' });
    const handed = link && takeOver(await waitForGo(link, stop.drain), config.trigger.everyMs, clock);
    grid = handed ?? { startMs: clock.elapsed(), ticks: {} };
    // The monotonic clock of a process begins with it.
    const plan = new RestartPlan(config.restart, 0);
    const readRssBytes = () => process.memoryUsage.rss();
    const handover = new Handover({ plan, link, clock, log, readRssBytes, drain: stop.leave });
    const indexes = withHints(session.indexes, config);
    const tallies = new Map<string, Tally>();
    doors = await openDoors({ indexes, tallies, config, drain: stop.drain }, clock, log);
    const summary = await runDaemon(indexes, {
      ...config.trigger,
      until: flags.until,
      clock,
      log,
      signal: stop.hard,
      drain: stop.drain,
      grid,
      tallies,
      pulse,
      onTick: () => handover.onTick(),
    });
    const { reason } = handover;
    const isReplaced = reason !== undefined && !context.signal.aborted;
    if (isReplaced)
      link?.tell({
        kind: 'released',
        grid: handOn({ ...grid, ticks: ticksOf(summary) }, config.trigger.everyMs, clock),
      });
    if (flags.json) printJson(terminal, summary);
    if (isReplaced) throw new TidemarkError('restart', `planned restart: ${reason}`);
  } finally {
    await doors?.close();
    await session.close();
    over.abort();
    await beats;
  }
}

/** What the first tick would otherwise pay for: kernels, sockets, the way to the newest manifest. */
async function warm({ indexes, pool }: Session): Promise<void> {
  threadKernel();
  await Promise.all([pool.warm(), ...indexes.map(({ deps }) => readNewest(deps.index).catch(() => undefined))]);
}

/** After a crash: the tick at work counts as run. */
const nextTicks = (pulse: Pulse) => Object.fromEntries(pulse.indexes.map(({ index, tick }) => [index, tick + 1]));

const ticksOf = ({ indexes }: DaemonSummary) =>
  Object.fromEntries(Object.entries(indexes).map(([name, { nextTick }]) => [name, nextTick]));
