/**
 * Virtual time: events in the order of their instants, ties in the order they were made. Between two events every promise that can go
 * on has gone on, so that a history has one possible order, whatever the machine does.
 */

interface Event {
  readonly at: number;
  readonly number: number;
  readonly run: () => void;
}

export class Scheduler {
  #now: number;
  #made = 0;
  /** A binary heap, the earliest first. */
  readonly #heap: Event[] = [];

  /** @param startMs virtual wall clock at the beginning, ms since the epoch */
  constructor(startMs: number) {
    this.#now = startMs;
  }

  /** ms since the epoch. */
  get now(): number {
    return this.#now;
  }

  at(instant: number, run: () => void): void {
    const event = { at: Math.max(instant, this.#now), number: this.#made++, run };
    const heap = this.#heap;
    let i = heap.push(event) - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!isBefore(event, heap[parent]!)) break;
      heap[i] = heap[parent]!;
      i = parent;
    }
    heap[i] = event;
  }

  /** Runs events up to an instant; `afterStep` is awaited after each one, and a failure of it ends the run. */
  async runUntil(instant: number, afterStep: () => Promise<void> | undefined): Promise<void> {
    await drained();
    for (let steps = 0; this.#heap.length > 0 && this.#heap[0]!.at <= instant; steps++) {
      if (steps > 1_000_000) throw new Error('a history of more than a million steps');
      const event = this.#take();
      this.#now = event.at;
      event.run();
      await drained();
      const checking = afterStep();
      if (checking !== undefined) await checking;
    }
    this.#now = Math.max(this.#now, instant);
  }

  #take(): Event {
    const heap = this.#heap;
    const first = heap[0]!;
    const last = heap.pop()!;
    if (heap.length === 0) return first;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (!isBefore(heap[child]!, last)) break;
      heap[i] = heap[child]!;
      i = child;
    }
    heap[i] = last;
    return first;
  }
}

const isBefore = (a: Event, b: Event): boolean => a.at < b.at || (a.at === b.at && a.number < b.number);

/** Resolves when no promise can go on any more: a tick asked for by a microtask comes after all microtasks. */
function drained(): Promise<void> {
  return new Promise((resolve) => queueMicrotask(() => process.nextTick(resolve)));
}
