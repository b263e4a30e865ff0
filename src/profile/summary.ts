/** A recording in figures: where the time of each phase went, the hottest functions, and what each thread did. All times in ms. */

import { PHASES } from '../coordinator/phases.js';
import { type HotFunction, hottest, threadTimes } from './hot-functions.js';
import type { Recording } from './recording.js';
import { placeOf, type ThreadProfile } from './thread-profile.js';

export interface PhaseRow {
  /** A phase, `between phases`, or `total`. */
  readonly phase: string;
  /** Over all runs. */
  readonly ms: number;
  /** Of the total. */
  readonly share: number;
  readonly tasks: number;
  /** Threads at work on the pool's tasks, on average: at most the pool's threads. */
  readonly workersBusy: number;
  /** Mean wait of the tasks that began in it: for byte credits and for a free thread. */
  readonly waitMs: number;
  /** Garbage collection of all threads. */
  readonly gcMs: number;
  readonly readBytes: number;
  readonly writtenBytes: number;
  readonly storeCalls: number;
}

export interface ThreadRow {
  readonly name: string;
  /** Not asleep, and not waiting for input, a file or a task. */
  readonly busyMs: number;
  readonly busyShare: number;
  readonly tasks: number;
  /** JavaScript heap; WebAssembly memory and buffers are not in it. */
  readonly allocatedBytes: number;
  readonly topAllocations: readonly { readonly name: string; readonly place: string; readonly bytes: number }[];
  readonly gcCount: number;
  readonly gcMs: number;
  readonly gcLongestMs: number;
  /** Most WebAssembly memory its kernel held. */
  readonly kernelBytes: number;
}

export interface Summary {
  readonly wallMs: number;
  readonly runs: number;
  readonly phases: readonly PhaseRow[];
  readonly hottest: readonly HotFunction[];
  readonly threads: readonly ThreadRow[];
  readonly peakRssBytes: number;
}

interface Span {
  readonly startUs: number;
  readonly endUs: number;
}

const US_PER_MS = 1000;

/** Allocation sites shown a thread; the profile's page shows the same. */
const SHOWN_SITES = 5;

export function summarize(recording: Recording, profiles: readonly ThreadProfile[]): Summary {
  return {
    wallMs: (recording.endUs - recording.startUs) / US_PER_MS,
    runs: recording.runs.length,
    phases: phaseRows(recording),
    hottest: hottest(profiles),
    threads: recording.threads.map((thread, i) => threadRow(recording, thread, profiles[i]!)),
    peakRssBytes: recording.memory.reduce((most, { rss }) => Math.max(most, rss), 0),
  };
}

function phaseRows(recording: Recording): PhaseRow[] {
  const total = lengthOf(recording.runs);
  const row = (phase: string, spans: readonly Span[]) => phaseRow(recording, phase, spans, total);
  const rows = PHASES.map((name) =>
    row(
      name,
      recording.phases.filter(({ phase }) => phase === name),
    ),
  );
  const gaps = recording.runs.flatMap((run) => gapsOf(run, recording.phases));
  return [...rows, row('between phases', gaps), row('total', recording.runs)];
}

function phaseRow(recording: Recording, phase: string, spans: readonly Span[], totalUs: number): PhaseRow {
  const us = lengthOf(spans);
  const within = (all: readonly Span[]) => all.reduce((sum, one) => sum + overlapOf(one, spans), 0);
  const begun = <T extends Span>(all: readonly T[]) => all.filter(({ startUs }) => isIn(startUs, spans));
  const tasks = begun(recording.tasks);
  // A call counts where it ends: an upload is a long one, and its last bytes decide.
  const calls = recording.threads.flatMap(({ storeCalls }) => storeCalls).filter(({ endUs }) => isIn(endUs, spans));
  const bytes = (isPut: boolean) =>
    calls.reduce((sum, call) => sum + ((call.kind === 'put') === isPut ? call.bytes : 0), 0);
  const waits = tasks.reduce((sum, { askedUs, startUs }) => sum + startUs - askedUs, 0);
  return {
    phase,
    ms: us / US_PER_MS,
    share: totalUs === 0 ? 0 : us / totalUs,
    tasks: tasks.length,
    workersBusy: us === 0 ? 0 : within(recording.tasks) / us,
    waitMs: tasks.length === 0 ? 0 : waits / tasks.length / US_PER_MS,
    gcMs: within(recording.threads.flatMap(({ gc }) => gc)) / US_PER_MS,
    readBytes: bytes(false),
    writtenBytes: bytes(true),
    storeCalls: calls.length,
  };
}

function lengthOf(spans: readonly Span[]): number {
  return spans.reduce((sum, { startUs, endUs }) => sum + endUs - startUs, 0);
}

function overlapOf(one: Span, spans: readonly Span[]): number {
  return spans.reduce(
    (sum, { startUs, endUs }) => sum + Math.max(0, Math.min(one.endUs, endUs) - Math.max(one.startUs, startUs)),
    0,
  );
}

function isIn(us: number, spans: readonly Span[]): boolean {
  return spans.some(({ startUs, endUs }) => us >= startUs && us < endUs);
}

/** Stretches of a run in none of its phases; phases do not overlap. */
function gapsOf(run: Span, phases: readonly Span[]): Span[] {
  const gaps: Span[] = [];
  let at = run.startUs;
  for (const { startUs, endUs } of phases.filter(({ startUs }) => isIn(startUs, [run]))) {
    if (startUs > at) gaps.push({ startUs: at, endUs: startUs });
    at = Math.max(at, endUs);
  }
  if (run.endUs > at) gaps.push({ startUs: at, endUs: run.endUs });
  return gaps;
}

function threadRow(recording: Recording, thread: Recording['threads'][number], profile: ThreadProfile): ThreadRow {
  const pauses = thread.gc.map(({ startUs, endUs }) => (endUs - startUs) / US_PER_MS);
  const { busyUs, allUs } = threadTimes(profile);
  return {
    name: profile.name,
    busyMs: busyUs / US_PER_MS,
    busyShare: allUs === 0 ? 0 : busyUs / allUs,
    tasks: recording.tasks.filter((task) => task.thread === thread.thread).length,
    allocatedBytes: thread.allocations.reduce((sum, { bytes }) => sum + bytes, 0),
    topAllocations: thread.allocations.slice(0, SHOWN_SITES).map(({ frame, bytes }) => ({
      name: frame.functionName === '' ? '(anonymous)' : frame.functionName,
      place: placeOf(frame.url),
      bytes,
    })),
    gcCount: pauses.length,
    gcMs: pauses.reduce((sum, ms) => sum + ms, 0),
    gcLongestMs: pauses.reduce((most, ms) => Math.max(most, ms), 0),
    kernelBytes: recording.kernels.reduce(
      (most, sample) => (sample.thread === thread.thread ? Math.max(most, sample.bytes) : most),
      0,
    ),
  };
}
