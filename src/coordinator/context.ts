/** What every step of one run works with. */

import type { Clock } from '../base/time.js';
import type { Kernel } from '../kernel/kernel.js';
import type { TaskRunner } from '../merge/context.js';
import type { StoredCompression } from '../segment/compress.js';
import type { Store, StoreConfig } from '../store/store.js';
import type { Phase, PhaseTimer } from './phases.js';
import type { KnownTypes } from './resolve-plan.js';
import type { SchemaSettings } from './settings.js';

/** What a run tells while it works. */
export interface RunProgress {
  /** Documents of a finished shard, and how many shards the partition has. */
  readonly docs: number;
  readonly shards: number;
}

export interface RunContext {
  readonly source: Store;
  readonly sourceConfig: StoreConfig;
  readonly index: Store;
  readonly indexConfig: StoreConfig;
  readonly pool: TaskRunner;
  /** This thread's kernel. */
  readonly kernel: Kernel;
  readonly clock: Clock;
  readonly phases: PhaseTimer;
  readonly schema: SchemaSettings;
  /** Schema fingerprint: what may not differ between base and delta. */
  readonly fingerprint: string;
  readonly knownTypes: KnownTypes;
  readonly maxRejectRatio: number;
  /** Objects that the newest manifest names: they are as they were committed, and nobody collects them while it is the newest. */
  readonly named: ReadonlySet<string>;
  readonly keepMs: number;
  /** How stored fields are compressed: it decides bytes, and so the names of parts. */
  readonly stored: StoredCompression;
  /** Text bytes of a shard; undefined = chosen by size and threads. The segment's bytes do not depend on it. */
  readonly shardBytes: number | undefined;
  /** Shared with the workers: raised when the run is cancelled. */
  readonly cancel: Int32Array;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: RunProgress) => void;
}

/** What outlives a run. */
export interface RunDependencies {
  readonly source: Store;
  /** Stores of the patch sources, by name. */
  readonly patches?: ReadonlyMap<string, Store> | undefined;
  readonly index: Store;
  readonly pool: TaskRunner;
  readonly clock: Clock;
}

export interface RunOptions {
  /** Build everything that is ready as a new base. */
  readonly base: boolean;
  /** Commit without the partitions whose data is bad. */
  readonly passOver: boolean;
  /** Partitions after this instant are left alone, ms since the epoch. */
  readonly until?: number | undefined;
  /** Epoch to commit under; that of the newest manifest unless told. */
  readonly epoch?: number | undefined;
  /** Commit though the gate refuses. */
  readonly forceGate?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onPhase?: (phase: Phase) => void;
  readonly onProgress?: (progress: RunProgress) => void;
}
