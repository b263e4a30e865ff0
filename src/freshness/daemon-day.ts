/**
 * A day of the daemon: the shipped loop, selection, coverage, build, merge and commit over real stores and real rows, under a virtual
 * clock. Partitions hold a few rows only; what their full size would take is added by the measured rates, in the instant before the
 * manifest is created. So every decision is the daemon's own, and only durations are a model's.
 */
import { TidemarkError } from '../base/errors.js';
import { type DaemonIndex, runDaemon } from '../daemon/loop.js';
import { createRandom } from '../gen/random.js';
import { decodeManifest } from '../manifest/codec.js';
import { generationOf } from '../manifest/names.js';
import { formatPartition } from '../partition/key.js';
import type { PartitionTemplate } from '../partition/template.js';
import type { Store } from '../store/store.js';
import type { Log } from '../telemetry/log.js';
import type { Arrival } from './arrivals.js';
import { type Fault, isAway, slowness } from './faults.js';
import { drawnMs, type Rates } from './rates.js';
import { ReplayStore } from './replay-store.js';
import type { Seen } from './summary.js';
import type { VirtualClock } from './virtual-clock.js';

export interface DaemonParameters {
  readonly everyMs: number;
  readonly settleMs: number;
  /** How far back the window reaches: what every run merges. */
  readonly spanMs: number;
  /** From the end of a process until its successor is spawned: the supervisor's back-off. */
  readonly backOffMs: number;
}

/** What a replay stands on. */
export interface DayBench {
  readonly clock: VirtualClock;
  /** Opened under that clock, both empty. */
  readonly source: Store;
  readonly index: Store;
  readonly template: PartitionTemplate;
  /** The daemon's index over stores of the day. */
  readonly indexOf: (source: Store, index: Store) => DaemonIndex;
  /** Moves the base up to what is committed, as an operator's `build --base` or a compaction beside the daemon does. */
  readonly moveBase: (source: Store, index: Store, until: number) => Promise<void>;
  /** Bytes of the n-th partition's only object. */
  readonly bytesOf: (n: number) => Promise<Uint8Array>;
  readonly signal: AbortSignal;
}

/** A request to a store that is away fails after so long: the store room's retries are over by then. */
const GIVE_UP_MS = 10_000;
const RUN_STREAM = 4;
/** How often the base is moved up: a replayed window stays small, whatever the one that is charged. */
const BASE_EVERY_MS = 2 * 3_600_000;

/** Every partition of the day with the commit that made it visible. */
export async function replayDaemonDay(
  arrivals: readonly Arrival[],
  parameters: DaemonParameters,
  rates: Rates,
  faults: readonly Fault[],
  seed: number,
  bench: DayBench,
): Promise<Seen[]> {
  const day = new ReplayedDay(arrivals, parameters, rates, faults, seed, bench);
  while (!day.isOver) {
    bench.signal.throwIfAborted();
    await day.runProcess();
    bench.clock.advance(parameters.backOffMs + rates.startMs);
  }
  return day.seen;
}

class ReplayedDay {
  readonly seen: Seen[] = [];
  private landed = 0;
  private landing: Promise<void> = Promise.resolve();
  private readonly modified = new Map<string, number>();
  private readonly committed = new Set<number>();
  private readonly random;
  private readonly source: Store;
  private readonly index: Store;
  /** Of the process under way; aborted = it is dead or told to stop. */
  private life = new AbortController();
  private isDead = false;
  private readonly struck = new Set<Fault>();
  private baseDueAt: number;

  constructor(
    private readonly arrivals: readonly Arrival[],
    private readonly parameters: DaemonParameters,
    private readonly rates: Rates,
    private readonly faults: readonly Fault[],
    seed: number,
    private readonly bench: DayBench,
  ) {
    this.random = createRandom(seed, RUN_STREAM);
    this.baseDueAt = arrivals[0]!.time + Math.min(parameters.spanMs, BASE_EVERY_MS);
    const modifiedOf = (key: string) => this.modified.get(key);
    const enter = () => this.enter();
    this.source = new ReplayStore(bench.source, { enter, modifiedOf });
    this.index = new ReplayStore(bench.index, {
      enter,
      beforeCreate: (key, bytes) => this.charge(key, bytes),
      created: (key) => this.noteCommit(key),
    });
    bench.clock.onSleep = (ms) => this.sleep(ms);
  }

  get isOver(): boolean {
    return this.seen.length === this.arrivals.length;
  }

  /** One process from its first tick to its end. */
  async runProcess(): Promise<void> {
    this.life = new AbortController();
    this.isDead = false;
    const { clock } = this.bench;
    const { everyMs } = this.parameters;
    await runDaemon([this.bench.indexOf(this.source, this.index)], {
      ...{ everyMs, deadlineMs: everyMs, clock, log: SILENT, signal: this.life.signal },
      onRun: () => {
        if (this.isOver) this.life.abort();
      },
    });
  }

  /** Lands what is due; fails where the process is dead or the store away. */
  private async enter(): Promise<void> {
    if (this.isDead) throw killed();
    await this.land();
    const { clock } = this.bench;
    if (!isAway(this.faults, clock.now())) return;
    await this.pass(clock.now() + GIVE_UP_MS);
    if (isAway(this.faults, clock.now())) throw new TidemarkError('store', 'the store does not answer');
  }

  /** One after the other: a run asks its stores for several things at once. */
  private land(): Promise<void> {
    this.landing = this.landing.then(() => this.landDue());
    return this.landing;
  }

  private async landDue(): Promise<void> {
    const { clock, source, template } = this.bench;
    for (; this.landed < this.arrivals.length; this.landed++) {
      const { time, landedAt } = this.arrivals[this.landed]!;
      if (landedAt > clock.now()) return;
      const key = `${formatPartition(template, time)}part-0.parquet`;
      await source.put(key, await this.bench.bytesOf(this.landed));
      this.modified.set(key, landedAt);
    }
  }

  /** The time that a run of full size takes, at the end of one of a few rows. */
  private async charge(key: string, bytes: Uint8Array): Promise<void> {
    if (generationOf(key) === undefined) return;
    const { coverage } = decodeManifest(bytes, key);
    const times = new Set(coverage.partitions.map(({ time }) => time));
    const fresh = this.arrivals.filter(({ time }) => times.has(time) && !this.committed.has(time));
    const from = fresh.at(-1)!.time - this.parameters.spanMs;
    const window = this.arrivals.filter(({ time }) => time > from && (times.has(time) || this.committed.has(time)));
    const { clock } = this.bench;
    const ms = drawnMs(this.rates, docsOf(fresh), docsOf(window), this.random.next());
    await this.pass(clock.now() + ms * slowness(this.faults, clock.now()));
    if (this.isDead) throw killed();
    this.pending = fresh;
  }

  private pending: readonly Arrival[] = [];

  private noteCommit(key: string): void {
    if (generationOf(key) === undefined) return;
    const visibleAt = this.bench.clock.now();
    for (const arrival of this.pending) {
      this.committed.add(arrival.time);
      this.seen.push({ ...arrival, visibleAt });
    }
    this.pending = [];
  }

  /** Moves on to `until`, or to the kill before it; a stall on the way makes it longer. */
  private async pass(until: number): Promise<void> {
    const { clock } = this.bench;
    let end = until;
    for (const fault of this.faults) {
      const isMet = fault.from > clock.now() - 1 && fault.from <= end && !this.struck.has(fault);
      if (!isMet || (fault.kind !== 'kill' && fault.kind !== 'stall')) continue;
      this.struck.add(fault);
      if (fault.kind === 'stall') {
        end += fault.to - fault.from;
        continue;
      }
      clock.advanceTo(fault.from);
      this.isDead = true;
      this.life.abort(killed());
      return;
    }
    clock.advanceTo(end);
  }

  /** Until the tick asked for, or, where nothing can happen before, a later one: an idle tick changes nothing. */
  private async sleep(ms: number): Promise<void> {
    const { clock } = this.bench;
    const { everyMs } = this.parameters;
    const target = clock.now() + ms;
    const idle = Math.max(0, this.nextChange() - target);
    await this.pass(target + Math.floor(idle / everyMs) * everyMs);
    if (this.isDead) return;
    await this.planned();
    await this.moveBase();
  }

  /** A planned restart ends the process between two runs. */
  private async planned(): Promise<void> {
    const now = this.bench.clock.now();
    const due = this.faults.find((fault) => fault.kind === 'restart' && fault.from <= now && !this.struck.has(fault));
    if (due === undefined) return;
    this.struck.add(due);
    this.life.abort();
  }

  private async moveBase(): Promise<void> {
    const { clock, source, index } = this.bench;
    if (clock.now() < this.baseDueAt || this.committed.size === 0 || isAway(this.faults, clock.now())) return;
    this.baseDueAt = clock.now() + Math.min(this.parameters.spanMs, BASE_EVERY_MS);
    const dated = new ReplayStore(source, { enter: async () => {}, modifiedOf: (key) => this.modified.get(key) });
    await this.bench.moveBase(dated, index, Math.max(...this.committed));
  }

  /** The next instant at which a tick may find something else than the one before. */
  private nextChange(): number {
    if (this.landed > this.seen.length) return this.bench.clock.now();
    const landing = this.arrivals[this.landed]?.landedAt ?? Number.POSITIVE_INFINITY;
    const due = this.faults.filter((fault) => !this.struck.has(fault)).map(({ from }) => from);
    return Math.min(landing, ...due.filter((from) => from > this.bench.clock.now()));
  }
}

const docsOf = (arrivals: readonly Arrival[]) => arrivals.reduce((sum, { docs }) => sum + docs, 0);

const killed = () => new TidemarkError('cancelled', 'the process was killed');

/** Nobody reads the log of a replayed day. */
const SILENT: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };
