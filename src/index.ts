/** The library: open an index and query it. Building is the command line's business. */

import { systemClock } from './base/time.js';
import { analyze } from './kernel/analyze.js';
import { type IndexReader, openIndex as openReader } from './search/index-reader.js';
import { openStore } from './store/open.js';
import type { StoreConfig } from './store/store.js';

export { TidemarkError } from './base/errors.js';
export type { Facet, FacetOptions } from './search/facets.js';
export type { IndexReader } from './search/index-reader.js';
export type { SearchHit, SearchOptions, SearchResult } from './search/search.js';
export type { StoreConfig } from './store/store.js';

/**
 * Opens the newest generation of an index, or a given one, for reading.
 *
 * `index` is a path, a `file:` or `s3://bucket/prefix` address, or the same with an endpoint. Fails with a `TidemarkError` of code
 * `not-found` where there is no index and `corrupt` where it cannot be read.
 *
 * @example
 * const index = await openIndex('./index');
 * const { total, hits } = await index.search('react table', { k: 10 });
 */
export async function openIndex(
  index: string | StoreConfig,
  options: { readonly generation?: number } = {},
): Promise<IndexReader> {
  const store = await openStore(typeof index === 'string' ? { uri: index } : index, systemClock);
  return openReader(store, { analyze, clock: systemClock, ...options });
}
