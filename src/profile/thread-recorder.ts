/**
 * Records the thread it lives in, through V8's own profilers. An inspector session reaches its own thread only, so each
 * thread has a recorder of its own.
 */

import type { HeapProfiler } from 'node:inspector';
import { Session } from 'node:inspector/promises';
import { constants, type PerformanceEntry, PerformanceObserver } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';
import { sharedUs, systemClock } from '../base/time.js';
import { type StoreCall, storeCalls } from '../store/observe.js';
import type { AllocationSite, CallFrame, CpuProfile, GcPause, SamplingOptions, ThreadRecording } from './recording.js';

const US_PER_MS = 1000;

const GC_KINDS: Readonly<Record<number, string>> = {
  [constants.NODE_PERFORMANCE_GC_MINOR]: 'scavenge',
  [constants.NODE_PERFORMANCE_GC_MAJOR]: 'mark-sweep',
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL]: 'incremental',
  [constants.NODE_PERFORMANCE_GC_WEAKCB]: 'weak callbacks',
};

/** Bytes of collected objects count too: what is asked is what was allocated, not what is left. The protocol's types lag behind. */
const ALL_OBJECTS = { includeObjectsCollectedByMajorGC: true, includeObjectsCollectedByMinorGC: true };

interface Running {
  readonly session: Session;
  readonly observer: PerformanceObserver;
  readonly pauses: PerformanceEntry[];
  readonly calls: StoreCall[];
  readonly onCall: (call: unknown) => void;
  /** The profile's own clock is the shared one where the platform has one monotonic clock; elsewhere it is moved to begin here. */
  readonly startUs: number;
  readonly startedUs: number;
}

let running: Running | undefined;

/** Begins; a recording that is under way in this thread ends unseen. Stores opened from now on tell of their calls. */
export async function startRecording(options: SamplingOptions): Promise<void> {
  if (running !== undefined) await stopRecording(0);
  const session = new Session();
  session.connect();
  const pauses: PerformanceEntry[] = [];
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) pauses.push(entry);
  });
  observer.observe({ entryTypes: ['gc'] });
  const calls: StoreCall[] = [];
  const onCall = (call: unknown) => calls.push(call as StoreCall);
  storeCalls.subscribe(onCall);
  await session.post('HeapProfiler.startSampling', { samplingInterval: options.heapIntervalBytes, ...ALL_OBJECTS });
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: options.intervalUs });
  const startUs = sharedUs();
  await session.post('Profiler.start');
  running = { session, observer, pauses, calls, onCall, startUs, startedUs: sharedUs() };
}

/** Ends it. Undefined where none was begun: in a thread that took a dead one's place. */
export async function stopRecording(thread: number): Promise<ThreadRecording | undefined> {
  if (running === undefined) return undefined;
  const { session, observer, pauses, calls, onCall, startUs, startedUs } = running;
  running = undefined;
  const { profile } = await session.post('Profiler.stop');
  const heap = await session.post('HeapProfiler.stopSampling');
  session.disconnect();
  // Pauses are handed over by the event loop, which a long task kept from turning.
  await setImmediate();
  for (const entry of observer.takeRecords()) pauses.push(entry);
  observer.disconnect();
  storeCalls.unsubscribe(onCall);
  return {
    thread,
    cpu: aligned(profile as CpuProfile, startUs, startedUs),
    allocations: allocationSites(heap.profile.head),
    gc: gcPauses(pauses),
    storeCalls: calls,
  };
}

function aligned(profile: CpuProfile, startUs: number, startedUs: number): CpuProfile {
  // It notes its start while `Profiler.start` runs; a ms of slack for coarse clocks.
  if (profile.startTime >= startUs - US_PER_MS && profile.startTime <= startedUs + US_PER_MS) return profile;
  const shift = startUs - profile.startTime;
  return { ...profile, startTime: profile.startTime + shift, endTime: profile.endTime + shift };
}

function gcPauses(entries: readonly PerformanceEntry[]): GcPause[] {
  // Entries count from this thread's own zero.
  const zeroUs = sharedUs() - systemClock.elapsed() * US_PER_MS;
  return entries.map((entry) => {
    const { startTime, duration, detail } = entry as PerformanceEntry & { readonly detail: { readonly kind: number } };
    return {
      startUs: zeroUs + startTime * US_PER_MS,
      endUs: zeroUs + (startTime + duration) * US_PER_MS,
      kind: GC_KINDS[detail.kind] ?? 'other',
    };
  });
}

/** A built-in function says nothing without who called it: `subarray` becomes `encode > subarray`, at its caller's place. */
function siteOf(frame: CallFrame, caller: CallFrame): CallFrame {
  if (frame.url !== '' || caller.url === '') return frame;
  return { ...caller, functionName: `${caller.functionName || '(anonymous)'} > ${frame.functionName}` };
}

function allocationSites(head: HeapProfiler.SamplingHeapProfileNode): AllocationSite[] {
  const sites = new Map<string, AllocationSite>();
  const walk = [{ node: head, caller: head.callFrame }];
  for (let next = walk.pop(); next !== undefined; next = walk.pop()) {
    const { node, caller } = next;
    const frame = siteOf(node.callFrame, caller);
    for (const child of node.children) walk.push({ node: child, caller: frame });
    if (node.selfSize === 0) continue;
    const key = `${frame.functionName}\n${frame.url}\n${frame.lineNumber}`;
    sites.set(key, { frame, bytes: (sites.get(key)?.bytes ?? 0) + node.selfSize });
  }
  return [...sites.values()].sort((a, b) => b.bytes - a.bytes);
}
