/** LIST requests with a count, an upper bound and a check of the order that every shortcut of this room rests on. */
import { TidemarkError } from '../base/errors.js';
import { compareKeys } from '../base/key-order.js';
import type { ListOptions, ListPage, ObjectInfo, Store } from '../store/store.js';

/** What a visitor says of an object: go on, leave out the rest of this folder (ends in `/`), or end after this page. */
export type Verdict = 'next' | 'stop' | { readonly skipFolder: string };

/** Lists for one pass over a source; lives as long as that pass. */
export class Lister {
  readonly #store: Store;
  readonly #maxCalls: number;
  readonly #signal: AbortSignal | undefined;
  #calls = 0;
  #date = Number.POSITIVE_INFINITY;

  constructor(store: Store, maxCalls: number, signal?: AbortSignal) {
    this.#store = store;
    this.#maxCalls = maxCalls;
    this.#signal = signal;
  }

  /** LIST requests made so far. */
  get calls(): number {
    return this.#calls;
  }

  /** The store's clock at the first page: the oldest date, so that nothing counts as older than it was when seen. */
  get date(): number {
    return this.#date;
  }

  /** One page; fails with code `store` beyond the bound or when keys come out of byte order. */
  async page(options: ListOptions): Promise<ListPage> {
    if (this.#calls >= this.#maxCalls) {
      throw new TidemarkError(
        'store',
        `listing the source took more than ${this.#maxCalls} LIST requests and was given up`,
        {
          where: { source: this.#store.uri, prefix: options.prefix },
          fix: 'narrow it with source.start or a shorter coverage.span, or move what is no partition out of the source',
        },
      );
    }
    this.#calls++;
    const page = await this.#store.list({
      ...options,
      ...(this.#signal === undefined ? {} : { signal: this.#signal }),
    });
    this.#date = Math.min(this.#date, page.date);
    this.#requireOrder(
      page.objects.map((object) => object.key),
      options,
    );
    this.#requireOrder(page.prefixes, options);
    return page;
  }

  /** Visits every object under a prefix in key order; a skipped folder that fills pages costs one request, not all of them. */
  async scan(options: { prefix: string; startAfter?: string }, visit: (object: ObjectInfo) => Verdict): Promise<void> {
    let at: { startAfter?: string; token?: string } =
      options.startAfter === undefined ? {} : { startAfter: options.startAfter };
    for (;;) {
      const page = await this.page({ prefix: options.prefix, ...at });
      let stopped = false;
      let last: Verdict = 'next';
      for (const object of page.objects) {
        last = visit(object);
        stopped ||= last === 'stop';
      }
      if (stopped || page.next === undefined) return;
      at = typeof last === 'object' ? { startAfter: behindFolder(last.skipFolder) } : { token: page.next };
    }
  }

  #requireOrder(keys: readonly string[], options: ListOptions): void {
    for (let i = 1; i < keys.length; i++) {
      if (compareKeys(keys[i - 1]!, keys[i]!) < 0) continue;
      throw new TidemarkError(
        'store',
        'the store does not list in key order, so the newest partition cannot be found',
        {
          where: { source: this.#store.uri, prefix: options.prefix, object: keys[i] },
          fix: 'use a general purpose bucket; directory buckets do not list in order',
        },
      );
    }
  }
}

/**
 * The key to start after so that all of a folder is passed over: `/` is 0x2F and `0` is 0x30, so `name0` stands behind
 * every `name/..`. (An object of exactly that name would be passed over too; it lies in no partition.)
 */
export function behindFolder(folder: string): string {
  return `${folder.slice(0, -1)}0`;
}
