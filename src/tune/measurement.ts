/** What one build of one candidate cost, and who measures it. */

import type { Phase } from '../coordinator/phases.js';
import type { Candidate } from './candidate.js';

/** A phase's share of a build, ms. */
export interface PhaseUse {
  readonly wallMs: number;
  /** Of all threads of the process. */
  readonly cpuMs: number;
}

export interface Measurement {
  /** From listing the partition to the committed manifest. */
  readonly latencyMs: number;
  readonly cpuMs: number;
  readonly segmentBytes: number;
  /** Most memory the process ever held. */
  readonly peakBytes: number;
  readonly docs: number;
  readonly shards: number;
  readonly phases: Readonly<Record<Phase, PhaseUse>>;
}

/** Builds partitions by candidates. The search knows nothing else of the world. */
export interface Rig {
  /** One build of the partition of that time; what the first one of a candidate has to warm up is done before it. */
  measure(candidate: Candidate, partition: number): Promise<Measurement>;
  /** Lets go of what a candidate holds; measuring it again starts afresh. */
  release(candidate: Candidate): Promise<void>;
}
