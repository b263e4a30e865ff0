/** What was recorded, as plain data: per thread what V8 sampled, and what the main thread saw of the run. Times are µs on the shared clock. */

import type { PhaseSpan } from '../coordinator/phases.js';
import type { StoreCall } from '../store/observe.js';

/** A function as V8 names it; lines and columns count from 0, -1 = unknown. */
export interface CallFrame {
  readonly functionName: string;
  readonly scriptId: string;
  readonly url: string;
  readonly lineNumber: number;
  readonly columnNumber: number;
}

export interface CpuNode {
  readonly id: number;
  readonly callFrame: CallFrame;
  readonly hitCount?: number;
  readonly children?: readonly number[];
}

/** The `.cpuprofile` format: `Profiler.Profile` of the Chrome DevTools protocol. */
export interface CpuProfile {
  readonly nodes: readonly CpuNode[];
  readonly startTime: number;
  readonly endTime: number;
  /** Node ids. */
  readonly samples: readonly number[];
  /** µs from the sample before; the first from `startTime`. */
  readonly timeDeltas: readonly number[];
}

/** Bytes that a function allocated on the JavaScript heap, estimated from samples; freed ones count too. */
export interface AllocationSite {
  readonly frame: CallFrame;
  readonly bytes: number;
}

export interface GcPause {
  readonly startUs: number;
  readonly endUs: number;
  /** `scavenge`, `mark-sweep`, `incremental`, `weak callbacks`. */
  readonly kind: string;
}

/** Of one thread. */
export interface ThreadRecording {
  /** The pool's number of the thread; 0 = main. */
  readonly thread: number;
  readonly cpu: CpuProfile;
  /** All sites, most bytes first: a build has some hundred. */
  readonly allocations: readonly AllocationSite[];
  readonly gc: readonly GcPause[];
  readonly storeCalls: readonly StoreCall[];
}

/** What a task was about, in a few words and figures. */
export interface TaskRecord {
  readonly kind: string;
  readonly facts: Readonly<Record<string, string | number>>;
  /** Stretches of the task that it told itself, one after the other. */
  readonly steps: readonly { readonly name: string; readonly us: number }[];
  readonly thread: number;
  readonly askedUs: number;
  readonly postedUs: number;
  readonly startUs: number;
  readonly endUs: number;
  readonly answeredUs: number;
  readonly failed: boolean;
}

/** Memory of the process, bytes. */
export interface MemorySample {
  readonly atUs: number;
  readonly rss: number;
  readonly heapUsed: number;
  readonly external: number;
}

/** WebAssembly memory of one thread's kernel. */
export interface KernelSample {
  readonly atUs: number;
  readonly thread: number;
  readonly bytes: number;
}

/** One run: what it did and when. */
export interface RunSpan {
  readonly label: string;
  readonly startUs: number;
  readonly endUs: number;
}

export interface Recording {
  readonly startUs: number;
  readonly endUs: number;
  /** Main first, then workers by number. */
  readonly threads: readonly ThreadRecording[];
  readonly phases: readonly PhaseSpan[];
  readonly tasks: readonly TaskRecord[];
  readonly runs: readonly RunSpan[];
  readonly memory: readonly MemorySample[];
  readonly kernels: readonly KernelSample[];
}

/** How fine the recording is. */
export interface SamplingOptions {
  /** Between two samples of the CPU, µs. */
  readonly intervalUs: number;
  /** Mean bytes between two sampled allocations. */
  readonly heapIntervalBytes: number;
}

/** `main`, `worker 1`, ..: the pool's threads in the order of their numbers. */
export function threadNames(threads: readonly { readonly thread: number }[]): string[] {
  return threads.map(({ thread }, i) => (thread === 0 ? 'main' : `worker ${i}`));
}
