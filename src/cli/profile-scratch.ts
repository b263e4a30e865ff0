/** Builds beside the profiled one, into scratch indexes that are removed again: to warm threads up, and to measure what recording costs. */
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { sharedUs } from '../base/time.js';
import type { Config } from '../config/config.js';
import { runOnce } from '../coordinator/run.js';
import { measureOverhead, type Overhead, type RunCost } from '../profile/overhead.js';
import { type RecordOptions, record } from '../profile/record.js';
import type { Pool } from '../shard/pool.js';
import { openStore } from '../store/open.js';
import type { ProfileOptions } from './commands/profile.js';
import { openPool } from './session.js';
import { indexSettings } from './settings.js';
import type { CommandContext } from './terminal.js';

export interface ScratchOptions {
  readonly config: Config;
  readonly options: ProfileOptions;
  readonly context: CommandContext;
  readonly recorder: RecordOptions;
}

const US_PER_MS = 1000;

/** One recorded build, so that the threads' stores are opened while somebody listens; what it recorded is let go. */
export function warmUp(scratch: ScratchOptions): Promise<RunCost> {
  return inFolder(scratch, (folder) => recordedRun(scratch, folder));
}

/** Each of both sides has threads of its own, warmed up by one run that does not count. */
export function overheadOf(scratch: ScratchOptions): Promise<Overhead> {
  return inFolder(scratch, async (folder) => {
    const pool = openPool(scratch.config);
    try {
      const plain = () => plainRun(scratch, pool, folder);
      const recorded = () => recordedRun(scratch, folder);
      await plain();
      await recorded();
      return await measureOverhead(scratch.options.pairs, plain, recorded);
    } finally {
      await pool.close();
    }
  });
}

/** Next to the profile, so that it is the reader's choice of a disk. */
async function inFolder<T>({ options }: ScratchOptions, work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(options.out, 'scratch-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function recordedRun(scratch: ScratchOptions, folder: string): Promise<RunCost> {
  const { result } = await record(scratch.recorder, () => plainRun(scratch, scratch.recorder.pool, folder));
  return result;
}

/** The first index built from nothing: with stores of its own, since whether they tell of their calls is settled as they open. */
async function plainRun({ config, options, context }: ScratchOptions, pool: Pool, folder: string): Promise<RunCost> {
  const { clock, signal } = context;
  const { base = false, passOver = false, until } = options;
  const index = await mkdtemp(join(folder, 'index-'));
  const settings = { ...indexSettings(config, config.indexes[0]!), index: { uri: index } };
  const source = await openStore(settings.source.store, clock);
  const store = await openStore(settings.index, clock);
  try {
    const startUs = sharedUs();
    const before = process.cpuUsage();
    await runOnce({ source, index: store, pool, clock }, settings, { base, passOver, until, signal });
    const { user, system } = process.cpuUsage(before);
    return { wallMs: (sharedUs() - startUs) / US_PER_MS, cpuMs: (user + system) / US_PER_MS };
  } finally {
    source.close();
    store.close();
    await rm(index, { recursive: true, force: true });
  }
}
