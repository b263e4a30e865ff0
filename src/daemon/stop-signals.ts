/** A request to stop, taken gracefully: runs at work may finish, but not for ever. */
import type { Clock } from '../base/time.js';

export interface StopSignals {
  /** Aborts when the daemon is to leave at a tick boundary. */
  readonly drain: AbortSignal;
  /** Aborts when it is to leave at once: `graceMs` after it was asked to stop. */
  readonly hard: AbortSignal;
  /** Makes it leave at a tick boundary, however long that takes: a planned restart. */
  leave(): void;
  /** The same as a request to stop. */
  stop(): void;
  /** Lets go of the timer. */
  done(): void;
}

export function stopSignals(request: AbortSignal, graceMs: number, clock: Clock): StopSignals {
  const drain = new AbortController();
  const hard = new AbortController();
  const over = new AbortController();
  let isStopping = false;
  const stop = () => {
    drain.abort(request.reason);
    if (isStopping) return;
    isStopping = true;
    clock.sleep(graceMs, over.signal).then(
      () => hard.abort(request.reason),
      () => undefined,
    );
  };
  if (request.aborted) stop();
  request.addEventListener('abort', stop, { once: true });
  return { drain: drain.signal, hard: hard.signal, leave: () => drain.abort(), stop, done: () => over.abort() };
}
