/** The door of the reading side: an index in a store, pinned to one generation until it is refreshed. */
import { TidemarkError } from '../base/errors.js';
import { type Clock, systemClock } from '../base/time.js';
import { newestGeneration, readManifest } from '../manifest/newest.js';
import type { Store } from '../store/store.js';
import { type FoundDocument, findDocument, liveDocuments, sumColumn } from './documents.js';
import type { Analyze } from './resolve.js';
import { count, type SearchContext, type SearchOptions, type SearchResult, search } from './search.js';
import { openSnapshot, type Snapshot } from './snapshot.js';
import { LiveStatisticsCache } from './statistics.js';
import { type TermEntry, type TermsOptions, terms } from './terms.js';

export interface OpenIndexOptions {
  /** A generation to pin; the newest unless told. */
  readonly generation?: number;
  /** The tokenizer that the index was built with. */
  readonly analyze: Analyze;
  readonly clock?: Clock;
}

/** Opens an index; fails with code `not-found` where there is none, `corrupt` where it cannot be read. */
export async function openIndex(store: Store, options: OpenIndexOptions): Promise<IndexReader> {
  const generation = options.generation ?? (await newestGeneration(store));
  if (generation === undefined) {
    throw new TidemarkError('not-found', 'there is no index here', {
      where: { index: store.uri },
      fix: 'build one first, or check the address',
    });
  }
  const snapshot = await openSnapshot(store, await readManifest(store, generation));
  return new IndexReader(store, options, snapshot);
}

export class IndexReader {
  #context: SearchContext;

  constructor(
    private readonly store: Store,
    options: OpenIndexOptions,
    snapshot: Snapshot,
  ) {
    const liveStatistics = new LiveStatisticsCache(snapshot.segments);
    this.#context = { snapshot, analyze: options.analyze, clock: options.clock ?? systemClock, liveStatistics };
  }

  /** The generation answered from. */
  get snapshot(): Snapshot {
    return this.#context.snapshot;
  }

  /**
   * Moves on to the newest generation, taking over what is open; true where there was one. Fails while any object of the
   * new one cannot be opened: the reader then still answers from the old one.
   */
  async refresh(): Promise<boolean> {
    const { snapshot } = this.#context;
    const held = snapshot.manifest.generation;
    const newest = await newestGeneration(this.store, { atLeast: held });
    if (newest === undefined || newest <= held) return false;
    const next = await openSnapshot(this.store, await readManifest(this.store, newest), snapshot);
    this.#context = { ...this.#context, snapshot: next, liveStatistics: new LiveStatisticsCache(next.segments) };
    return true;
  }

  search(query: string, options?: SearchOptions): Promise<SearchResult> {
    return search(this.#context, query, options);
  }

  /** Live documents that match, always exact. */
  count(query: string, filter?: string): Promise<number> {
    return count(this.#context, query, filter);
  }

  terms(field: string, prefix?: string, options?: TermsOptions): AsyncGenerator<TermEntry> {
    return terms(this.snapshot, field, prefix, options);
  }

  /** The live document of an id. */
  doc(id: string): Promise<FoundDocument | undefined> {
    return findDocument(this.snapshot, id);
  }

  liveDocuments(): AsyncGenerator<FoundDocument> {
    return liveDocuments(this.snapshot);
  }

  sumColumn(field: string): Promise<bigint | number> {
    return sumColumn(this.snapshot, field);
  }
}
