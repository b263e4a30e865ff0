/** Work whose tasks end with it. */
import { raiseCancel } from '../shard/pool.js';
import type { RunContext } from './context.js';

/** Workers that are still busy when it fails or is stopped have nothing left to work for. */
export async function withCancel<T>(
  { cancel, signal }: Pick<RunContext, 'cancel' | 'signal'>,
  work: () => Promise<T>,
): Promise<T> {
  const stop = () => raiseCancel(cancel);
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await work();
  } catch (error) {
    stop();
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
