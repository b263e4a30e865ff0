/** A signal for one run: what listens to it goes with the run, while the process's own signal lives for months. */

/** Hands `work` a signal that aborts with `signal`, and lets go of `signal` afterwards. */
export async function withRunSignal<T>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const forward = () => controller.abort(signal.reason);
  if (signal.aborted) forward();
  signal.addEventListener('abort', forward, { once: true });
  try {
    return await work(controller.signal);
  } finally {
    signal.removeEventListener('abort', forward);
  }
}
