/**
 * Worker tasks without threads: the real work of `src/worker/`, in this thread, over a simulated store. One kernel a
 * process, one task at a time on it, as on a pool of one thread.
 */
import { TidemarkError } from '#src/base/errors.js';
import { openInput } from '#src/decode/input.js';
import { Kernel } from '#src/kernel/kernel.js';
import type { TaskRunner } from '#src/merge/context.js';
import { ResultMemory } from '#src/shard/result-memory.js';
import type { ShardTask, TaskResults, WorkerTask } from '#src/shard/task.js';
import { objectSource } from '#src/store/byte-source.js';
import type { Store } from '#src/store/store.js';
import { buildShard, type ReadSlice } from '#src/worker/build-shard.js';
import { compressBlocks } from '#src/worker/compress.js';
import { mergeTerms } from '#src/worker/merge-terms.js';
import { readSlice } from '#src/worker/read-slice.js';
import { columnRequests } from '#src/worker/requests.js';

export interface RunnerStores {
  readonly source: Store;
  readonly index: Store;
  readonly elapsed: () => number;
  /** Resolves when the thread takes the task up; fails where the thread dies in it. */
  readonly begin: (kind: WorkerTask['kind']) => Promise<void>;
}

/** Kernels of processes that are no more; their memory is reset by every task. */
const idleKernels: Kernel[] = [];
const memory = new ResultMemory();

export interface InProcessRunner extends TaskRunner {
  /** Gives the kernel back; no task may be under way. */
  release(): void;
}

export function inProcessRunner(stores: RunnerStores): InProcessRunner {
  const kernel = idleKernels.pop() ?? Kernel.create();
  let last: Promise<unknown> = Promise.resolve();
  return {
    threads: 1,
    memory,
    run<T extends WorkerTask>(task: T): Promise<TaskResults[T['kind']]> {
      const result = last.then(async () => {
        await stores.begin(task.kind);
        return work(task, kernel, stores);
      });
      last = result.catch(() => undefined);
      return result as Promise<TaskResults[T['kind']]>;
    },
    release: () => {
      idleKernels.push(kernel);
    },
  };
}

async function work(task: WorkerTask, kernel: Kernel, { source, index, elapsed }: RunnerStores): Promise<object> {
  switch (task.kind) {
    case 'shard':
      return buildShard(task, kernel, sliceReader(source, task), elapsed);
    case 'merge':
      return mergeTerms(task, kernel, (object, start, end) =>
        index.read(object.key, { start, end, ifMatch: object.etag }),
      );
    case 'compress':
      return compressBlocks(task, kernel);
  }
}

/** As the worker's, but opens an input anew for each slice: inputs that stay open would pass from one process to another. */
function sliceReader(store: Store, task: ShardTask): ReadSlice {
  const columns = columnRequests(task.plan);
  return async (kernel, { object, rowGroup, rowStart, rowEnd }) => {
    const pinned = task.objects[object]!;
    const input = await openInput(objectSource(store, pinned), pinned);
    return readSlice(kernel, input, { rowGroup, rowStart, rowEnd, columns });
  };
}

/** What the coordinator is told of a thread that died. */
export function deadThread(kind: WorkerTask['kind']): TidemarkError {
  return new TidemarkError('worker', `a worker thread ended during a ${kind} task: simulated`);
}
