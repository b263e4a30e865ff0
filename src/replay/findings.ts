import { describeError } from '../base/errors.js';

/** What became of one object of the generation. */
export interface Finding {
  /** Key under the index prefix. */
  readonly object: string;
  /** `missing`: it could not be made again. `taken`: it was not asked for. */
  readonly verdict: 'same' | 'different' | 'missing' | 'taken';
  /** SHA-256 of what is the same; else what is wrong, in words. */
  readonly detail: string;
}

export function unreadable(object: string, error: unknown): Finding {
  return { object, verdict: 'missing', detail: describeError(error) };
}
