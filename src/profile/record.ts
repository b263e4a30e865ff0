/** Records whatever a pool and the main thread do while some work is under way. */

import { TidemarkError } from '../base/errors.js';
import { type Clock, sharedUs } from '../base/time.js';
import { type PhaseSpan, phaseSpans } from '../coordinator/phases.js';
import { heldKernelBytes } from '../kernel/kernel.js';
import { type Pool, type PoolTask, poolTasks } from '../shard/pool.js';
import type {
  KernelSample,
  MemorySample,
  Recording,
  RunSpan,
  SamplingOptions,
  TaskRecord,
  ThreadRecording,
} from './recording.js';
import { taskRecord } from './task-record.js';
import type { ThreadReply, ThreadRequest } from './thread.js';
import { startRecording, stopRecording } from './thread-recorder.js';

/** The main thread's number, as Node counts threads. */
const MAIN = 0;

/** Asking for the memory figures takes 30 us: at this step 0.15 % of the main thread. */
const MEMORY_STEP_MS = 20;

export type MemoryFigures = Omit<MemorySample, 'atUs'>;

export interface RecordOptions {
  /** Idle, and alone at work while the recording lasts. */
  readonly pool: Pool;
  readonly clock: Clock;
  readonly sampling: SamplingOptions;
  /** Memory of the process by now. */
  readonly memory: () => MemoryFigures;
}

/** Tells the recording of one run's begin and end. */
export type NoteRun = (label: string, startUs: number) => void;

/** Everything the main thread hears of while it works. */
class Listener {
  readonly phases: PhaseSpan[] = [];
  readonly tasks: TaskRecord[] = [];
  readonly kernels: KernelSample[] = [];
  readonly memory: MemorySample[] = [];
  readonly #stop = new AbortController();

  constructor(private readonly options: RecordOptions) {}

  readonly #onPhase = (span: unknown) => {
    this.phases.push(span as PhaseSpan);
  };

  readonly #onTask = (told: unknown) => {
    const { span } = told as PoolTask;
    this.tasks.push(taskRecord(told as PoolTask));
    this.kernels.push({ atUs: span.endUs, thread: span.thread, bytes: span.kernelBytes });
  };

  #takeMemory(): void {
    const atUs = sharedUs();
    this.memory.push({ atUs, ...this.options.memory() });
    this.kernels.push({ atUs, thread: MAIN, bytes: heldKernelBytes() });
  }

  start(): void {
    phaseSpans.subscribe(this.#onPhase);
    poolTasks.subscribe(this.#onTask);
    void this.#watchMemory();
  }

  async #watchMemory(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      this.#takeMemory();
      await this.options.clock.sleep(MEMORY_STEP_MS, signal).catch(() => undefined);
    }
  }

  stop(): void {
    this.#takeMemory();
    this.#stop.abort(new TidemarkError('cancelled', 'the recording is over'));
    phaseSpans.unsubscribe(this.#onPhase);
    poolTasks.unsubscribe(this.#onTask);
  }
}

/** Runs `work` under a recording of all threads. Where it fails, the recording ends and its error is thrown. */
export async function record<T>(
  options: RecordOptions,
  work: (noteRun: NoteRun) => Promise<T>,
): Promise<{ readonly recording: Recording; readonly result: T }> {
  const runs: RunSpan[] = [];
  const listener = new Listener(options);
  await startThreads(options);
  const startUs = sharedUs();
  listener.start();
  try {
    const result = await work((label, from) => runs.push({ label, startUs: from, endUs: sharedUs() }));
    const endUs = sharedUs();
    listener.stop();
    const threads = (await stopThreads(options.pool)).map((thread) => withinWindow(thread, startUs, endUs));
    const { phases, tasks, memory, kernels } = listener;
    return { recording: { startUs, endUs, threads, phases, tasks, runs, memory, kernels }, result };
  } catch (error) {
    listener.stop();
    // What stopped the work is what has to be told; a pool in trouble may have no more to say.
    await stopThreads(options.pool).catch(() => undefined);
    throw error;
  }
}

/** Ending the heap's sampling collects garbage, and starting it may: that is no pause of the work. */
function withinWindow(thread: ThreadRecording, fromUs: number, toUs: number): ThreadRecording {
  const isWithin = (span: { readonly startUs: number; readonly endUs: number }) =>
    span.endUs > fromUs && span.startUs < toUs;
  return { ...thread, gc: thread.gc.filter(isWithin), storeCalls: thread.storeCalls.filter(isWithin) };
}

const MODULE = new URL('./thread.js', import.meta.url).href;

async function startThreads({ pool, sampling }: RecordOptions): Promise<void> {
  const request: ThreadRequest = { start: sampling };
  await pool.everyThread(MODULE, request);
  await startRecording(sampling);
}

async function stopThreads(pool: Pool): Promise<ThreadRecording[]> {
  const main = await stopRecording(MAIN);
  const request: ThreadRequest = { stop: true };
  const replies = (await pool.everyThread(MODULE, request)) as ThreadReply[];
  const workers = replies.map(({ recording }) => recording).filter((recording) => recording !== undefined);
  return [...(main === undefined ? [] : [main]), ...workers.sort((a, b) => a.thread - b.thread)];
}
