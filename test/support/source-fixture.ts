/** Sources for tests: partitions of a template in a memory store, with a clock that the test sets. */
import { formatPartition } from '#src/partition/key.js';
import type { PartitionTemplate } from '#src/partition/template.js';
import { MemoryStore } from './memory-store.js';

/** A clock that stands still until told. */
export interface SetClock {
  now(): number;
  set(ms: number): void;
}

export function setClock(ms: number): SetClock {
  let now = ms;
  return {
    now: () => now,
    set: (value) => {
      now = value;
    },
  };
}

/** A store with `objects` one-byte objects in every partition, written at the partition's own time. */
export async function sourceWith(
  template: PartitionTemplate,
  times: readonly number[],
  options: { readonly objects?: number; readonly clock?: SetClock } = {},
): Promise<MemoryStore> {
  const clock = options.clock ?? setClock(0);
  const listingTime = clock.now();
  const store = new MemoryStore(clock);
  for (const time of times) {
    clock.set(time);
    for (let i = 0; i < (options.objects ?? 1); i++) {
      await store.put(`${formatPartition(template, time)}part-${i}.parquet`, Uint8Array.of(1));
    }
  }
  clock.set(listingTime);
  return store;
}
