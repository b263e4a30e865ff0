/** What the runs of one process share: stores, worker threads, and the settings of one index. */
import { availableParallelism } from 'node:os';
import type { Config, IndexConfig } from '../config/config.js';
import type { RunDependencies } from '../coordinator/run.js';
import type { IndexSettings } from '../coordinator/settings.js';
import { poolLanes, type TaskPool } from '../shard/lanes.js';
import { Pool } from '../shard/pool.js';
import { openStore } from '../store/open.js';
import { refuseUnconditional } from './conditional-writes.js';
import { indexSettings } from './settings.js';
import type { CommandContext } from './terminal.js';

/** Share of `build.memory` that may be input on its way through the pool: decoded and built, it takes several times that. */
const IN_FLIGHT_SHARE = 1 / 8;

/** One index, ready to run. */
export interface IndexSession {
  readonly name: string;
  readonly deps: RunDependencies;
  readonly settings: IndexSettings;
}

export interface Session {
  /** By priority, highest first. */
  readonly indexes: readonly IndexSession[];
  readonly pool: Pool;
  close(): Promise<void>;
}

/** Bytes of input that a pool may have at work or waiting. */
export function inFlightBytes({ build }: Config): number {
  return Math.floor(build.memoryBytes * IN_FLIGHT_SHARE);
}

/** The threads that a configuration asks for. */
export function openPool(config: Config): Pool {
  const threads = config.build.threads === 'auto' ? availableParallelism() : config.build.threads;
  return new Pool({ threads, maxBytesInFlight: inFlightBytes(config) });
}

/** Opens everything; fails with code `config` on a store that would let two writers win the same commit. */
export async function openSession(
  config: Config,
  context: CommandContext,
  pool: Pool = openPool(config),
): Promise<Session> {
  const indexes: IndexSession[] = [];
  const close = async () => {
    for (const { deps } of indexes) {
      deps.source.close();
      deps.index.close();
    }
    await pool.close();
  };
  try {
    const byPriority = config.indexes.toSorted((a, b) => b.priority - a.priority);
    const lanes = poolLanes(
      pool,
      byPriority.map(({ priority }) => priority),
      inFlightBytes(config),
    );
    for (const [at, index] of byPriority.entries()) indexes.push(await openIndex(config, index, lanes[at]!, context));
    return { indexes, pool, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function openIndex(
  config: Config,
  index: IndexConfig,
  pool: TaskPool,
  { clock, signal }: CommandContext,
): Promise<IndexSession> {
  const source = await openStore(index.source.store, clock);
  const store = await openStore(index.index.store, clock);
  await refuseUnconditional(store, signal);
  return { name: index.name, deps: { source, index: store, pool, clock }, settings: indexSettings(config, index) };
}
