/** Groups over all segments: numbers that can be compared, and whole groups that a later delivery replaces. */
import { type DocId, GROUP_FIELD } from '../segment/layout.js';
import { openCursors, type RowCursor } from './row-cursors.js';
import {
  firstDocFrom,
  kill,
  NO_GROUP,
  type SegmentRows,
  type TombstoneRow,
  tombstoneSource,
  UNNUMBERED,
} from './segment-rows.js';
import type { Replace } from './survivor.js';
import { walkKeys } from './walk-keys.js';

/** Groups by number. Groups that come with new rows are numbered first; others when they are met. */
export class GroupNumbers {
  #count = 0;
  /** Groups of settled segments only, by their bytes as latin-1 text. */
  readonly #met = new Map<string, number>();

  /** The number of a new group. */
  take(): number {
    return this.#count++;
  }

  /** Group of a document, where it is known without a look-up; else `UNNUMBERED`. */
  ofDocument({ groups }: SegmentRows, docId: DocId): number {
    if (groups === undefined) return NO_GROUP;
    const ordinal = groups.ordinals.first(docId);
    return ordinal < 0 ? NO_GROUP : groups.numbers[ordinal]!;
  }

  /** Looks up the name of an unnumbered document's group: rare, for no new row has that group. */
  async meetDocument({ reader, groups }: SegmentRows, docId: DocId): Promise<number> {
    const ordinal = groups!.ordinals.first(docId);
    const number = this.#meet(await (await reader.dictionary(GROUP_FIELD)).termAt(ordinal));
    groups!.numbers[ordinal] = number;
    return number;
  }

  /** Group of a tombstone. */
  ofTombstone(row: TombstoneRow): number {
    if (row.group === UNNUMBERED) row.group = this.#meet(row.entry.group!);
    return row.group;
  }

  #meet(group: Uint8Array): number {
    const name = Buffer.from(group).toString('latin1');
    const known = this.#met.get(name);
    if (known !== undefined) return known;
    const number = this.take();
    this.#met.set(name, number);
    return number;
  }
}

/**
 * Numbers the groups of all new rows alike in every segment. Where groups replace, it kills the documents of every such
 * group that an older partition delivered than the latest one to deliver it, be it by tombstones alone.
 */
export async function numberGroups(segments: readonly SegmentRows[], replace: Replace): Promise<GroupNumbers> {
  const numbers = new GroupNumbers();
  const withGroups = segments.filter(({ groups }) => groups !== undefined);
  const fresh = withGroups.filter(({ isSettled }) => !isSettled);
  const settled = withGroups.filter(({ isSettled }) => isSettled);
  const soughtKeys = fresh.reduce((sum, { groups, tombstones }) => sum + groups!.numbers.length + tombstones.length, 0);
  const withPostings = replace === 'group';
  const walked = await openCursors(fresh, 'group', { withPostings });
  const sought = await openCursors(settled, 'group', { withPostings, soughtKeys });
  await walkKeys(walked, sought, (hits) => {
    const number = numbers.take();
    for (const hit of hits) {
      if (hit.kind === 'documents') hit.segment.groups!.numbers[hit.ordinal] = number;
      else for (const row of hit.rows()) row.group = number;
    }
    if (replace === 'group') supersedeGroup(hits);
  });
  return numbers;
}

/** Kills the documents of one group that are older than its latest delivery. */
function supersedeGroup(hits: readonly RowCursor[]): void {
  let latest = Number.NEGATIVE_INFINITY;
  const documents: { readonly segment: SegmentRows; readonly docIds: readonly DocId[] }[] = [];
  for (const hit of hits) {
    const { segment } = hit;
    if (hit.kind === 'documents') {
      const docIds = hit.docIds();
      documents.push({ segment, docIds });
      latest = Math.max(latest, segment.sources.rowOf(docIds.at(-1)!).partitionTime);
    } else {
      for (const row of hit.rows()) latest = Math.max(latest, tombstoneSource(segment, row).partitionTime);
    }
  }
  for (const { segment, docIds } of documents) {
    const end = firstDocFrom(segment, latest);
    for (const docId of docIds) {
      if (docId >= end) break;
      kill(segment, docId);
    }
  }
}
