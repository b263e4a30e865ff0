/** Waiting for the lead: a standby follows the leader's heartbeat, and takes the next epoch once that is stale by the store's own clock. */

import type { Clock } from '../base/time.js';
import { takeLead } from '../commit/take-lead.js';
import { readNewest } from '../manifest/newest.js';
import type { Store } from '../store/store.js';
import type { Log } from '../telemetry/log.js';
import { leaseMs, readHeartbeat, type SeenHeartbeat } from './heartbeat.js';

export interface StandbyOptions {
  readonly name: string;
  readonly index: Store;
  /** How often to look; also the beat of a leader that has told none. */
  readonly intervalMs: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/**
 * Resolves with the epoch taken, undefined where the index has no generation to take over; rejects with the signal's reason. Of
 * several standbys one takes the lead, and the others go on waiting.
 */
export async function awaitLead(options: StandbyOptions): Promise<number | undefined> {
  const { name, index, clock, log, signal } = options;
  log.info({ event: 'standby', index: name }, 'standing by: another daemon leads as long as its heart beats');
  let missingSince: number | undefined;
  for (;;) {
    const seen = await readHeartbeat(index, signal);
    missingSince = seen.ageMs === undefined ? (missingSince ?? seen.date) : undefined;
    const why = reasonToTake(seen, missingSince, options.intervalMs);
    if (why !== undefined) {
      const taken = await tryTake(options, why);
      if (taken !== 'lost') return taken.epoch;
    }
    await clock.sleep(seen.heartbeat?.intervalMs ?? options.intervalMs, signal);
  }
}

/** Why the leader counts as gone; undefined while it does not. */
function reasonToTake(seen: SeenHeartbeat, missingSince: number | undefined, ownMs: number): string | undefined {
  const { heartbeat, ageMs, date } = seen;
  if (heartbeat?.state === 'released') return 'the leader has released it';
  const lease = leaseMs(heartbeat?.intervalMs ?? ownMs);
  if (ageMs !== undefined)
    return ageMs > lease ? `the heartbeat is ${ageMs} ms old and the lease is ${lease} ms` : undefined;
  return date - missingSince! > lease ? `there was no heartbeat for ${date - missingSince!} ms` : undefined;
}

/** `lost`: somebody else took the lead, or the leader was there after all. */
async function tryTake(
  { name, index, clock, log, signal }: StandbyOptions,
  why: string,
): Promise<{ readonly epoch: number | undefined } | 'lost'> {
  const newest = await readNewest(index, { signal });
  if (newest === undefined) {
    log.warn({ event: 'lead', index: name }, `taking the lead of an index without a generation: ${why}`);
    return { epoch: undefined };
  }
  const taken = await takeLead(index, newest.epoch, () => clock.now(), signal);
  if (taken === undefined) return 'lost';
  const { epoch, generation } = taken;
  log.warn({ event: 'lead', index: name, epoch, generation }, `took the lead under epoch ${epoch}: ${why}`);
  return { epoch };
}
