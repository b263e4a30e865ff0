/**
 * A planned restart from the daemon's side. With a watchdog: it says that it wants to leave, works on until a warm successor is there,
 * leaves at a tick boundary and hands its grid on. Without one it leaves at once, and whoever started it starts it again.
 */
import { type Clock, sharedUs } from '../base/time.js';
import type { Log } from '../telemetry/log.js';
import type { GridStart } from './grid.js';
import type { RestartPlan } from './restart-plan.js';
import type { FromDaemon, FromWatchdog, HandedGrid } from './supervision.js';

/** The channel to the watchdog. */
export interface SupervisorLink {
  tell(message: FromDaemon): void;
  /** Calls `hear` with every message from now on. */
  onMessage(hear: (message: FromWatchdog) => void): void;
  /** Calls `hear` once the watchdog is gone. */
  onGone(hear: () => void): void;
  close(): void;
}

export interface HandoverOptions {
  readonly plan: RestartPlan;
  readonly link: SupervisorLink | undefined;
  readonly clock: Clock;
  readonly log: Log;
  readonly readRssBytes: () => number;
  /** Makes the daemon leave at its next tick boundary. */
  readonly drain: () => void;
}

/** How long a daemon that got no successor works on before it asks again. */
const ASK_AGAIN_MS = 60_000;

export class Handover {
  #reason: string | undefined;
  #askAfterMs = 0;
  #isLeaving = false;

  constructor(private readonly options: HandoverOptions) {
    options.link?.onMessage((message) => this.#hear(message));
  }

  /** Why the daemon leaves; undefined while it stays, or where something else ended it. */
  get reason(): string | undefined {
    return this.#isLeaving ? this.#reason : undefined;
  }

  /** Called after every tick. */
  onTick(): void {
    const { plan, link, clock, log, readRssBytes } = this.options;
    if (this.#reason !== undefined) return;
    const reason = plan.due(clock.elapsed(), readRssBytes());
    if (reason === undefined || clock.elapsed() < this.#askAfterMs) return;
    this.#reason = reason;
    log.info({ event: 'draining', reason }, `planned restart: ${reason}`);
    if (link === undefined) this.#leave();
    else link.tell({ kind: 'leaving', reason });
  }

  #hear(message: FromWatchdog): void {
    const { clock, log } = this.options;
    if (message.kind === 'release') this.#leave();
    if (message.kind !== 'keep') return;
    this.#reason = undefined;
    this.#askAfterMs = clock.elapsed() + ASK_AGAIN_MS;
    log.warn({ event: 'no-successor', askAgainMs: ASK_AGAIN_MS }, 'no successor came up; this process works on');
  }

  #leave(): void {
    this.#reason ??= 'the watchdog asked for it';
    this.#isLeaving = true;
    this.options.drain();
  }
}

/** A grid of this process as another one can read it. */
export function handOn(grid: GridStart, everyMs: number, clock: Clock): HandedGrid {
  return { startUs: sharedUs() + (grid.startMs - clock.elapsed()) * 1_000, everyMs, ticks: grid.ticks };
}

/** A grid handed on, by this process's clock; another distance of ticks is another grid. */
export function takeOver(handed: HandedGrid | undefined, everyMs: number, clock: Clock): GridStart | undefined {
  if (handed === undefined || handed.everyMs !== everyMs) return undefined;
  return { startMs: clock.elapsed() + (handed.startUs - sharedUs()) / 1_000, ticks: handed.ticks };
}

/** Waits for the word to begin. */
export function waitForGo(link: SupervisorLink, signal: AbortSignal): Promise<HandedGrid | undefined> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    link.onMessage((message) => {
      if (message.kind === 'go') resolve(message.grid);
    });
  });
}
