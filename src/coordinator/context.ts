/** What every step of one run works with. */

import type { Clock } from '../base/time.js';
import type { Kernel } from '../kernel/kernel.js';
import type { TaskRunner } from '../merge/context.js';
import type { StoredCompression } from '../segment/compress.js';
import type { Store, StoreConfig } from '../store/store.js';
import type { Phase, PhaseTimer } from './phases.js';
import type { RunDeadline, RunPlan } from './plan-run.js';
import type { KnownTypes } from './resolve-plan.js';
import type { RunMemory } from './run-memory.js';
import type { RunNotes } from './run-notes.js';
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
  /** All that parts of this index may be stored by, the configured way first: a run short of time may have taken another. */
  readonly storedChoices: readonly StoredCompression[];
  /** Plan hashes of parts that are there, by partition time: the committed ones, and what was found besides. */
  readonly keptParts: Map<number, string>;
  /** How the delta is laid out, where the run's plan has decided it. */
  readonly layout?: 'window' | 'tiered' | undefined;
  /** Set where the fold of the window may still be left out: whether so many inputs and bytes are merged before the deadline. */
  readonly foldFits?: ((inputs: number, bytes: number, newDocs: number) => boolean) | undefined;
  readonly notes: RunNotes;
  /** Text bytes of a shard; undefined = chosen by size and threads. The segment's bytes do not depend on it. */
  readonly shardBytes: number | undefined;
  /** Shared with the workers: raised when the run is cancelled. */
  readonly cancel: Int32Array;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: RunProgress) => void;
  readonly memory?: RunMemory;
}

/** What outlives a run. */
export interface RunDependencies {
  readonly source: Store;
  /** Stores of the patch sources, by name. */
  readonly patches?: ReadonlyMap<string, Store> | undefined;
  readonly index: Store;
  readonly pool: TaskRunner;
  readonly clock: Clock;
  /** What earlier runs of this process left; without it a run works everything out anew. */
  readonly memory?: RunMemory;
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
  /** By when the run must have committed; without one nothing is predicted. */
  readonly deadline?: RunDeadline | undefined;
  /** Write a journal of the run under `runs/`, and prune those older than `keepMs`. */
  readonly journal?: { readonly keepMs: number } | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told what the run expects, before the work. */
  readonly onPlan?: (plan: RunPlan) => void;
  readonly onPhase?: (phase: Phase) => void;
  readonly onProgress?: (progress: RunProgress) => void;
  /** Called right before the commit: fails where the run was cancelled, and from then on nothing cancels it. */
  readonly commitTo?: () => void;
}
