/** Several indexes on one pool: each with its share of threads and of bytes in flight. */
import { ByteCredits } from './credits.js';
import { FairQueue, type LaneState } from './fair-queue.js';
import type { Pool } from './pool.js';
import type { TaskResults, WorkerTask } from './task.js';

/** A pool as a run sees it: the pool itself, or a lane of it. */
export type TaskPool = Pick<Pool, 'run' | 'threads' | 'memory'>;

/**
 * One lane for each priority, from 0: a lane of priority 9 has ten times the share of one of priority 0 while both are busy, and all of the
 * pool while the others are not. One index alone needs no lane.
 */
export function poolLanes(pool: Pool, priorities: readonly number[], maxBytesInFlight: number): readonly TaskPool[] {
  if (priorities.length <= 1) return priorities.map(() => pool);
  const queue = new FairQueue(pool.threads);
  const laneBytes = Math.ceil(maxBytesInFlight / priorities.length);
  return priorities.map((priority) => new PoolLane(pool, queue, queue.lane(1 + priority), laneBytes));
}

class PoolLane implements TaskPool {
  readonly threads: number;
  readonly memory: Pool['memory'];
  readonly #credits: ByteCredits;

  constructor(
    private readonly pool: Pool,
    private readonly queue: FairQueue,
    private readonly lane: LaneState,
    maxBytesInFlight: number,
  ) {
    this.threads = pool.threads;
    this.memory = pool.memory;
    // Credits of its own: a busy lane that holds all of them would make the others wait for its tasks one by one.
    this.#credits = new ByteCredits(maxBytesInFlight);
  }

  async run<T extends WorkerTask>(task: T, bytes: number): Promise<TaskResults[T['kind']]> {
    await this.#credits.take(bytes);
    try {
      const leave = await this.queue.enter(this.lane);
      let costUs: number | undefined;
      try {
        return await this.pool.run(task, bytes, (span) => {
          costUs = span.endUs - span.startUs;
        });
      } finally {
        leave(costUs);
      }
    } finally {
      this.#credits.give(bytes);
    }
  }
}
