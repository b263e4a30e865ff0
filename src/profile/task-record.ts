/** A task of the pool in a few words and figures: what a trace shows of it. */

import type { PoolTask } from '../shard/pool.js';
import type { ShardResult, WorkerTask } from '../shard/task.js';
import type { TaskRecord } from './recording.js';

const US_PER_MS = 1000;

/** Keeps no buffer of the task alive. */
export function taskRecord({ task, bytes, askedUs, postedUs, span, answeredUs, value }: PoolTask): TaskRecord {
  const { thread, startUs, endUs } = span;
  return {
    kind: task.kind,
    facts: { ...factsOf(task), bytes },
    steps: task.kind === 'shard' && value !== undefined ? stepsOf(value as ShardResult) : [],
    thread,
    askedUs,
    postedUs,
    startUs,
    endUs,
    answeredUs,
    failed: value === undefined,
  };
}

function factsOf(task: WorkerTask): Record<string, string | number> {
  switch (task.kind) {
    case 'shard': {
      const rows = task.slices.reduce((sum, { rowStart, rowEnd }) => sum + rowEnd - rowStart, 0);
      const slices = task.slices.map(
        ({ object, rowGroup, rowStart, rowEnd }) =>
          `${task.objects[object]?.key ?? object} group ${rowGroup} rows ${rowStart}-${rowEnd}`,
      );
      return { rows, slices: slices.join('; ') };
    }
    case 'merge':
      return { inputs: task.inputs.length, from: termOf(task.from), to: termOf(task.to) };
    case 'compress':
      return { blocks: task.ends.length };
  }
}

/** A bound of a range as text; '' = none. */
function termOf(bound: Uint8Array | undefined): string {
  // The decoder takes no shared memory.
  return bound === undefined ? '' : new TextDecoder().decode(bound.slice());
}

function stepsOf({ timings }: ShardResult): TaskRecord['steps'] {
  return Object.entries(timings).map(([name, ms]) => ({ name: name.replace(/Ms$/, ''), us: ms * US_PER_MS }));
}
