/** What a run did, noted where it was done: what its journal tells and what the next prediction learns from. */
import type { DegradeStep } from '../deadline/ladder.js';

/** One part that the run needed. */
export interface PartNote {
  /** ms since the epoch. */
  readonly time: number;
  /** Plan hash. */
  readonly part: string;
  /** Found complete: nothing was built. */
  readonly cached: boolean;
  readonly objects: number;
  readonly inputBytes: number;
  readonly bytes: number;
  readonly docs: number;
  readonly rejected: number;
  /** ms, of parts that were built: footers read, shards built, segment merged and written. */
  readonly ms?: { readonly read: number; readonly build: number; readonly write: number };
  /** Whether it is stored by the cheaper compression. */
  readonly storedFast?: true;
}

/** One merge of parts, or a delta that was there already. */
export interface MergeNote {
  readonly segment: string;
  readonly cached: boolean;
  readonly inputs: number;
  readonly inputBytes: number;
  readonly ms: number;
}

export class RunNotes {
  readonly parts: PartNote[] = [];
  readonly merges: MergeNote[] = [];
  /** Steps of the degrade ladder taken. */
  readonly steps: DegradeStep[] = [];
}
