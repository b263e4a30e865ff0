/** What kill resolution knows of one segment: its rows' ranks, its tombstones, and which documents are killed so far. */
import { compareBytes } from '../base/bytes.js';
import { type DocId, GROUP_FIELD } from '../segment/layout.js';
import type { Ordinals } from '../segment/ordinals.js';
import type { SegmentReader } from '../segment/reader.js';
import type { SourceRow, Sources } from '../segment/sources.js';
import type { TombstoneEntry } from '../segment/write-tombstones.js';
import { versionLookup } from './versions.js';

/** The group of rows that have none. */
export const NO_GROUP = -1;
/** The group of rows whose group has not been looked up yet. */
export const UNNUMBERED = -2;

/** A tombstone with the number of its group. */
export interface TombstoneRow {
  readonly entry: TombstoneEntry;
  group: number;
}

export interface SegmentRows {
  readonly reader: SegmentReader;
  /** Resolved already among the other settled ones: its keys are looked up, never walked. */
  readonly isSettled: boolean;
  /** LSB bitmap of killed documents, filled as keys are resolved. */
  readonly killed: Uint8Array;
  readonly sources: Sources;
  readonly versionOf: (docId: DocId) => bigint | undefined;
  /** As the segment lists them: those with an id, by id, then those of whole groups. */
  readonly tombstones: readonly TombstoneRow[];
  readonly groups: SegmentGroups | undefined;
}

/** Groups of a segment's documents; numbers mean the same group in every segment. */
export interface SegmentGroups {
  readonly ordinals: Ordinals;
  /** By ordinal in the segment's own dictionary. */
  readonly numbers: Int32Array;
}

/** Reads what ranks need: columns and sources whole, dictionaries not at all. `killed` is changed from here on. */
export async function openSegmentRows(
  reader: SegmentReader,
  killed: Uint8Array,
  isSettled: boolean,
): Promise<SegmentRows> {
  const { version, group } = reader.footer;
  const [column, sources, entries, groups] = await Promise.all([
    version === null ? undefined : reader.column(version),
    reader.sources(),
    reader.tombstones(),
    group ? openGroups(reader) : undefined,
  ]);
  return {
    reader,
    isSettled,
    killed,
    sources,
    versionOf: column === undefined ? () => undefined : versionLookup(column),
    tombstones: entries.map((entry) => ({ entry, group: entry.group === undefined ? NO_GROUP : UNNUMBERED })),
    groups,
  };
}

async function openGroups(reader: SegmentReader): Promise<SegmentGroups> {
  const ordinals = await reader.ordinals(GROUP_FIELD);
  return { ordinals, numbers: new Int32Array(reader.field(GROUP_FIELD)!.terms!).fill(UNNUMBERED) };
}

/** Tombstones that name an id, by id. */
export function idTombstones({ tombstones }: SegmentRows): TombstoneRow[] {
  return tombstones.filter(({ entry }) => entry.id !== undefined);
}

/** Tombstones that name a group, with or without an id, by group. */
export function groupTombstones({ tombstones }: SegmentRows): TombstoneRow[] {
  return tombstones
    .filter(({ entry }) => entry.group !== undefined)
    .sort((a, b) => compareBytes(a.entry.group!, b.entry.group!));
}

/** Where a tombstone stood. */
export function tombstoneSource({ sources }: SegmentRows, { entry }: TombstoneRow): SourceRow {
  const { partitionTime, key } = sources.objects[entry.object]!;
  return { partitionTime, objectKey: key, rowGroup: entry.rowGroup, row: entry.row };
}

/** The first document of a partition at or after `time`: documents lie in the order of their partitions. */
export function firstDocFrom({ sources }: SegmentRows, time: number): DocId {
  let low = 0;
  let high = sources.runs.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sources.objects[sources.runs[middle]!.object]!.partitionTime < time) low = middle + 1;
    else high = middle;
  }
  return sources.runStarts[low]!;
}

export function kill({ killed }: SegmentRows, docId: DocId): void {
  killed[docId >> 3]! |= 1 << (docId & 7);
}

export function unkill({ killed }: SegmentRows, docId: DocId): void {
  killed[docId >> 3]! &= ~(1 << (docId & 7));
}
