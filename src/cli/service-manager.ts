/**
 * Tells systemd of the daemon's health (sd_notify). Node has no datagram sockets of the unix kind, and a package with native code would be a
 * lot for three words: the tool that comes with systemd says them, a process every quarter of the time that systemd waits.
 */
import { spawn } from 'node:child_process';
import type { Clock } from '../base/time.js';
import type { DaemonHealth } from '../daemon/watchdog.js';
import type { Log } from '../telemetry/log.js';

const US_PER_MS = 1_000;
/** Of what systemd waits for a sign of life, how often one is given. */
const SIGNS = 4;

/** What systemd sets in the environment of a service. */
export interface ServiceEnvironment {
  readonly NOTIFY_SOCKET?: string | undefined;
  readonly WATCHDOG_USEC?: string | undefined;
}

/** Undefined where no service manager listens. */
export function serviceNotifier(
  { NOTIFY_SOCKET, WATCHDOG_USEC }: ServiceEnvironment,
  clock: Clock,
  log: Log,
): ((health: DaemonHealth) => void) | undefined {
  if (NOTIFY_SOCKET === undefined) return undefined;
  const everyMs = WATCHDOG_USEC === undefined ? Number.POSITIVE_INFINITY : Number(WATCHDOG_USEC) / US_PER_MS / SIGNS;
  let isReady = false;
  let lastMs = Number.NEGATIVE_INFINITY;
  return (health) => {
    if (health === 'stopping') notify('STOPPING=1', log);
    else if (!isReady) {
      isReady = true;
      lastMs = clock.elapsed();
      notify('READY=1', log);
    } else if (clock.elapsed() - lastMs >= everyMs) {
      lastMs = clock.elapsed();
      notify('WATCHDOG=1', log);
    }
  };
}

function notify(word: string, log: Log): void {
  const tool = spawn('systemd-notify', [word], { stdio: 'ignore' });
  tool.on('error', (error) => log.warn({ event: 'not-notified', word }, `systemd was not told: ${error.message}`));
}
