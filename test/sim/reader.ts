/** A reader that follows an index through the project's own door, and finds just what its generation holds. */
import { describeError, TidemarkError } from '#src/base/errors.js';
import type { Clock } from '#src/base/time.js';
import { analyze } from '#src/kernel/analyze.js';
import { type IndexReader, openIndex } from '#src/search/index-reader.js';
import type { SimStore } from './sim-store.js';
import { must, Violation } from './violation.js';
import type { World } from './world.js';

/** Opens the index and looks again and again; ends when the history does. Only the network may fail it. */
export async function followIndex(world: World, store: SimStore, clock: Clock, everyMs: number): Promise<void> {
  let reader: IndexReader | undefined;
  let held = 0;
  for (;;) {
    // First what it holds already: whatever was committed since, nothing of it may be gone.
    if (reader !== undefined) await look(world, reader, held);
    try {
      if (reader === undefined) reader = await openIndex(store, { analyze, clock });
      else await reader.refresh();
    } catch (error) {
      requireExcuse(error, world.newestManifest() === undefined);
    }
    if (reader !== undefined) {
      const { generation } = reader.snapshot.manifest;
      must(generation >= held, 'a reader moves forward', () => `generation ${generation} after ${held}`);
      held = generation;
      await look(world, reader, held);
    }
    await clock.sleep(everyMs);
  }
}

async function look(world: World, reader: IndexReader, generation: number): Promise<void> {
  if (generation < (world.newestManifest()?.generation ?? 0)) world.count('readerOpen');
  const found: string[] = [];
  try {
    for await (const { id, fields } of reader.liveDocuments()) found.push(`${id}:${fields.stamp}`);
  } catch (error) {
    // Who stays on a generation for longer than it is kept may find it gone.
    const goneAt = world.supersededAt(generation) + (world.plan.config.keepMs ?? Number.POSITIVE_INFINITY);
    if (goneAt - 1_000 <= world.scheduler.now) return;
    return requireExcuse(error, false);
  }
  const is = found.sort().join(' ');
  const should = world.heldBy.get(generation);
  must(is === should, 'a reader sees one generation', () => `${generation}\n  is     ${is}\n  should ${should}`);
}

/** A reader may be told that the store is away; never that something is missing or broken. */
function requireExcuse(error: unknown, isEmpty: boolean): void {
  const code = error instanceof TidemarkError ? error.code : 'internal';
  if (code === 'store' || (isEmpty && code === 'not-found')) return;
  throw new Violation('a reader fails with the store only', `${code}: ${describeError(error)}`);
}
