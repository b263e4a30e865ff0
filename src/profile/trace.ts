/**
 * The run as a trace: Chrome's trace-event JSON, as Perfetto and chrome://tracing read it
 * (https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU). A track a thread: runs and phases on main, tasks
 * on workers; what overlaps (waiting in the pool, store calls) as async slices; memory and the pool's load as counters.
 */

import { type Recording, type TaskRecord, type ThreadRecording, threadNames } from './recording.js';
import { traceCounters } from './trace-counters.js';

/** µs from the recording's begin. */
export interface TraceEvent {
  readonly name: string;
  readonly cat?: string;
  /** X whole slice, b/e async, s/f flow, C counter, M metadata. */
  readonly ph: 'X' | 'b' | 'e' | 's' | 'f' | 'C' | 'M';
  readonly ts: number;
  readonly dur?: number;
  readonly pid: number;
  readonly tid: number;
  readonly id?: string;
  readonly bp?: 'e';
  readonly args?: Readonly<Record<string, unknown>>;
}

export interface TraceFile {
  readonly displayTimeUnit: 'ms';
  readonly otherData: Readonly<Record<string, string>>;
  readonly traceEvents: readonly TraceEvent[];
}

export const TRACE_PID = 1;
export const MAIN_TRACK = 1;

/** Garbage collection gets tracks of its own, behind those of the threads: its clock is coarser, so that slices would not nest. */
const GC_TRACKS = 1000;

type Args = Readonly<Record<string, unknown>>;

/** Builds events on the recording's own zero. */
class EventList {
  readonly events: TraceEvent[] = [];

  constructor(private readonly zeroUs: number) {}

  slice(cat: string, name: string, tid: number, startUs: number, endUs: number, args?: Args): void {
    const ts = startUs - this.zeroUs;
    const dur = Math.max(0, endUs - startUs);
    this.events.push({ name, cat, ph: 'X', ts, dur, pid: TRACE_PID, tid, ...(args && { args }) });
  }

  async(cat: string, name: string, tid: number, startUs: number, endUs: number, args: Args): void {
    const at = { name, cat, pid: TRACE_PID, tid, id: `${cat}-${this.events.length}` };
    this.events.push({ ...at, ph: 'b', ts: startUs - this.zeroUs, args }, { ...at, ph: 'e', ts: endUs - this.zeroUs });
  }

  /** An arrow from the slice on main that asked for a task to the task. */
  arrow(name: string, fromUs: number, tid: number, toUs: number): void {
    const at = { name, cat: 'queue', pid: TRACE_PID, id: `task-${this.events.length}` };
    this.events.push({ ...at, ph: 's', ts: fromUs - this.zeroUs, tid: MAIN_TRACK });
    this.events.push({ ...at, ph: 'f', bp: 'e', ts: toUs - this.zeroUs, tid });
  }

  label(kind: 'process_name' | 'thread_name' | 'thread_sort_index', tid: number, value: string | number): void {
    const args = kind === 'thread_sort_index' ? { sort_index: value } : { name: value };
    this.events.push({ name: kind, ph: 'M', ts: 0, pid: TRACE_PID, tid, args });
  }
}

/** Tracks by thread number: main's is 1, since 0 is the idle thread to some readers. Threads that took a dead one's place come last. */
function tracksOf({ threads, tasks }: Recording): Map<number, number> {
  const numbers = new Set([...threads.map(({ thread }) => thread), ...tasks.map(({ thread }) => thread)]);
  return new Map([...numbers].map((thread, i) => [thread, MAIN_TRACK + i]));
}

/** `title` names the process in the viewer. */
export function traceFile(title: string, recording: Recording): TraceFile {
  const list = new EventList(recording.startUs);
  const tracks = tracksOf(recording);
  const names = threadNames(recording.threads);
  list.label('process_name', MAIN_TRACK, title);
  for (const [thread, track] of tracks) {
    list.label('thread_name', track, names[track - MAIN_TRACK] ?? `thread ${thread}, not recorded`);
    list.label('thread_sort_index', track, track);
  }
  for (const { label, startUs, endUs } of recording.runs) list.slice('run', label, MAIN_TRACK, startUs, endUs);
  for (const { phase, startUs, endUs } of recording.phases) list.slice('phase', phase, MAIN_TRACK, startUs, endUs);
  for (const task of recording.tasks) addTask(list, task, tracks.get(task.thread)!);
  recording.threads.forEach((thread, i) => {
    addThread(list, thread, names[i]!, MAIN_TRACK + i);
  });
  const counters = traceCounters(recording, names);
  return {
    displayTimeUnit: 'ms',
    otherData: { exporter: 'tidemark', title },
    traceEvents: [...list.events, ...counters].sort((a, b) => a.ts - b.ts || (b.dur ?? 0) - (a.dur ?? 0)),
  };
}

function addThread(list: EventList, { gc, storeCalls }: ThreadRecording, name: string, track: number): void {
  if (gc.length > 0) list.label('thread_name', GC_TRACKS + track, `${name} gc`);
  for (const { kind, startUs, endUs } of gc) list.slice('gc', kind, GC_TRACKS + track, startUs, endUs);
  for (const { kind, key, bytes, failed, startUs, endUs } of storeCalls) {
    const args = { key, bytes, ...(failed && { failed }) };
    list.async('store', `${name} ${kind.toUpperCase()}`, track, startUs, endUs, args);
  }
}

function addTask(list: EventList, task: TaskRecord, track: number): void {
  const { kind, facts, steps, askedUs, postedUs, startUs, endUs, answeredUs, failed } = task;
  const waits = { creditsUs: postedUs - askedUs, queueUs: startUs - postedUs, answerUs: answeredUs - endUs };
  list.slice('task', kind, track, startUs, endUs, { ...facts, ...waits, ...(failed && { failed }) });
  let at = startUs;
  for (const { name, us } of steps) {
    const end = Math.min(endUs, at + us);
    list.slice('step', `${kind} ${name}`, track, at, end);
    at = end;
  }
  list.async('queue', `${kind} waits`, MAIN_TRACK, askedUs, startUs, { ...waits, bytes: facts.bytes });
  list.arrow(kind, askedUs, track, startUs);
}
