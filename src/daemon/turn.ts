/** Who may use the pool: runs always, upkeep only while no run is at work. */

import type { TaskRunner } from '../merge/context.js';

export class Turn {
  #runs = 0;
  #waiting: (() => void)[] = [];

  /** Does a run's work; upkeep stands back until it is over. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    this.#runs++;
    try {
      return await work();
    } finally {
      if (--this.#runs === 0) for (const wake of this.#waiting.splice(0)) wake();
    }
  }

  /** Resolves at once where no run is at work, else when the last one is over. */
  async whenIdle(): Promise<void> {
    while (this.#runs > 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}

/**
 * The pool as upkeep sees it: a task is handed over only while no run is at work, and never so many at once that a run would find
 * all threads taken. A task takes some tens of ms, so that is what a run may have to wait for one thread.
 */
export function politePool(pool: TaskRunner, turn: Turn): TaskRunner {
  const most = Math.max(1, pool.threads - 1);
  let running = 0;
  const queue: (() => void)[] = [];
  const run: TaskRunner['run'] = async (task, bytes) => {
    if (running >= most) await new Promise<void>((resolve) => queue.push(resolve));
    else running++;
    try {
      await turn.whenIdle();
      return await pool.run(task, bytes);
    } finally {
      const next = queue.shift();
      if (next === undefined) running--;
      else next();
    }
  };
  return Object.assign(Object.create(pool) as TaskRunner, { run });
}
