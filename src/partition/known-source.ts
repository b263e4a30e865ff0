/**
 * What one process knows of a source, kept between triggers: so that a trigger lists the newest partitions and a piece of the
 * older ones, whatever lies under the prefix.
 *
 * It saves requests and decides nothing: what it holds was listed once, and is listed again in turn. Times that this
 * process has not listed yet are told as `unlisted`: there the manifest's word stands until the sweep has been there.
 */
import type { Store } from '../store/store.js';
import type { PartitionRef } from './folder.js';
import { Lister } from './lister.js';
import { DEFAULT_MAX_LIST_CALLS, listPartitions, type PartitionListing } from './listing.js';
import { createSightings } from './sightings.js';
import { sweepPiece } from './sweep.js';
import type { PartitionTemplate } from './template.js';

/** Half-open `(from, to]`. */
interface Span {
  readonly from: number;
  readonly to: number;
}

export interface LookOptions {
  readonly template: PartitionTemplate;
  /** What is read for a delta begins after this instant; undefined = with the first partition. */
  readonly from: number | undefined;
  /** Older partitions are swept from this instant on, a piece a look; undefined = they are left alone. */
  readonly sweepFrom: number | undefined;
  /** Listed at every look: what is later than this. Undefined = everything from `from` on. */
  readonly recent: number | undefined;
  readonly to: number;
  readonly marker: string | undefined;
  readonly signal: AbortSignal;
}

/** One look at the source: what `PartitionListing` tells, put together from this listing and earlier ones. */
export interface SourceSighting extends PartitionListing {
  /** Times after `from` that this process has never listed; undefined when there are none. */
  readonly unlisted: Span | undefined;
  /** Partitions at or before `from` that were listed by this look's piece of the sweep. */
  readonly swept: readonly PartitionRef[];
}

export class KnownSource {
  /** Partitions after `from`, as listed last. */
  readonly #listed = new Map<number, PartitionRef>();
  /** Everything after this time was listed at least once. */
  #listedAfter = Number.POSITIVE_INFINITY;
  /** The sweep has seen everything up to this time in this round. */
  #sweptTo: number | undefined;
  /** Whether the sweep has come round since the process began. */
  #isRound = false;
  #from = Number.NEGATIVE_INFINITY;
  #isDistrusted = false;

  /** The next look lists everything: what is held of older partitions, or what a manifest says of them, is out of date. */
  distrust(): void {
    this.#isDistrusted = true;
  }

  async look(store: Store, options: LookOptions): Promise<SourceSighting> {
    const from = options.from ?? -1;
    // Partitions at or before the old bound were not kept.
    if (from < this.#from) this.#forget();
    this.#from = from;
    const isShort = options.template.ordered && !this.#isDistrusted;
    const recent = isShort ? Math.max(from, options.recent ?? from) : from;
    const { template, to, marker, signal } = options;
    const newest = await listPartitions(store, { template, from: recent < 0 ? undefined : recent, to, marker, signal });
    for (const time of this.#listed.keys()) if (time <= from || time > recent) this.#listed.delete(time);
    for (const partition of newest.partitions) this.#remember(partition);
    this.#listedAfter = Math.min(this.#listedAfter, recent);
    this.#isDistrusted = false;
    const bounds = { from: options.sweepFrom ?? recent, to: recent };
    const swept =
      template.ordered && bounds.to > bounds.from ? await this.#sweep(store, options, bounds, from) : NOTHING;
    return {
      partitions: [...this.#listed.values()].sort((a, b) => b.time - a.time),
      ignored: [...newest.ignored, ...swept.ignored],
      future: newest.future,
      date: newest.date,
      listCalls: newest.listCalls + swept.listCalls,
      unlisted: this.#unlisted(from),
      swept: swept.partitions.filter(({ time }) => time <= from),
    };
  }

  /** The next piece of the older partitions, from the oldest one up to those of every look, and over again. */
  async #sweep(store: Store, { template, marker, signal }: LookOptions, bounds: Span, keepAfter: number) {
    const begin = this.#sweptTo === undefined || this.#sweptTo >= bounds.to ? bounds.from : this.#sweptTo;
    const lister = new Lister(store, DEFAULT_MAX_LIST_CALLS, signal);
    const seen = createSightings();
    const piece = await sweepPiece(lister, { template, from: begin, to: bounds.to, marker }, seen);
    for (const time of this.#listed.keys()) if (time > begin && time <= piece.to) this.#listed.delete(time);
    for (const partition of piece.partitions) if (partition.time > keepAfter) this.#remember(partition);
    this.#sweptTo = piece.to;
    if (piece.to >= bounds.to) this.#isRound = true;
    const ignored = [...seen.ignored].map(([key, reason]) => ({ key, reason }));
    return { partitions: piece.partitions, ignored, listCalls: lister.calls };
  }

  #remember(partition: PartitionRef): void {
    this.#listed.set(partition.time, partition);
  }

  #forget(): void {
    this.#listed.clear();
    this.#listedAfter = Number.POSITIVE_INFINITY;
    this.#sweptTo = undefined;
    this.#isRound = false;
  }

  #unlisted(from: number): Span | undefined {
    if (this.#isRound) return undefined;
    const after = Math.max(from, this.#sweptTo ?? from);
    return this.#listedAfter > after ? { from: after, to: this.#listedAfter } : undefined;
  }
}

const NOTHING: { partitions: readonly PartitionRef[]; ignored: PartitionListing['ignored']; listCalls: number } = {
  partitions: [],
  ignored: [],
  listCalls: 0,
};
