/** The door of the reading side: an index in a store, pinned to one generation until it is refreshed. */
import { TidemarkError } from '../base/errors.js';
import { type Clock, systemClock } from '../base/time.js';
import { newestGeneration, readManifest } from '../manifest/newest.js';
import type { Store } from '../store/store.js';
import { generationOfCursor } from './cursor.js';
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

/** Two minutes of a commit every 30 s: what someone who turns pages takes; older ones are opened again. */
const KEPT_GENERATIONS = 4;

export class IndexReader {
  #context: SearchContext;
  /** Generations that cursors may still come from, by number. Segments that several share are open once. */
  readonly #earlier = new Map<number, SearchContext>();

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
    this.#keep(this.#context);
    this.#context = this.#contextFor(next);
    return true;
  }

  /**
   * Answers from the generation held; a page's cursor from the generation that its first page came from, as long as its
   * objects are kept. Fails with code `usage` on a query that cannot be read and `not-found` where that generation is gone.
   */
  async search(query: string, options: SearchOptions = {}): Promise<SearchResult> {
    const context =
      options.after === undefined ? this.#context : await this.#contextOf(generationOfCursor(options.after));
    return search(context, query, options);
  }

  async #contextOf(generation: number): Promise<SearchContext> {
    if (generation === this.#context.snapshot.manifest.generation) return this.#context;
    const known = this.#earlier.get(generation);
    if (known !== undefined) return known;
    const snapshot = await this.#openEarlier(generation);
    const context = this.#contextFor(snapshot);
    this.#keep(context);
    return context;
  }

  async #openEarlier(generation: number): Promise<Snapshot> {
    try {
      return await openSnapshot(this.store, await readManifest(this.store, generation), this.snapshot);
    } catch (error) {
      if (!(error instanceof TidemarkError) || error.code !== 'not-found') throw error;
      throw new TidemarkError(
        'not-found',
        `generation ${generation}, which the cursor belongs to, is not kept any more`,
        {
          where: { index: this.store.uri },
          fix: 'begin with the first page again',
        },
      );
    }
  }

  #contextFor(snapshot: Snapshot): SearchContext {
    return { ...this.#context, snapshot, liveStatistics: new LiveStatisticsCache(snapshot.segments) };
  }

  /** Keeps a generation for cursors of it; the one that was put in first goes. */
  #keep(context: SearchContext): void {
    this.#earlier.set(context.snapshot.manifest.generation, context);
    const [oldest] = this.#earlier.keys();
    if (this.#earlier.size > KEPT_GENERATIONS) this.#earlier.delete(oldest!);
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
