import { TidemarkError } from '../base/errors.js';

/** Throws where the run's shared cancel flag is raised: cancelling is cooperative, a thread is never aborted mid-work. */
export function checkCancel(flag: Int32Array): void {
  if (Atomics.load(flag, 0) !== 0) throw new TidemarkError('cancelled', 'the run was cancelled');
}
