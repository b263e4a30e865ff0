/**
 * The worker pool: threads kept warm between runs, tasks in, answers out, a cancel flag that all tasks of a run share.
 *
 * min = max threads and no idle time-out, since an idle thread that ended would make the next trigger pay for its kernel anew.
 * A dead worker rejects its task as a `worker` error; Piscina replaces the thread, so the next run works.
 */

import { channel } from 'node:diagnostics_channel';
import { Piscina } from 'piscina';
import { fromPlainError, TidemarkError } from '../base/errors.js';
import { sharedUs } from '../base/time.js';
import { ByteCredits } from './credits.js';
import { ResultMemory } from './result-memory.js';
import type { EachTask, TaskResults, TaskSpan, WorkerAnswer, WorkerTask } from './task.js';

/** Tells of every finished task as a `PoolTask`; costs nothing while nobody listens. */
export const poolTasks = channel('tidemark.pool');

/** One task's way through the pool, µs on the shared clock: asked for, let in by the byte credits, run, answered. */
export interface PoolTask {
  readonly task: WorkerTask;
  readonly bytes: number;
  readonly askedUs: number;
  readonly postedUs: number;
  readonly span: TaskSpan;
  readonly answeredUs: number;
  /** Undefined where the task failed. */
  readonly value: unknown;
}

export interface PoolOptions {
  /** Worker threads, at least 1. */
  readonly threads: number;
  /** Bytes of input that may be at work or waiting in the pool at once. */
  readonly maxBytesInFlight: number;
}

export class Pool {
  private readonly piscina: Piscina<WorkerTask | EachTask, WorkerAnswer<unknown>>;
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

  /** Runs one task that holds about `bytes`, and tells when it ran; rejects with the worker's own error, or `worker` where the thread died. */
  async run<T extends WorkerTask>(
    task: T,
    bytes: number,
    onSpan?: (span: TaskSpan) => void,
  ): Promise<TaskResults[T['kind']]> {
    const askedUs = poolTasks.hasSubscribers ? sharedUs() : 0;
    await this.credits.take(bytes);
    const postedUs = poolTasks.hasSubscribers ? sharedUs() : 0;
    try {
      const answer = await this.ask(task);
      onSpan?.(answer.span);
      if (poolTasks.hasSubscribers) {
        const value = answer.ok ? answer.value : undefined;
        const told: PoolTask = { task, bytes, askedUs, postedUs, span: answer.span, answeredUs: sharedUs(), value };
        poolTasks.publish(told);
      }
      return unwrapped(answer) as TaskResults[T['kind']];
    } finally {
      this.credits.give(bytes);
    }
  }

  /** Calls the default export of `module` once in every thread; the pool must be idle. Answers come in no order. */
  everyThread(module: string, argument: unknown): Promise<object[]> {
    const begun = new Int32Array(new SharedArrayBuffer(4));
    const { threads } = this;
    const task: EachTask = { kind: 'each', module, argument, begun, threads };
    return Promise.all(Array.from({ length: threads }, async () => unwrapped(await this.ask(task)) as object));
  }

  /** Makes every thread ready for its first task; the pool must be idle. */
  async warm(): Promise<void> {
    await this.everyThread(new URL('../worker/warm.js', import.meta.url).href, undefined);
  }

  private ask(task: WorkerTask | EachTask): Promise<WorkerAnswer<unknown>> {
    return this.piscina.run(task).catch((cause: unknown) => {
      throw new TidemarkError('worker', `a worker thread ended during a ${task.kind} task: ${messageOf(cause)}`, {
        fix: 'the run fails as a whole and the next one starts with a fresh thread',
        cause,
      });
    });
  }

  /** Ends the threads; running tasks are rejected. */
  async close(): Promise<void> {
    await this.piscina.destroy();
  }
}

function unwrapped(answer: WorkerAnswer<unknown>): unknown {
  if (!answer.ok) throw fromPlainError(answer.error);
  return answer.value;
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
