/**
 * What a process forked by `tune-rig.ts` runs: one candidate's threads and kernels, kept warm, one build a message. A process of its
 * own for every candidate, since WebAssembly memory never shrinks: only so is its peak memory its own.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { toPlainError } from '../base/errors.js';
import { systemClock } from '../base/time.js';
import type { IndexSettings } from '../coordinator/settings.js';
import { Pool } from '../shard/pool.js';
import { openStore } from '../store/open.js';
import type { Store } from '../store/store.js';
import { buildOnce } from '../tune/build-once.js';
import type { Candidate } from '../tune/candidate.js';
import type { Measurement } from '../tune/measurement.js';
import { configOf } from './build-flags.js';
import { inFlightBytes } from './session.js';
import { indexSettings } from './settings.js';
import type { RigAnswer, RigOrder, RigRequest } from './tune-rig.js';

/** Everything a build needs, opened once. */
interface Open {
  readonly candidate: Candidate;
  readonly settings: IndexSettings;
  readonly source: Store;
  readonly pool: Pool;
  readonly scratch: string;
}

let opened: Open | undefined;

async function open({ flags, candidate, scratch }: Extract<RigOrder, { kind: 'open' }>): Promise<Open> {
  const config = await configOf(flags, 'tune');
  const settings = indexSettings(config, config.indexes[0]!);
  const source = await openStore(settings.source.store, systemClock);
  const pool = new Pool({ threads: candidate.threads, maxBytesInFlight: inFlightBytes(config) });
  return { candidate, settings, source, pool, scratch };
}

const meter = {
  cpuMs: () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  },
  peakBytes: () => process.resourceUsage().maxRSS * 1024,
};

/** The scratch index is left as it is after the build, for whoever looks into it, and emptied before the next one. */
async function build(open: Open, partition: number): Promise<Measurement> {
  const { candidate, settings, source, pool, scratch } = open;
  const uri = join(scratch, 'index');
  rmSync(uri, { recursive: true, force: true });
  const index = await openStore({ uri }, systemClock);
  const { signal } = new AbortController();
  const bench = { source, index, indexConfig: { uri }, pool, clock: systemClock, meter, signal };
  return buildOnce(bench, settings, candidate, partition);
}

async function obey(order: RigOrder): Promise<Measurement | undefined> {
  if (order.kind === 'build') return build(opened!, order.partition);
  opened = await open(order);
  return undefined;
}

process.on('message', (request: RigRequest) => {
  const send = (answer: RigAnswer) => process.send!(answer);
  obey(request.order).then(
    (measurement) => send({ id: request.id, measurement }),
    (error: unknown) => send({ id: request.id, error: toPlainError(error) }),
  );
});
// Whoever asked for builds is gone: nobody wants them any more.
process.on('disconnect', () => process.exit(0));
