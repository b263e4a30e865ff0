/** The trace's counters: memory of process and kernels, and how full the pool is. */

import type { Recording } from './recording.js';
import { MAIN_TRACK, TRACE_PID, type TraceEvent } from './trace.js';

/** `names` = those of the recorded threads, in their order. */
export function traceCounters(recording: Recording, names: readonly string[]): TraceEvent[] {
  const nameOf = new Map(recording.threads.map(({ thread }, i) => [thread, names[i]]));
  const counter = (name: string, atUs: number, args: Readonly<Record<string, number>>): TraceEvent => {
    return { name, ph: 'C', ts: atUs - recording.startUs, pid: TRACE_PID, tid: MAIN_TRACK, args };
  };
  const memory = recording.memory.flatMap(({ atUs, rss, heapUsed, external }) => [
    counter('resident bytes', atUs, { rss }),
    counter('main heap bytes', atUs, { used: heapUsed, external }),
  ]);
  const kernels = recording.kernels.map(({ atUs, thread, bytes }) => {
    return counter(`kernel bytes, ${nameOf.get(thread) ?? `thread ${thread}`}`, atUs, { bytes });
  });
  const pool = poolLoad(recording).map(({ atUs, ...load }) => counter('pool tasks', atUs, load));
  return [...memory, ...kernels, ...pool];
}

interface PoolLoad {
  readonly atUs: number;
  readonly waiting: number;
  readonly working: number;
}

function poolLoad({ tasks }: Recording): PoolLoad[] {
  const changes = tasks
    .flatMap(({ askedUs, startUs, endUs }) => [
      { atUs: askedUs, waiting: 1, working: 0 },
      { atUs: startUs, waiting: -1, working: 1 },
      { atUs: endUs, waiting: 0, working: -1 },
    ])
    .sort((a, b) => a.atUs - b.atUs);
  let [waiting, working] = [0, 0];
  return changes.map((change) => {
    waiting += change.waiting;
    working += change.working;
    return { atUs: change.atUs, waiting, working };
  });
}
