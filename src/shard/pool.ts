/**
 * The worker pool: threads kept warm between runs, tasks in, answers out, a cancel flag that all tasks of a run share.
 *
 * min = max threads and no idle time-out, since an idle thread that ended would make the next trigger pay for its kernel anew.
 * A dead worker rejects its task as a `worker` error; Piscina replaces the thread, so the next run works.
 */

import { Piscina } from 'piscina';
import { fromPlainError, TidemarkError } from '../base/errors.js';
import { ByteCredits } from './credits.js';
import { ResultMemory } from './result-memory.js';
import type { TaskResults, WorkerAnswer, WorkerTask } from './task.js';

export interface PoolOptions {
  /** Worker threads, at least 1. */
  readonly threads: number;
  /** Bytes of input that may be at work or waiting in the pool at once. */
  readonly maxBytesInFlight: number;
}

export class Pool {
  private readonly piscina: Piscina<WorkerTask, WorkerAnswer<unknown>>;
  private readonly credits: ByteCredits;
  readonly threads: number;
  /** Shared memory of results, lent to tasks. */
  readonly memory = new ResultMemory();

  constructor(options: PoolOptions) {
    this.threads = options.threads;
    this.credits = new ByteCredits(options.maxBytesInFlight);
    this.piscina = new Piscina({
      filename: new URL('../worker/entry.js', import.meta.url).href,
      minThreads: options.threads,
      maxThreads: options.threads,
      idleTimeout: Number.POSITIVE_INFINITY,
      concurrentTasksPerWorker: 1,
      recordTiming: false,
    });
    // A thread that dies outside a task: its tasks are rejected one by one, and an unheard 'error' would end the process.
    this.piscina.on('error', () => undefined);
  }

  /** Threads of the operating system, for profiles and tests. */
  get workers(): Piscina['threads'] {
    return this.piscina.threads;
  }

  /** Bytes of tasks at work or waiting. */
  get bytesInFlight(): number {
    return this.credits.inFlight;
  }

  /** Runs one task that holds about `bytes`; rejects with the worker's own error, or `worker` where the thread died. */
  async run<T extends WorkerTask>(task: T, bytes: number): Promise<TaskResults[T['kind']]> {
    await this.credits.take(bytes);
    try {
      const answer = await this.piscina.run(task).catch((cause: unknown) => {
        throw new TidemarkError('worker', `a worker thread ended during a ${task.kind} task: ${messageOf(cause)}`, {
          fix: 'the run fails as a whole and the next one starts with a fresh thread',
          cause,
        });
      });
      if (!answer.ok) throw fromPlainError(answer.error);
      return answer.value as TaskResults[T['kind']];
    } finally {
      this.credits.give(bytes);
    }
  }

  /** Ends the threads; running tasks are rejected. */
  async close(): Promise<void> {
    await this.piscina.destroy();
  }
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

/** A fresh cancel flag for one run, seen by every worker. */
export function cancelFlag(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(4));
}

/** Raises the flag: tasks at work stop at their next check. */
export function raiseCancel(flag: Int32Array): void {
  Atomics.store(flag, 0, 1);
}
