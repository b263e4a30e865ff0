/** The processes of a history: daemons under their supervisors, and an operator. They run the project's own loop and runs. */
import { TidemarkError } from '#src/base/errors.js';
import { resume, rollback } from '#src/commit/rollback.js';
import type { RunDependencies } from '#src/coordinator/run.js';
import { runOnce } from '#src/coordinator/run.js';
import type { IndexSettings } from '#src/coordinator/settings.js';
import { runDaemon } from '#src/daemon/loop.js';
import { Turn } from '#src/daemon/turn.js';
import { runUpkeep } from '#src/daemon/upkeep.js';
import { EVERY_MS, type Incident, MAX_FUTURE_SKEW_MS, type SimConfig, START_MS } from './plan.js';
import { MARKER, TEMPLATE } from './plan-source.js';
import { SimProcess } from './process.js';
import { followIndex } from './reader.js';
import { SimStore } from './sim-store.js';
import { deadThread, type InProcessRunner, inProcessRunner } from './task-runner.js';
import { Violation } from './violation.js';
import type { World } from './world.js';

/** One place where a supervisor keeps a daemon running. */
interface Seat {
  readonly name: string;
  process: SimProcess | undefined;
  starts: number;
  /** Whether its supervisor is about to start it again. */
  isDue: boolean;
}

export class Fleet {
  readonly #seats: Seat[] = [];
  /** Generations that a process committed and has not told of. */
  readonly #untold = new Map<SimProcess, number[]>();
  readonly #runners = new Map<SimProcess, InProcessRunner>();
  readonly #stop = new AbortController();
  #operators = 0;
  failure: Violation | undefined;

  constructor(
    private readonly world: World,
    incidents: readonly Incident[],
  ) {
    world.scheduler.at(START_MS, () => this.#start(this.#seat('a')));
    for (const incident of incidents) this.#arm(incident);
    world.scheduler.at(world.plan.calmAt, () => this.#calm());
  }

  noteCommit(process: SimProcess | undefined, generation: number): void {
    if (process !== undefined) this.#untold.get(process)?.push(generation);
  }

  /** Ends all loops; what they wait for is not awaited. */
  end(): void {
    this.#stop.abort();
    for (const runner of this.#runners.values()) runner.release();
    this.#runners.clear();
  }

  #seat(name: string): Seat {
    const seat: Seat = { name, process: undefined, starts: 0, isDue: true };
    this.#seats.push(seat);
    return seat;
  }

  #arm(incident: Incident): void {
    const { scheduler } = this.world;
    const at = (act: () => void) => scheduler.at(incident.at, act);
    const victim = () => this.world.random.pick([...this.#seats])?.process;
    switch (incident.kind) {
      case 'crash':
        at(() => victim()?.snares.push({ callsLeft: incident.calls, what: { kind: 'crash', side: incident.side } }));
        break;
      case 'pause':
        at(() => victim()?.snares.push({ callsLeft: incident.calls, what: { kind: 'pause', ms: incident.ms } }));
        break;
      case 'skew':
        at(() => this.#setClock(victim(), incident.ms));
        break;
      case 'second':
        at(() => {
          this.world.count('secondDaemon');
          this.#start(this.#seat('b'));
        });
        break;
      case 'base':
        at(() => this.#buildBase());
        break;
      case 'reader':
        at(() => this.#read(incident.everyMs));
        break;
      case 'rollback':
        at(() => this.#rollBack(incident.back, incident.resumeAfterMs));
    }
  }

  #setClock(process: SimProcess | undefined, skewMs: number): void {
    if (process === undefined) return;
    process.skewMs = skewMs;
    this.world.count(skewMs === -3_600_000 ? 'clockSetBack' : 'skewedClock');
  }

  /** From here on nothing goes wrong: clocks are set right, who stands still goes on, and at least one daemon runs. */
  #calm(): void {
    for (const { process } of this.#seats) {
      if (process === undefined) continue;
      process.skewMs = 0;
      process.snares.length = 0;
      process.resume();
    }
    if ((this.world.newestManifest()?.held.length ?? 0) > 0) this.#resume();
    const isAnyAlive = this.#seats.some(({ process }) => process?.alive === true);
    if (!isAnyAlive) for (const seat of this.#seats.slice(0, 1)) this.#start(seat);
  }

  #spawn(name: string): { process: SimProcess; deps: RunDependencies; settings: IndexSettings } {
    const { world } = this;
    const { scheduler } = world;
    const process = new SimProcess(name, scheduler, () => this.#release(process));
    this.#untold.set(process, []);
    const source = new SimStore(world, process, world.source, true);
    const index = new SimStore(world, process, world.index, false);
    const begin = (kind: 'shard' | 'merge' | 'compress') =>
      new Promise<void>((resolve, reject) => {
        const isDead = world.draws('deadThread');
        const settle = () => (isDead ? reject(deadThread(kind)) : resolve());
        process.deliver(scheduler.now + world.random.between(1, 10), settle);
      });
    const runner = inProcessRunner({ source, index, elapsed: process.clock.elapsed, begin });
    this.#runners.set(process, runner);
    const deps = { source, index, pool: runner, clock: process.clock };
    return { process, deps, settings: simSettings(world.plan.config, source.uri, index.uri) };
  }

  #release(process: SimProcess): void {
    this.#runners.get(process)?.release();
    this.#runners.delete(process);
    const seat = this.#seats.find((held) => held.process === process);
    if (seat === undefined) return;
    this.#startLater(seat, this.world.random.between(500, 20_000));
  }

  #startLater(seat: Seat, ms: number): void {
    const { scheduler, plan } = this.world;
    seat.isDue = true;
    seat.process = undefined;
    const at = scheduler.now >= plan.calmAt ? scheduler.now + 100 : Math.min(scheduler.now + ms, plan.calmAt);
    scheduler.at(at, () => this.#start(seat));
  }

  #start(seat: Seat): void {
    if (seat.process?.alive === true) return;
    seat.isDue = false;
    const { process, deps, settings } = this.#spawn(`${seat.name}${++seat.starts}`);
    seat.process = process;
    const { world } = this;
    const tell = (level: string) => (fields: object, message: string) => {
      world.trace(() => `${process.name} ${level}: ${message}`);
      // A run that failed may have committed without learning of it.
      if ((fields as { event?: string }).event === 'failed') this.#untold.set(process, []);
    };
    const log = { info: tell('info'), warn: tell('warn'), error: tell('error') };
    world.trace(() => `${process.name} starts`);
    const turn = new Turn();
    const { clock } = process;
    if (settings.keepMs !== undefined) {
      const upkeep = { compact: 'never', clock, log, turn, signal: this.#stop.signal } as const;
      void runUpkeep({ name: 'sim', deps, settings }, upkeep);
    }
    runDaemon([{ name: 'sim', deps, settings }], {
      turn,
      everyMs: EVERY_MS,
      deadlineMs: EVERY_MS,
      clock,
      log,
      signal: this.#stop.signal,
      onRun: (_, report) => this.#checkReport(process, report),
    }).then(
      () => undefined,
      (error: unknown) => this.#ended(seat, process, error),
    );
  }

  /** What a daemon says of its run must be what it did. */
  #checkReport(process: SimProcess, report: { readonly committed: boolean; readonly generation: number }): void {
    const untold = this.#untold.get(process)!;
    this.#untold.set(process, []);
    const told = report.committed ? [report.generation] : [];
    if (String(untold) === String(told)) return;
    this.failure ??= new Violation(
      'a run tells what it committed',
      `${process.name} committed [${untold}] and told of [${told}]`,
    );
  }

  #ended(seat: Seat, process: SimProcess, error: unknown): void {
    if (this.#stop.signal.aborted) return;
    this.world.trace(() => `${process.name} ends: ${error instanceof Error ? error.message : error}`);
    if (!(error instanceof TidemarkError) || error.code !== 'fenced') {
      this.failure ??= new Violation(
        'a daemon ends only as fenced',
        String(error instanceof Error ? error.stack : error),
      );
      return;
    }
    this.world.count('fenced');
    process.alive = false;
    seat.process = undefined;
    this.#runners.get(process)?.release();
    this.#runners.delete(process);
    // Who was fenced stays down, unless nobody is left.
    const isAnyLeft = this.#seats.some((other) => other !== seat && (other.process?.alive === true || other.isDue));
    if (!isAnyLeft) this.#startLater(seat, 1_000);
  }

  #buildBase(): void {
    this.#operate(async ({ deps, settings }) => {
      const { committed } = await runOnce(deps, settings, { base: true, passOver: true });
      if (committed) this.world.count('baseBuilt');
    });
  }

  #rollBack(back: number, resumeAfterMs: number): void {
    const to = (this.world.newestManifest()?.generation ?? 0) - back;
    if (to < 1) return;
    this.#operate(async ({ deps }) => {
      await rollback(deps.index, to, deps.clock.now);
      this.world.count('rolledBack');
      const leftMs = Math.max(0, this.world.plan.calmAt - this.world.scheduler.now);
      await deps.clock.sleep(Math.min(resumeAfterMs, leftMs));
      await resume(deps.index, deps.clock.now);
      this.world.count('resumed');
    });
  }

  #resume(): void {
    this.#operate(async ({ deps }) => {
      await resume(deps.index, deps.clock.now);
      this.world.count('resumed');
    });
  }

  /** What an operator does in a process of its own, told in words where it fails. */
  #operate(
    command: (spawned: { readonly deps: RunDependencies; readonly settings: IndexSettings }) => Promise<void>,
  ): void {
    const { world } = this;
    const { process, deps, settings } = this.#spawn(`op${++this.#operators}`);
    command({ deps, settings }).then(
      () => this.#leave(process),
      (error: unknown) => {
        world.trace(() => `${process.name} fails: ${error instanceof Error ? error.message : error}`);
        if (!(error instanceof TidemarkError)) {
          this.failure ??= new Violation('an operator is told in words', String((error as Error)?.stack ?? error));
        }
        this.#leave(process);
      },
    );
  }

  #read(everyMs: number): void {
    const { world } = this;
    const process = new SimProcess(`reader${++this.#operators}`, world.scheduler, () => undefined);
    const index = new SimStore(world, process, world.index, false);
    followIndex(world, index, process.clock, everyMs).catch((error: unknown) => {
      this.failure ??=
        error instanceof Violation ? error : new Violation('no error but in words', String((error as Error).stack));
    });
  }

  #leave(process: SimProcess): void {
    process.alive = false;
    this.#runners.get(process)?.release();
    this.#runners.delete(process);
  }
}

export function simSettings(config: SimConfig, source: string, index: string): IndexSettings {
  return {
    source: {
      store: { uri: source },
      partition: TEMPLATE,
      start: undefined,
      coverage: config.coverage,
      ready: {
        settleMs: config.settleMs,
        minObjects: 1,
        maxFutureSkewMs: MAX_FUTURE_SKEW_MS,
        marker: config.marker ? MARKER : undefined,
      },
      onBadPartition: config.onBadPartition,
    },
    schema: {
      id: 'id',
      group: 'grp',
      version: config.versioned ? 'ver' : undefined,
      deleted: 'del',
      replace: config.replace,
      fields: [
        { name: 'body', type: 'text', analyzer: 'standard' },
        { name: 'stamp', type: 'i64' },
      ],
      stored: ['body'],
    },
    fingerprintOf: () => '51'.repeat(32),
    index: { uri: index },
    maxRejectRatio: 1,
    ...(config.keepMs === undefined ? {} : { keepMs: config.keepMs }),
    gate: { minDocRatio: 0, maxKillRatio: 1 },
  };
}
