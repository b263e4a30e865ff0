/**
 * A piece of the source, oldest first: about one page of objects behind a time. Piece after piece goes over all that is too old
 * to be listed at every trigger, so that what comes late there is found as well.
 */
import { compareKeys } from '../base/key-order.js';
import { addObject, createDraft, finishDraft, type PartitionDraft, type PartitionRef } from './folder.js';
import { formatPartition, parsePartition } from './key.js';
import { behindFolder, type Lister } from './lister.js';
import { literalHead } from './listing.js';
import { noteIgnored, type Sightings } from './sightings.js';
import type { PartitionTemplate } from './template.js';

export interface SweptPiece {
  /** Whole partitions, oldest first. */
  readonly partitions: readonly PartitionRef[];
  /** Everything after the lower bound and up to this time was seen: what is not among `partitions` is not there. */
  readonly to: number;
}

export interface SweepOptions {
  /** Text order must be time order. */
  readonly template: PartitionTemplate;
  /** Half-open `(from, to]`. */
  readonly from: number;
  readonly to: number;
  readonly marker: string | undefined;
}

/** Lists until a page is used up that holds the end of at least one partition, or until nothing is left. */
export async function sweepPiece(lister: Lister, options: SweepOptions, seen: Sightings): Promise<SweptPiece> {
  const { template, from, to, marker } = options;
  const prefix = literalHead(template);
  const end = behindFolder(formatPartition(template, to));
  const drafts = new Map<number, PartitionDraft>();
  let at: { startAfter?: string; token?: string } =
    from < 0 ? {} : { startAfter: behindFolder(formatPartition(template, from)) };
  for (;;) {
    const page = await lister.page({ prefix, ...at });
    let isOver = page.next === undefined;
    let skip: string | undefined;
    for (const object of page.objects) {
      const parsed = parsePartition(template, object.key);
      if (compareKeys(object.key, end) > 0 || (parsed.ok && parsed.time > to)) {
        isOver = true;
        break;
      }
      skip = undefined;
      if (!parsed.ok) {
        noteIgnored(seen, parsed.at, parsed.reason);
        if (parsed.at.endsWith('/')) skip = parsed.at;
        continue;
      }
      const draft = drafts.get(parsed.time) ?? createDraft(parsed.time, parsed.prefix);
      drafts.set(parsed.time, draft);
      const verdict = addObject(draft, object, marker);
      if (typeof verdict === 'object') skip = verdict.skipFolder;
    }
    const times = [...drafts.keys()];
    if (isOver) return { partitions: [...drafts.values()].map(finishDraft), to };
    // The last one may go on behind this page.
    if (times.length > 1) {
      const whole = [...drafts.values()].slice(0, -1).map(finishDraft);
      return { partitions: whole, to: times.at(-1)! - 1 };
    }
    at = skip === undefined ? { token: page.next! } : { startAfter: behindFolder(skip) };
  }
}
