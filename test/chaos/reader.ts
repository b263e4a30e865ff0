/** Reads the index without pause, and holds every answer against the world. */
import { openIndex, type SearchResult, TidemarkError } from '#src/index.js';
import type { IndexReader } from '#src/search/index-reader.js';
import { numberOf, PULSES, type World } from './world.js';

/** What was read, and everything that was wrong with it. */
export class ReadLog {
  reads = 0;
  readonly generations = new Set<number>();
  /** Newest partition that a read has shown. */
  newest = 0;
  readonly defects: string[] = [];

  fail(what: string): void {
    this.defects.push(what);
  }

  /** Holds an answer of all pulses to what must be so at any watermark; gives the partitions that they are of. */
  answer({ hits }: SearchResult, at: string): ReadonlySet<number> {
    const stamps = new Set(hits.map(({ fields }) => Number(fields.stamp)));
    if (hits.length !== PULSES || stamps.size !== 1) {
      this.fail(`${at}: mixed read, ${hits.length} pulses of partitions ${[...stamps].join(', ')}`);
    }
    return stamps;
  }
}

/** One read of everything that shows a loss or a mixture: as of one manifest, all answers must be those of its watermark. */
export async function checkedRead(reader: IndexReader, world: World, log: ReadLog): Promise<void> {
  const { manifest } = reader.snapshot;
  const number = manifest.watermark === undefined ? 0 : numberOf(manifest.watermark);
  const at = `generation ${manifest.generation}, partition ${number}`;
  if (number < log.newest) log.fail(`${at}: the watermark fell from partition ${log.newest}`);
  log.newest = Math.max(log.newest, number);
  const stamps = log.answer(await reader.search('kind:pulse', { k: 2 * PULSES, fields: ['stamp'] }), at);
  if (!stamps.has(number)) log.fail(`${at}: pulses of partition ${[...stamps].join(', ')}`);
  const docs = await reader.count('kind:doc');
  if (docs !== world.docsAt(number)) log.fail(`${at}: ${docs} documents, not ${world.docsAt(number)}`);
  log.generations.add(manifest.generation);
  log.reads++;
}

/** Reads until told to stop: with a reader that stays open and moves on, and every so often with one opened anew. */
export async function readAlways(index: string, world: World, log: ReadLog, signal: AbortSignal): Promise<void> {
  let held: IndexReader | undefined;
  for (let round = 0; !signal.aborted; round++) {
    try {
      if (held === undefined || round % 7 === 0) held = await openIndex(index);
      else await held.refresh();
      await checkedRead(held, world, log);
    } catch (error) {
      const isEmpty = held === undefined && error instanceof TidemarkError && error.code === 'not-found';
      if (!isEmpty) log.fail(`failed read: ${error instanceof Error ? error.stack : String(error)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Every document by itself, once all is over. */
export async function compareAll(index: string, world: World, log: ReadLog): Promise<void> {
  const reader = await openIndex(index);
  await checkedRead(reader, world, log);
  if (log.newest !== world.partitions) log.fail(`ends at partition ${log.newest} of ${world.partitions}`);
  const { hits } = await reader.search('kind:doc', { k: world.live.size + 1_000, fields: ['stamp'] });
  const found = new Map(hits.map(({ id, fields }) => [id, Number(fields.stamp)]));
  for (const [id, stamp] of world.live) {
    if (found.get(id) !== stamp) log.fail(`lost: ${id} of partition ${stamp} reads ${found.get(id)}`);
  }
  for (const id of found.keys()) if (!world.live.has(id)) log.fail(`${id} is deleted and was found`);
}
