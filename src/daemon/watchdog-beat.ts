/** The heartbeat towards the watchdog: sent from the event loop itself, so that it stops when that stands still. */
import type { Clock } from '../base/time.js';
import type { Pulse } from './pulse.js';
import type { FromDaemon, HandedGrid } from './supervision.js';

const BEAT_MS = 250;

/** Beats until the signal aborts. */
export async function beatToWatchdog(
  pulse: Pulse,
  readGrid: () => HandedGrid | undefined,
  tell: (message: FromDaemon) => void,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const send = () => tell({ kind: 'beat', indexes: pulse.indexes, grid: readGrid() });
  // Of a daemon that gets stuck, the last beat is to say where.
  pulse.onPhase(send);
  while (!signal.aborted) {
    send();
    await clock.sleep(BEAT_MS, signal).catch(() => undefined);
  }
}
