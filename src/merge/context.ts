import type { Kernel } from '../kernel/kernel.js';
import type { StoredCompression } from '../segment/compress.js';
import type { ResultKind, TaskResults, WorkerTask } from '../shard/task.js';
import type { StoreConfig } from '../store/store.js';

/**
 * Runs a task on some worker. The pool of threads is one, named here by its shape since stations do not import each other; a
 * simulation runs the same tasks in its own thread.
 */
export interface TaskRunner {
  readonly threads: number;
  /** Shared memory for results. */
  readonly memory: {
    lend(kind: ResultKind): readonly SharedArrayBuffer[];
    takeBack(kind: ResultKind, buffers: readonly SharedArrayBuffer[]): void;
  };
  run<T extends WorkerTask>(task: T, bytes: number): Promise<TaskResults[T['kind']]>;
}

/** What a merge works with. */
export interface MergeContext {
  readonly pool: TaskRunner;
  /** This thread's kernel: dictionaries, columns and ordinals are encoded here, in step with the writing. */
  readonly kernel: Kernel;
  /** Where stored parts are read from. */
  readonly store: StoreConfig;
  /** How stored rows are compressed; blocks of stored parts are copied as they are. */
  readonly stored: StoredCompression;
  /** Bytes of input a merge task reads, where not the usual: cuts never show in the bytes. */
  readonly rangeBytes?: number;
  /** The run's cancel flag. */
  readonly cancel: Int32Array;
}
