/**
 * `heartbeat.json` under the index prefix: what the leader is at. Liveness only: nothing about the index is ever concluded from it,
 * and who reads it compares its LastModified with the store's own clock, never with times in it.
 */

import { z } from 'zod';
import { type Clock, toIso } from '../base/time.js';
import { HEARTBEAT_KEY } from '../manifest/names.js';
import type { Store } from '../store/store.js';

const heartbeatSchema = z.object({
  /** By the leader's clock, for people. */
  time: z.string(),
  epoch: z.number(),
  generation: z.number(),
  tick: z.number(),
  phase: z.string(),
  /** Rises as long as the run gets on: a heart that beats while this stands still outside `idle` is one of a stuck run. */
  progress: z.number(),
  state: z.enum(['running', 'draining', 'released']),
  /** How often it is written. */
  intervalMs: z.number(),
  host: z.string(),
  pid: z.number(),
});

export type Heartbeat = z.output<typeof heartbeatSchema>;

/** Beats a lease lasts: so many may be lost or late before another one takes over. */
const LEASE_BEATS = 4;
/** An HTTP date has whole seconds. */
const DATE_STEP_MS = 1_000;

/** A heartbeat as another process finds it. */
export interface SeenHeartbeat {
  /** Undefined where there is none, or where it cannot be read. */
  readonly heartbeat: Heartbeat | undefined;
  /** Since it was written, by the store's own clock; undefined where there is none. */
  readonly ageMs: number | undefined;
  /** The store's own clock. */
  readonly date: number;
}

/** Two requests. */
export async function readHeartbeat(index: Store, signal?: AbortSignal): Promise<SeenHeartbeat> {
  const page = await index.list({ prefix: HEARTBEAT_KEY, limit: 1, ...(signal && { signal }) });
  const object = page.objects.find(({ key }) => key === HEARTBEAT_KEY);
  if (object === undefined) return { heartbeat: undefined, ageMs: undefined, date: page.date };
  const bytes = await index.read(HEARTBEAT_KEY, signal === undefined ? {} : { signal });
  return { heartbeat: parseHeartbeat(bytes), ageMs: page.date - object.lastModified, date: page.date };
}

function parseHeartbeat(bytes: Uint8Array): Heartbeat | undefined {
  try {
    return heartbeatSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch {
    return undefined;
  }
}

/** How old a heartbeat may be before its leader counts as gone. */
export function leaseMs(intervalMs: number): number {
  return LEASE_BEATS * intervalMs + DATE_STEP_MS;
}

/** What a beat tells besides the time. */
export type Vitals = Omit<Heartbeat, 'time' | 'intervalMs' | 'host' | 'pid'>;

export interface BeatOptions {
  readonly index: Store;
  readonly intervalMs: number;
  readonly host: string;
  readonly pid: number;
  readonly clock: Clock;
  /** What to tell, asked at every beat. */
  readonly vitals: () => Vitals;
  /** Whether the lead is this process's to release: not once another one has taken it. */
  readonly mayRelease: () => boolean;
  /** A beat that failed; the next one tries again. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * Beats until the signal aborts, then once more with `state: released`: whoever waits need not wait for the lease's end. A process that
 * was fenced releases nothing: the heartbeat is another one's by then.
 */
export async function beat(options: BeatOptions, signal: AbortSignal): Promise<void> {
  const { clock, intervalMs, vitals } = options;
  while (!signal.aborted) {
    await beatOnce(options, vitals());
    await clock.sleep(intervalMs, signal).catch(() => undefined);
  }
  if (!options.mayRelease()) return;
  const { heartbeat } = await readHeartbeat(options.index).catch(() => ({ heartbeat: undefined }));
  const last = vitals();
  const isOurs = heartbeat !== undefined && heartbeat.host === options.host && heartbeat.pid === options.pid;
  // A leader of before that woke up may have beaten last.
  if (isOurs || (heartbeat?.epoch ?? 0) < last.epoch) await beatOnce(options, { ...last, state: 'released' });
}

async function beatOnce(
  { index, intervalMs, host, pid, clock, onFailure }: BeatOptions,
  vitals: Vitals,
): Promise<void> {
  const heartbeat: Heartbeat = { time: toIso(clock.now()), ...vitals, intervalMs, host, pid };
  const bytes = new TextEncoder().encode(`${JSON.stringify(heartbeat)}\n`);
  await index.put(HEARTBEAT_KEY, bytes).catch(onFailure);
}
