/** Makes every thread of a pool wait for the others, so that none takes two tasks that are meant for one each. */
import { TidemarkError } from './errors.js';

/** How long a thread waits for the others to begin: they are idle, so that only a defect takes longer. */
const BEGIN_MS = 30_000;

/** Shared count of the threads that have begun, and how many there are. */
export interface Rendezvous {
  readonly begun: Int32Array;
  readonly threads: number;
}

/** Returns once all threads are here. Blocks the thread: for worker threads only. */
export function waitForAllThreads({ begun, threads }: Rendezvous): void {
  Atomics.add(begun, 0, 1);
  Atomics.notify(begun, 0);
  for (let count = Atomics.load(begun, 0); count < threads; count = Atomics.load(begun, 0)) {
    if (Atomics.wait(begun, 0, count, BEGIN_MS) === 'timed-out') {
      throw new TidemarkError('internal', `${count} of ${threads} threads began`);
    }
  }
}
