/**
 * The watchdog: starts the daemon, kills one that hangs, starts it again, and brings up its successor before a planned restart. It knows
 * nothing of indexes: heartbeats and exit codes are all it goes by.
 */
import type { Clock } from '../base/time.js';
import type { Log } from '../telemetry/log.js';
import { Backoff } from './backoff.js';
import { Child, type ChildCommand, type ChildEnd } from './child.js';
import {
  EXIT_CONFIG,
  EXIT_FENCED,
  EXIT_RESTART,
  EXIT_STOPPED,
  type FromDaemon,
  type HandedGrid,
} from './supervision.js';
import { type VitalBounds, VitalSigns } from './vital-signs.js';

/** A daemon got ready, is alive, is being stopped. */
export type DaemonHealth = 'ready' | 'alive' | 'stopping';

export interface WatchdogOptions {
  readonly command: ChildCommand;
  readonly bounds: VitalBounds;
  /** How long a daemon that was told to leave may take. */
  readonly graceMs: number;
  readonly clock: Clock;
  readonly log: Log;
  /** A request to stop. */
  readonly signal: AbortSignal;
  /** Told of the daemon's health, for a supervisor further up: a daemon is ready, is alive. */
  readonly onHealth?: ((health: DaemonHealth) => void) | undefined;
}

/** How often heartbeats are looked at. */
const LOOK_MS = 100;

interface Watched {
  readonly child: Child;
  readonly bornMs: number;
  readonly vital: VitalSigns;
  isReady: boolean;
  /** Whether it has had the word to begin. */
  isGoing: boolean;
  /** The grid it was last known to be on. */
  grid: HandedGrid | undefined;
  /** It begins no further run. */
  isReleased: boolean;
}

/** Watches until it is asked to stop, or the daemon ends in a way that a new start would not mend. Gives the exit code. */
export function watch(options: WatchdogOptions): Promise<number> {
  return new Watchdog(options).run();
}

class Watchdog {
  readonly #backoff = new Backoff();
  #current: Watched;
  /** Warming up, or waiting for the word to begin. */
  #successor: Watched | undefined;
  /** Those that were replaced and have yet to end. */
  readonly #leaving = new Set<Child>();

  constructor(private readonly options: WatchdogOptions) {
    this.#current = this.#start();
  }

  async run(): Promise<number> {
    const { signal, log } = this.options;
    for (;;) {
      if (signal.aborted) return this.#stop();
      this.#judge(this.#current);
      if (this.#successor !== undefined) this.#attendSuccessor(this.#successor);
      const { child } = this.#current;
      // Of a program that says nothing, being there is all that can be told.
      if (!this.options.command.speaks && child.end === undefined) this.options.onHealth?.('alive');
      if (child.end !== undefined) {
        const code = await this.#replace(child.end);
        if (code !== undefined) {
          log.info({ event: 'watchdog-stopped', code }, `watchdog stopped: ${MEANINGS[code] ?? 'the daemon ended'}`);
          return code;
        }
      }
      await this.#pause(LOOK_MS);
    }
  }

  #start(): Watched {
    const { command, bounds, clock, log } = this.options;
    const bornMs = clock.elapsed();
    const child = new Child(command, (message) => this.#hear(watched, message));
    const vital = new VitalSigns(bounds, bornMs, command.speaks);
    const watched: Watched = {
      child,
      bornMs,
      vital,
      isReady: false,
      isGoing: false,
      isReleased: false,
      grid: undefined,
    };
    log.info({ event: 'launched', pid: child.pid }, 'daemon launched');
    return watched;
  }

  #hear(watched: Watched, message: FromDaemon): void {
    const { clock, log, onHealth } = this.options;
    const { child, vital } = watched;
    if (message.kind === 'beat') {
      vital.beat(message.indexes, clock.elapsed());
      watched.grid = message.grid ?? watched.grid;
      if (watched === this.#current && watched.isReady) onHealth?.('alive');
    } else if (message.kind === 'ready') {
      vital.ready();
      watched.isReady = true;
      if (watched === this.#current) this.#go(watched);
      // The other daemon leaves at its next tick boundary and says so; if it died meanwhile, the loop promotes at once.
      else if (watched === this.#successor) this.#current.child.tell({ kind: 'release' });
    } else if (message.kind === 'leaving') {
      log.info({ event: 'leaving', pid: child.pid, reason: message.reason }, 'daemon wants to be replaced');
      if (watched === this.#current) this.#successor ??= this.#start();
    } else {
      watched.grid = message.grid;
      watched.isReleased = true;
      // Every tick counts: the successor hears of it now, and not at the next look.
      if (watched === this.#current && this.#successor?.isReady) this.#promote(this.#successor);
    }
  }

  /** The word to begin, on the grid of whoever went before. */
  #go(watched: Watched): void {
    if (watched.isGoing) return;
    watched.isGoing = true;
    watched.child.tell({ kind: 'go', grid: watched.grid });
    this.options.onHealth?.('ready');
  }

  /** The successor takes over; the other one has said its last word, or is dead. */
  #promote(successor: Watched): void {
    const old = this.#current.child;
    successor.grid = this.#current.grid;
    this.#go(successor);
    this.options.log.info({ event: 'handed-over', from: old.pid, to: successor.child.pid }, 'successor took over');
    this.#current = successor;
    this.#successor = undefined;
    if (old.end === undefined) void this.#seeOff(old);
  }

  async #seeOff(child: Child): Promise<void> {
    this.#leaving.add(child);
    await Promise.race([child.ended, this.#pause(this.options.graceMs)]);
    child.kill('SIGKILL');
    await child.ended;
    this.#leaving.delete(child);
  }

  #judge({ child, vital }: Watched): void {
    const { clock, log } = this.options;
    const defect = child.end === undefined ? vital.defect(clock.elapsed()) : undefined;
    if (defect === undefined) return;
    log.error({ event: 'hung', pid: child.pid, reason: defect }, `daemon killed: ${defect}`);
    // A process that hangs does not hear a polite signal; the index is safe at every moment.
    child.kill('SIGKILL');
  }

  #attendSuccessor(successor: Watched): void {
    this.#judge(successor);
    if (successor.child.end === undefined) return;
    this.options.log.error({ event: 'no-successor', ...successor.child.end }, 'successor ended before it took over');
    this.#successor = undefined;
    // One that was released already ends by itself and is replaced like any other.
    if (!this.#current.isReleased) this.#current.child.tell({ kind: 'keep' });
  }

  /** The daemon ended. Gives an exit code where the watchdog's work is done. */
  async #replace(end: ChildEnd): Promise<number | undefined> {
    const { log, clock } = this.options;
    const { code } = end;
    if (code === EXIT_STOPPED || code === EXIT_CONFIG || code === EXIT_FENCED) {
      await this.#end(this.#successor?.child);
      return code;
    }
    const livedMs = clock.elapsed() - this.#current.bornMs;
    if (this.#successor !== undefined) {
      // It is on its way already: as soon as it is warm it takes over.
      if (this.#successor.isReady) this.#promote(this.#successor);
      return undefined;
    }
    if (code === EXIT_RESTART) {
      log.info({ event: 'ended', ...end }, 'daemon left for a planned restart');
    } else {
      const waitMs = this.#backoff.next(livedMs);
      const { crashes } = this.#backoff;
      log.error({ event: 'ended', ...end, livedMs: Math.round(livedMs), crashes, waitMs }, 'daemon ended unexpectedly');
      await this.#pause(waitMs);
      if (this.options.signal.aborted) return undefined;
    }
    const { grid } = this.#current;
    this.#current = this.#start();
    this.#current.grid = grid;
    return undefined;
  }

  /** Asked to stop: everything it started ends, politely first. */
  async #stop(): Promise<number> {
    const { log, onHealth } = this.options;
    onHealth?.('stopping');
    const { child } = this.#current;
    await Promise.all([
      this.#end(child),
      this.#end(this.#successor?.child),
      ...[...this.#leaving].map((c) => this.#end(c)),
    ]);
    const code = child.end?.code ?? EXIT_STOPPED;
    log.info({ event: 'watchdog-stopped', code }, 'watchdog stopped on request');
    return code === EXIT_RESTART ? EXIT_STOPPED : code;
  }

  async #end(child: Child | undefined): Promise<void> {
    if (child === undefined) return;
    child.kill('SIGTERM');
    const over = new AbortController();
    const patience = this.options.clock.sleep(this.options.graceMs, over.signal).catch(() => undefined);
    await Promise.race([child.ended, patience]);
    over.abort();
    child.kill('SIGKILL');
    await child.ended;
  }

  #pause(ms: number): Promise<void> {
    return this.options.clock.sleep(ms, this.options.signal).catch(() => undefined);
  }
}

const MEANINGS: Readonly<Record<number, string>> = {
  [EXIT_STOPPED]: 'the daemon ended by itself',
  [EXIT_CONFIG]: 'the daemon cannot work with its configuration, and a new start would not mend that',
  [EXIT_FENCED]: 'another daemon leads',
};
