/** All rows of an id over the segments of a generation: documents and tombstones, with their rank and where they lie. */
import { compareBytes } from '../base/bytes.js';
import { toIso } from '../base/time.js';
import { compareRanks, type Rank } from '../kills/rank.js';
import { versionLookup } from '../kills/versions.js';
import { isLive, type LiveSegment, type Snapshot } from '../search/snapshot.js';
import { type DocId, GROUP_FIELD, ID_FIELD } from '../segment/layout.js';
import { NO_MORE_DOCS } from '../segment/postings.js';
import type { TombstoneEntry } from '../segment/write-tombstones.js';

/** A document, or a deletion where `docId` is not told. */
export interface FoundRow extends Rank {
  readonly segment: LiveSegment;
  readonly docId: DocId | undefined;
  readonly live: boolean;
  /** Undefined where it has none. */
  readonly group: string | undefined;
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** Newest rank first. */
export async function rowsOf(snapshot: Snapshot, field: typeof ID_FIELD | typeof GROUP_FIELD, key: string) {
  const term = new TextEncoder().encode(key);
  const rows: FoundRow[] = [];
  for (const segment of snapshot.segments) {
    if (segment.reader.field(field) === undefined) continue;
    rows.push(...(await documents(segment, field, term)), ...(await tombstones(segment, field, term)));
  }
  return rows.sort((a, b) => compareRanks(b, a));
}

async function documents(segment: LiveSegment, field: string, term: Uint8Array): Promise<FoundRow[]> {
  const { reader } = segment;
  const info = await (await reader.dictionary(field)).seekExact(term);
  if (info === undefined) return [];
  const list = await reader.postings(field, info);
  const sources = await reader.sources();
  const { version } = reader.footer;
  const versionOf = version === null ? () => undefined : versionLookup(await reader.column(version));
  const rows: FoundRow[] = [];
  for (let docId = list.next(); docId !== NO_MORE_DOCS; docId = list.next()) {
    const group = await groupOf(segment, docId);
    rows.push({
      ...sources.rowOf(docId),
      version: versionOf(docId),
      segment,
      docId,
      live: isLive(segment, docId),
      group,
    });
  }
  return rows;
}

async function groupOf({ reader }: LiveSegment, docId: DocId): Promise<string | undefined> {
  if (reader.field(GROUP_FIELD) === undefined) return undefined;
  const ordinal = (await reader.ordinals(GROUP_FIELD)).first(docId);
  return ordinal < 0 ? undefined : utf8.decode(await (await reader.dictionary(GROUP_FIELD)).termAt(ordinal));
}

async function tombstones(segment: LiveSegment, field: string, term: Uint8Array): Promise<FoundRow[]> {
  const { objects } = await segment.reader.sources();
  const keyOf = ({ id, group }: TombstoneEntry) => (field === ID_FIELD ? id : group);
  return (await segment.reader.tombstones())
    .filter((entry) => {
      const key = keyOf(entry);
      return key !== undefined && compareBytes(key, term) === 0;
    })
    .map(({ group, version, object, rowGroup, row }) => {
      const { partitionTime, key: objectKey } = objects[object]!;
      const name = group === undefined ? undefined : utf8.decode(group);
      return { version, partitionTime, objectKey, rowGroup, row, segment, docId: undefined, live: false, group: name };
    });
}

/** `dt=../part-0.parquet, row group 0, row 17` */
export function placeOf({ objectKey, rowGroup, row }: Rank): string {
  return `${objectKey}, row group ${rowGroup}, row ${row}`;
}

/** `version 5, partition 2026-05-04T01:05:00Z` */
export function rankOf({ version, partitionTime }: Rank): string {
  const told = version === undefined ? 'no version' : `version ${version}`;
  return `${told}, partition ${timeOf(partitionTime)}`;
}

export function timeOf(ms: number): string {
  return toIso(ms).replace(/\.000Z$/, 'Z');
}
