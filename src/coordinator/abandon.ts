/** `onMiss: abandon`: a run that is cancelled at its deadline, on the injected clock. */
import { TidemarkError } from '../base/errors.js';
import type { Clock } from '../base/time.js';
import type { RunDeadline } from './plan-run.js';

/** After so many abandoned runs in a row the next one is finished: a partition whose part alone takes longer must not wait for ever. */
export const MAX_ABANDONED = 2;

/** The signal to work under, and the last chance to stop before the commit. */
export interface Cancellable {
  readonly signal: AbortSignal;
  /** From here on the run is finished, whatever the time: a commit is not cancelled half-way. Fails where it was abandoned before. */
  commitTo(): void;
}

/** Does `work`, cancelled when the deadline passes; then fails with code `deadline`. */
export async function untilDeadline<T>(
  clock: Clock,
  { tickMs, budgetMs }: RunDeadline,
  signal: AbortSignal,
  work: (run: Cancellable) => Promise<T>,
): Promise<T> {
  const run = new AbortController();
  const timer = new AbortController();
  const forward = () => run.abort(signal.reason);
  if (signal.aborted) forward();
  signal.addEventListener('abort', forward, { once: true });
  const missed = new TidemarkError('deadline', `the run was abandoned at its deadline of ${budgetMs} ms`, {
    fix: 'the parts that were finished are kept, and the next tick goes on from them; raise trigger.deadline if it comes to that often',
  });
  const waitMs = Math.max(0, tickMs + budgetMs - clock.elapsed());
  clock.sleep(waitMs, timer.signal).then(
    () => run.abort(missed),
    () => undefined,
  );
  const commitTo = () => {
    run.signal.throwIfAborted();
    timer.abort();
  };
  try {
    return await work({ signal: run.signal, commitTo });
  } catch (error) {
    // Whatever a worker or a store says of having been stopped: this is why.
    throw run.signal.reason === missed ? missed : error;
  } finally {
    timer.abort();
    signal.removeEventListener('abort', forward);
  }
}
