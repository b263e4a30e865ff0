/**
 * What a pool thread runs: one task in, one answer out. Kernel, stores and open inputs live as long as the thread, so that a
 * warm worker pays for none of them; a kernel that trapped is thrown away.
 */

import { move, transferableSymbol, valueSymbol } from 'piscina';
import { TidemarkError, toPlainError } from '../base/errors.js';
import { systemClock } from '../base/time.js';
import { discardKernel, isKernelTrap, threadKernel } from '../kernel/kernel.js';
import type { TaskResults, WorkerAnswer, WorkerTask } from '../shard/task.js';
import { openStore } from '../store/open.js';
import type { Store, StoreConfig } from '../store/store.js';
import { buildShard } from './build-shard.js';
import { compressBlocks } from './compress.js';
import { sliceReader } from './inputs.js';
import { mergeTerms } from './merge-terms.js';

const stores = new Map<string, Promise<Store>>();

function storeOf(config: StoreConfig): Promise<Store> {
  const key = JSON.stringify(config);
  const held = stores.get(key);
  if (held !== undefined) return held;
  const opening = openStore(config, systemClock);
  stores.set(key, opening);
  // A store that could not be opened is tried afresh by the next task.
  opening.catch(() => stores.delete(key));
  return opening;
}

async function runTask(task: WorkerTask): Promise<TaskResults[WorkerTask['kind']]> {
  switch (task.kind) {
    case 'shard': {
      const store = await storeOf(task.store);
      return buildShard(task, threadKernel(), sliceReader(store, task), systemClock.elapsed);
    }
    case 'merge': {
      const store = await storeOf(task.store);
      return mergeTerms(task, threadKernel(), (object, start, end) =>
        store.read(object.key, { start, end, ifMatch: object.etag }),
      );
    }
    case 'compress':
      return compressBlocks(task, threadKernel());
  }
}

/** Wraps a result so that the pool moves its buffers; shared ones are seen by both sides as they are. */
function moved(result: TaskResults[WorkerTask['kind']]): WorkerAnswer<unknown> {
  const buffers = new Set<ArrayBuffer>();
  for (const value of Object.values(result)) {
    if (ArrayBuffer.isView(value) && value.buffer instanceof ArrayBuffer) buffers.add(value.buffer);
  }
  const answer: WorkerAnswer<unknown> = { ok: true, value: result };
  return move({ [transferableSymbol]: [...buffers], [valueSymbol]: answer } as never) as never;
}

/** The pool's only function. */
export default async function work(task: WorkerTask): Promise<WorkerAnswer<unknown>> {
  try {
    return moved(await runTask(task));
  } catch (error) {
    if (isKernelTrap(error)) {
      discardKernel();
      return { ok: false, error: toPlainError(trapError(task, error)) };
    }
    return { ok: false, error: toPlainError(error) };
  }
}

function trapError(task: WorkerTask, cause: Error): TidemarkError {
  const objects = task.kind === 'shard' ? task.objects.map(({ key }) => key).join(', ') : undefined;
  return new TidemarkError('worker', `the kernel trapped in a ${task.kind} task: ${cause.message}`, {
    where: { objects },
    fix: 'this is a defect or a lack of memory; make shards smaller (build.shardBytes) and report the input',
    cause,
  });
}
