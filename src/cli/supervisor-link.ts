/** The channel to the watchdog that started this process, if one did. */
import type { SupervisorLink } from '../daemon/handover.js';
import { CHILD_VARIABLE, type FromWatchdog, isFromWatchdog } from '../daemon/supervision.js';

/** Undefined where nobody watches, or somebody else's channel is open. */
export function supervisorLink(): SupervisorLink | undefined {
  if (process.env[CHILD_VARIABLE] === undefined || process.send === undefined) return undefined;
  const hearers: ((message: FromWatchdog) => void)[] = [];
  let isClosing = false;
  process.on('message', (message) => {
    if (isFromWatchdog(message)) for (const hear of hearers) hear(message);
  });
  return {
    // A watchdog that is gone hears nothing; the channel tells of that by itself.
    tell: (message) => {
      if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
    },
    onMessage: (hear) => hearers.push(hear),
    onGone: (hear) =>
      process.once('disconnect', () => {
        if (!isClosing) hear();
      }),
    close: () => {
      isClosing = true;
      if (process.connected) process.disconnect();
    },
  };
}
