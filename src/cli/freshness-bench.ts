/** What a replayed day stands on: stores in a scratch folder under a virtual clock, tiny partitions of real rows, one pool for all. */
import { join } from 'node:path';
import type { Clock } from '../base/time.js';
import { runOnce } from '../coordinator/run.js';
import type { DaemonParameters, DayBench } from '../freshness/daemon-day.js';
import { VirtualClock } from '../freshness/virtual-clock.js';
import type { Pool } from '../shard/pool.js';
import { openStore } from '../store/open.js';
import type { Store } from '../store/store.js';
import { freshnessConfig, generatedKey, generatePartitions } from './freshness-index.js';
import { indexSettings } from './settings.js';

/** Enough for updates and deletions among them, and few enough that a day of builds takes seconds. */
const ROWS = 12;

/** Data for every partition of the day, shared by all replays. */
export async function dayData(folder: string, partitions: number, seed: number, clock: Clock, signal: AbortSignal) {
  const store = await openStore({ uri: join(folder, 'data') }, clock);
  await generatePartitions(store, { count: partitions, docs: ROWS, seed, signal });
  return store;
}

/** Stores of their own for one replay. */
export async function openDayBench(
  folder: string,
  data: Store,
  { settleMs }: DaemonParameters,
  startMs: number,
  pool: Pool,
  signal: AbortSignal,
): Promise<DayBench> {
  const clock = new VirtualClock(startMs);
  const uris = { source: join(folder, 'source'), index: join(folder, 'index') };
  const config = freshnessConfig(uris.source, uris.index, `${settleMs}ms`);
  // A dozen rows a partition say nothing of ratios.
  const settings = { ...indexSettings(config, config.indexes[0]!), gate: { minDocRatio: 0, maxKillRatio: 1 } };
  const [source, index] = [await openStore({ uri: uris.source }, clock), await openStore({ uri: uris.index }, clock)];
  const depsOf = (from: Store, to: Store) => ({ source: from, index: to, pool, clock });
  return {
    ...{ clock, source, index, signal },
    template: settings.source.partition,
    indexOf: (from, to) => ({ name: 'day', deps: depsOf(from, to), settings }),
    moveBase: async (from, to, until) => {
      await runOnce(depsOf(from, to), settings, { base: true, passOver: false, until, signal });
    },
    bytesOf: (n) => data.read(generatedKey(n)),
  };
}
