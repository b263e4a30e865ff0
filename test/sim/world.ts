/** The world that processes live in: the store's two prefixes, the network's and the store's faults, and what lands in the source. */
import type { ListOptions, ListPage, ObjectInfo } from '#src/store/store.js';
import { Bucket } from './bucket.js';
import { type SimRow, simObject } from './corpus.js';
import { type CallFault, count, type Fault, type FaultCounts } from './faults.js';
import type { Incident, Plan } from './plan.js';
import { START_MS } from './plan.js';
import type { SourceContent, SourceEvent } from './plan-source.js';
import type { SimProcess } from './process.js';
import { type Random, seededRandom } from './random.js';
import { Scheduler } from './scheduler.js';

/** How far a stale listing lags behind. */
export const STALE_MS = 8_000;

/** A manifest as it was created, for the checks. */
export interface Created {
  readonly info: ObjectInfo;
  readonly bytes: Uint8Array;
  readonly by: SimProcess | undefined;
  readonly at: number;
  /** When the attempt that led to it began; the process may have begun another one since. */
  readonly attemptSince: number;
  readonly epochSeen: number;
  readonly replaced: boolean;
}

export interface WorldWatch {
  readonly onManifest: (created: Created) => void;
  readonly onIndexPut: (info: ObjectInfo, bytes: Uint8Array, replaced: boolean) => void;
  readonly onIndexDelete: (key: string) => void;
}

const GARBAGE = new TextEncoder().encode('neither Parquet nor Arrow: a page of text that somebody left here');

export class World {
  readonly scheduler = new Scheduler(START_MS);
  readonly random: Random;
  readonly source: Bucket;
  readonly index: Bucket;
  /** Rows of every object that was ever in the source, by its etag; garbage has none. */
  readonly rows = new Map<string, readonly SimRow[] | 'garbage'>();
  readonly lines: string[] = [];
  /** Every generation, in order. */
  readonly generations: Generation[] = [];
  /** Records of segments by key, as they were when a manifest first named them. */
  readonly records = new Map<string, unknown>();
  /** Live documents of each generation, as ids with stamps. */
  readonly heldBy = new Map<number, string>();
  isAway = false;
  readonly #windows = new Map<CallFault, { readonly at: number; readonly end: number; readonly rate: number }[]>();
  #rewriteWith: number | undefined;
  #losesCommit = false;
  #outages = 0;

  constructor(
    readonly plan: Plan,
    readonly counts: FaultCounts,
    private readonly watch: WorldWatch,
    private readonly verbose: boolean,
  ) {
    const { scheduler } = this;
    this.random = seededRandom(plan.seed ^ 0x51f15e);
    this.source = new Bucket(scheduler, `source-${plan.seed}`, plan.config.coarseTimes);
    this.index = new Bucket(scheduler, `index-${plan.seed}`, plan.config.coarseTimes, {
      onPut: (info, bytes, by, replaced) => this.#notePut(info, bytes, by, replaced),
      onDelete: (key) => watch.onIndexDelete(key),
    });
    for (const event of plan.source) scheduler.at(event.at, () => void this.#land(event));
    for (const incident of plan.incidents) this.#arm(incident);
    scheduler.at(plan.calmAt, () => {
      this.#rewriteWith = undefined;
      this.#losesCommit = false;
    });
  }

  trace(line: () => string): void {
    if (this.verbose) this.lines.push(`${((this.scheduler.now - START_MS) / 1_000).toFixed(3).padStart(9)} ${line()}`);
  }

  count(fault: Fault): void {
    count(this.counts, fault);
    this.trace(() => `! ${fault}`);
  }

  /** Whether a fault of a call fires now. */
  draws(fault: CallFault): boolean {
    const windows = this.#windows.get(fault);
    if (windows === undefined) return false;
    const { now } = this.scheduler;
    for (const { at, end, rate } of windows) {
      if (now < at || now >= end || !this.random.chance(rate)) continue;
      this.count(fault);
      return true;
    }
    return false;
  }

  /** ms on the way. */
  delay(isSlow: boolean): number {
    return isSlow ? this.random.between(1_000, 6_000) : this.random.between(2, 30);
  }

  /** Whether the answer to this create gets lost, as the plan has it for the next commit. */
  losesAnswer(operation: string): boolean {
    if (operation !== 'create' || !this.#losesCommit) return this.draws('lostAnswer');
    this.#losesCommit = false;
    this.count('lostAnswer');
    return true;
  }

  crash(process: SimProcess, fault: 'crashBefore' | 'crashAfter' | 'zombieWrite'): void {
    if (!process.alive) return;
    this.trace(() => `${process.name} is killed`);
    this.count(fault);
    process.kill();
  }

  pause(process: SimProcess, ms: number): void {
    this.trace(() => `${process.name} stands still for ${ms.toFixed(0)} ms`);
    this.count('paused');
    process.pause(ms);
  }

  async listAs(process: SimProcess, bucket: Bucket, isSource: boolean, options: ListOptions): Promise<ListPage> {
    if (!isSource && options.prefix === 'manifests/') process.attemptSince = this.scheduler.now;
    const limit = this.draws('shortPage') ? { limit: 1 + this.random.int(3) } : {};
    const page = await bucket.store.list({ ...options, ...limit });
    if (!isSource) return page;
    const seen = this.draws('staleListing') ? bucket.staleBy(page, STALE_MS) : page;
    if (seen.objects.length < 2 || !this.draws('unordered')) return seen;
    return { ...seen, objects: seen.objects.toReversed() };
  }

  async beforeSourceRead(key: string): Promise<void> {
    if (this.#rewriteWith === undefined || this.source.current(key) === undefined) return;
    const number = this.#rewriteWith;
    this.#rewriteWith = undefined;
    // Cumulative partitions repeat changes: there a rewrite says the same once more.
    const same = this.plan.config.coverage.mode === 'cumulative' ? this.source.current(key)!.info.etag : undefined;
    const rows = same === undefined ? undefined : this.rows.get(same);
    if (same !== undefined && (rows === undefined || rows === 'garbage' || rows.length === 0)) return;
    const again = rows === undefined || rows === 'garbage' ? number : rows[0]!.stamp >> 4;
    this.count('rewrittenWhileRead');
    await this.#put(key, { kind: 'object', number: again });
  }

  noteRead(process: SimProcess, key: string, bytes: Uint8Array): void {
    if (!key.startsWith('manifests/')) return;
    const epoch = /"epoch":(\d+)/.exec(new TextDecoder().decode(bytes))?.[1];
    process.epochSeen = Math.max(process.epochSeen, Number(epoch));
  }

  /** A create was answered with 412. */
  noteTaken(bucket: Bucket, key: string, bytes: Uint8Array): void {
    const there = bucket.current(key);
    if (there === undefined) return;
    this.count(Buffer.compare(there.bytes, bytes) === 0 ? 'ownEcho' : 'taken412');
  }

  #notePut(info: ObjectInfo, bytes: Uint8Array, by: SimProcess | undefined, replaced: boolean): void {
    this.watch.onIndexPut(info, bytes, replaced);
    if (!info.key.startsWith('manifests/')) return;
    const at = this.scheduler.now;
    const last = this.generations.at(-1);
    if (last !== undefined) last.supersededAt = at;
    const hashes = new Set(new TextDecoder().decode(bytes).match(/[0-9a-f]{32}/g));
    this.generations.push({ key: info.key, hashes, supersededAt: Number.POSITIVE_INFINITY });
    const [attemptSince, epochSeen] = [by?.attemptSince ?? 0, by?.epochSeen ?? 0];
    this.watch.onManifest({ info, bytes, by, at, attemptSince, epochSeen, replaced });
  }

  #arm(incident: Incident): void {
    const { scheduler } = this;
    if (incident.kind === 'calls') {
      const { fault, at, ms, rate } = incident;
      const windows = this.#windows.get(fault) ?? [];
      windows.push({ at, end: at + ms, rate });
      this.#windows.set(fault, windows);
    }
    if (incident.kind === 'loseCommit') {
      scheduler.at(incident.at, () => {
        this.#losesCommit = true;
      });
    }
    if (incident.kind === 'rewriteOnRead') {
      scheduler.at(incident.at, () => {
        this.#rewriteWith = incident.number;
      });
    }
    if (incident.kind !== 'outage') return;
    scheduler.at(incident.at, () => {
      this.#outages++;
      this.isAway = true;
      this.count('outage');
    });
    scheduler.at(Math.min(incident.at + incident.ms, this.plan.calmAt), () => {
      this.isAway = --this.#outages > 0;
    });
  }

  async #land({ key, content, fault }: SourceEvent): Promise<void> {
    this.trace(() => `source: ${content.kind} ${key}`);
    if (fault !== undefined && this.#comesToThat(fault, key)) this.count(fault);
    if (content.kind === 'delete') return this.source.delete(key);
    await this.#put(key, content);
  }

  async #put(key: string, content: Exclude<SourceContent, { kind: 'delete' }>): Promise<void> {
    const object = content.kind === 'object' ? simObject(content.number) : undefined;
    const bytes = object?.bytes ?? (content.kind === 'garbage' ? GARBAGE : new Uint8Array(0));
    const { etag } = await this.source.put(key, bytes);
    this.rows.set(etag, object?.rows ?? (content.kind === 'garbage' ? 'garbage' : []));
  }

  /** Late is what comes after a commit; what came just in time is an everyday event. */
  #comesToThat(fault: Fault, key: string): boolean {
    const newest = this.newestManifest();
    const time = partitionTimeOf(key);
    if (fault === 'latePartition') return newest !== undefined && Date.parse(newest.watermark ?? '') > (time ?? 0);
    if (fault === 'lateObject') return newest?.coverage.partitions.some((p) => Date.parse(p.time) === time) === true;
    if (fault === 'removed' || fault === 'rewritten') {
      const isCommitted = newest?.coverage.partitions.some((p) => Date.parse(p.time) === time) === true;
      return isCommitted && this.source.current(key) !== undefined;
    }
    return true;
  }

  /** When a generation ceased to be the newest. */
  supersededAt(generation: number): number {
    return this.generations[generation - 1]?.supersededAt ?? Number.POSITIVE_INFINITY;
  }

  /** The newest manifest as plain JSON. */
  newestManifest(): PlainManifest | undefined {
    let newest: string | undefined;
    for (const { info } of this.index.all()) {
      if (info.key.startsWith('manifests/') && (newest === undefined || info.key > newest)) newest = info.key;
    }
    if (newest === undefined) return undefined;
    return JSON.parse(new TextDecoder().decode(this.index.current(newest)!.bytes)) as PlainManifest;
  }
}

/** A generation and what it names. */
export interface Generation {
  readonly key: string;
  readonly hashes: ReadonlySet<string>;
  supersededAt: number;
}

/** What the checks look at in a manifest, as its JSON has it. */
export interface PlainManifest {
  readonly generation: number;
  readonly epoch: number;
  readonly watermark: string | null;
  readonly rolledBackFrom?: number;
  readonly held: readonly unknown[];
  readonly coverage: {
    readonly from: string | null;
    readonly to: string | null;
    readonly partitions: readonly { readonly time: string; readonly part: string }[];
    readonly skipped: readonly { readonly time: string; readonly reason: string }[];
    readonly gap: boolean;
    readonly gaps: readonly unknown[];
  };
  readonly base: { readonly segments: readonly { readonly name: string }[]; readonly watermark: string } | null;
  readonly delta: { readonly segments: readonly { readonly name: string; readonly sha256: string }[] };
}

const KEY = /^dt=(\d{4}-\d\d-\d\d)\/hour=(\d\d)\/minute=(\d\d)\/([^/]+)$/;

/** Time of the partition that a key lies in; undefined for any other name. */
export function partitionTimeOf(key: string): number | undefined {
  const match = KEY.exec(key);
  return match === null ? undefined : Date.parse(`${match[1]}T${match[2]}:${match[3]}:00Z`);
}

/** Whether a name inside a partition is data. */
export function isDataName(key: string): boolean {
  return !/^[_.]/.test(key.slice(key.lastIndexOf('/') + 1));
}
