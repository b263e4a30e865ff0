/** Golden queries: asked of the sealed generation before anyone else may, by the code that readers use. */

import { TidemarkError } from '../base/errors.js';
import type { Clock } from '../base/time.js';
import { analyze } from '../kernel/analyze.js';
import type { Manifest } from '../manifest/manifest.js';
import { count } from '../search/search.js';
import { openSnapshot } from '../search/snapshot.js';
import { LiveStatisticsCache } from '../search/statistics.js';
import type { Store } from '../store/store.js';
import type { GoldenQuery } from './settings.js';

/** Fails with code `gate` where a query finds less than it must; nothing is read where there is none. */
export async function askGoldenQueries(
  store: Store,
  clock: Clock,
  manifest: Manifest,
  queries: readonly GoldenQuery[],
): Promise<void> {
  if (queries.length === 0) return;
  const snapshot = await openSnapshot(store, manifest);
  const context = { snapshot, analyze, clock, liveStatistics: new LiveStatisticsCache(snapshot.segments) };
  for (const { query, minTotal } of queries) {
    const total = await count(context, query);
    if (total >= minTotal) continue;
    throw new TidemarkError('gate', `the golden query '${query}' finds ${total} documents of at least ${minTotal}`, {
      fix: 'find out what is missing; change gate.queries if that is right, or pass the gate once: --force-gate',
    });
  }
}
