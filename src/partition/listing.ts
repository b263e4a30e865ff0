/**
 * What is under the source prefix: the partitions of a time range, newest first, with their objects.
 *
 * Three ways, chosen by template and question, all with the same answer:
 * - ordered template, whole range: one flat scan from the lower bound's key to the upper bound's. A request holds 1,000
 *   objects, so a 5 h window of 60 partitions is one request, where a request per folder would be 68.
 * - ordered template, the newest few: a descent by folders (`descend.ts`), then one scan per partition.
 * - any other template: a walk over all folders (`walk.ts`), then one scan per partition.
 */
import { assert } from '../base/errors.js';
import { compareKeys } from '../base/key-order.js';
import type { ObjectInfo, Store } from '../store/store.js';
import { foldersNewestFirst, type PartitionFolder } from './descend.js';
import {
  addObject,
  createDraft,
  finishDraft,
  type IgnoredKey,
  type PartitionDraft,
  type PartitionRef,
} from './folder.js';
import { ALL_TIME, formatLevel, formatPartition, parsePartition } from './key.js';
import { behindFolder, Lister, type Verdict } from './lister.js';
import { createSightings, noteIgnored, type Sightings } from './sightings.js';
import type { PartitionTemplate } from './template.js';
import { foldersByWalking } from './walk.js';

export interface ListPartitionsOptions {
  readonly template: PartitionTemplate;
  /** Partitions after this instant (exclusive, ms since the epoch); undefined = from the first one on. */
  readonly from?: number | undefined;
  /** Partitions at or before this instant: now + maxFutureSkew. Later ones are reported as `future`. */
  readonly to: number;
  /** Only that many of the newest partitions with data, plus the ones without data met on the way. */
  readonly newest?: number;
  /** Name of the completion marker inside a partition; never data. */
  readonly marker?: string | undefined;
  /** Bound on LIST requests; `DEFAULT_MAX_LIST_CALLS` unless told. */
  readonly maxListCalls?: number;
  readonly signal?: AbortSignal;
}

/** A folder whose time lies beyond the upper bound. */
export interface FutureFolder {
  /** The earliest time it can hold, ms since the epoch. */
  readonly time: number;
  readonly prefix: string;
}

export interface PartitionListing {
  /** Newest first. */
  readonly partitions: readonly PartitionRef[];
  /** Names met on the way that are no partition. Names that sort outside the range need not be met. */
  readonly ignored: readonly IgnoredKey[];
  /** Partitions beyond the upper bound met on the way, by time: at least one where there is one and the template is ordered. */
  readonly future: readonly FutureFolder[];
  /** The store's own clock at the first page, ms since the epoch: what LastModified is compared with. */
  readonly date: number;
  /** LIST requests it took. */
  readonly listCalls: number;
}

/** Ten million objects: five minutes at 30 ms a request and five US cents. More is a template that misses its source. */
export const DEFAULT_MAX_LIST_CALLS = 10_000;

/** Folders scanned side by side where there is one request per folder; a third of the SDK's default of 50 sockets at most. */
const FOLDERS_AT_ONCE = 16;

/** Lists the partitions of `(from, to]`; fails with code `store` beyond `maxListCalls` or on a store that lists out of order. */
export async function listPartitions(store: Store, options: ListPartitionsOptions): Promise<PartitionListing> {
  const { template } = options;
  const lister = new Lister(store, options.maxListCalls ?? DEFAULT_MAX_LIST_CALLS, options.signal);
  const seen = createSightings();
  const bounds = { from: Math.max(options.from ?? -1, -1), to: Math.min(options.to, ALL_TIME.to - 1) };
  let partitions: PartitionRef[] = [];
  if (!template.ordered) {
    partitions = await scanFolders(lister, await foldersByWalking(lister, template, bounds, seen), options);
  } else if (options.newest !== undefined) {
    partitions = await scanNewest(
      lister,
      foldersNewestFirst(lister, template, bounds, seen),
      options.newest,
      options.marker,
    );
  } else {
    partitions = await scanRange(lister, template, bounds, options.marker, seen);
  }
  return {
    partitions,
    ignored: [...seen.ignored].map(([key, reason]) => ({ key, reason })),
    future: [...seen.future].map(([prefix, time]) => ({ time, prefix })).sort((a, b) => a.time - b.time),
    date: lister.date,
    listCalls: lister.calls,
  };
}

/** One flat scan; ends with the page that goes beyond the upper bound, so that the first future partition is seen. */
async function scanRange(
  lister: Lister,
  template: PartitionTemplate,
  bounds: { from: number; to: number },
  marker: string | undefined,
  seen: Sightings,
): Promise<PartitionRef[]> {
  const drafts = new Map<number, PartitionDraft>();
  const end = behindFolder(formatPartition(template, bounds.to));
  const visit = (object: ObjectInfo): Verdict => {
    const parsed = parsePartition(template, object.key);
    if (!parsed.ok) {
      noteIgnored(seen, parsed.at, parsed.reason);
      if (compareKeys(object.key, end) > 0) return 'stop';
      return parsed.at.endsWith('/') ? { skipFolder: parsed.at } : 'next';
    }
    if (parsed.time > bounds.to) {
      seen.future.set(parsed.prefix, parsed.time);
      return 'stop';
    }
    const draft = drafts.get(parsed.time) ?? createDraft(parsed.time, parsed.prefix);
    drafts.set(parsed.time, draft);
    return addObject(draft, object, marker);
  };
  const after = bounds.from < 0 ? {} : { startAfter: behindFolder(formatPartition(template, bounds.from)) };
  await lister.scan({ prefix: literalHead(template), ...after }, visit);
  return [...drafts.values()].map(finishDraft).sort((a, b) => b.time - a.time);
}

/** The folders above the first directive: all partitions share them. */
export function literalHead(template: PartitionTemplate): string {
  const varying = template.levels.findIndex((level) => level.tokens.some((token) => token.kind === 'unit'));
  return template.levels
    .slice(0, varying)
    .map((level) => `${formatLevel(level, 0)}/`)
    .join('');
}

async function scanNewest(
  lister: Lister,
  folders: AsyncIterable<PartitionFolder>,
  newest: number,
  marker: string | undefined,
): Promise<PartitionRef[]> {
  const partitions: PartitionRef[] = [];
  assert(newest >= 1, 'newest counts the partitions wanted');
  let wanted = newest;
  for await (const folder of folders) {
    const partition = await scanFolder(lister, folder, marker);
    partitions.push(partition);
    if (partition.objects.length > 0 && --wanted === 0) break;
  }
  return partitions;
}

/** Folders are known, newest first: scans them side by side until enough of them hold data. */
async function scanFolders(
  lister: Lister,
  folders: readonly PartitionFolder[],
  options: ListPartitionsOptions,
): Promise<PartitionRef[]> {
  const partitions: PartitionRef[] = [];
  let wanted = options.newest ?? Number.POSITIVE_INFINITY;
  for (let i = 0; i < folders.length && wanted > 0; ) {
    const batch = folders.slice(i, i + Math.min(FOLDERS_AT_ONCE, wanted));
    i += batch.length;
    for (const partition of await Promise.all(batch.map((folder) => scanFolder(lister, folder, options.marker)))) {
      partitions.push(partition);
      if (partition.objects.length > 0) wanted--;
    }
  }
  return partitions;
}

async function scanFolder(lister: Lister, folder: PartitionFolder, marker: string | undefined): Promise<PartitionRef> {
  const draft = createDraft(folder.time, folder.prefix);
  await lister.scan({ prefix: folder.prefix }, (object) => addObject(draft, object, marker));
  return finishDraft(draft);
}
