/**
 * Patches over the documents of an index: which value stands in the place of which. Ids are walked in order and looked up by
 * seeking forward, so that the cost follows the patches and not the segments.
 */
import { DictionaryCursor } from '../kills/dictionary-cursor.js';
import type { SegmentRows } from '../kills/segment-rows.js';
import { versionLookup } from '../kills/versions.js';
import { walkKeys } from '../kills/walk-keys.js';
import { isKilled } from '../segment/kill-bitmap.js';
import { type DocId, ID_FIELD } from '../segment/layout.js';
import { comparePatchRanks, type OverlayEntry, type PatchRank } from '../segment/overlay.js';
import { type PatchPart, patchValue } from '../segment/patch-part.js';
import type { SegmentReader } from '../segment/reader.js';
import { PatchCursor } from './cursor.js';
import { outranks, type PatchRule } from './rule.js';

/** A segment and the documents of it that do not count. */
export interface PatchTarget {
  readonly reader: SegmentReader;
  /** LSB bitmap; undefined where no document is killed. */
  readonly killed: Uint8Array | undefined;
}

export interface ResolvedPatches {
  /** By segment name and field, entries in document order; what has none is left out. */
  readonly entries: ReadonlyMap<string, ReadonlyMap<string, readonly OverlayEntry[]>>;
  /** Ids that no live document has. */
  readonly unknown: number;
}

/** `parts` are of one source; of two that cover the same partition only one may be given. */
export async function resolvePatches(
  parts: readonly PatchPart[],
  targets: readonly PatchTarget[],
  rule: PatchRule,
): Promise<ResolvedPatches> {
  const soughtKeys = parts.reduce((sum, { rows }) => sum + rows, 0);
  const entries = new Map<string, Map<string, OverlayEntry[]>>();
  const sought = await Promise.all(
    targets.map(async (target) =>
      DictionaryCursor.open(await rowsOf(target), ID_FIELD, { withPostings: true, soughtKeys }),
    ),
  );
  let unknown = 0;
  await walkKeys<PatchCursor | DictionaryCursor>(
    parts.map((part) => new PatchCursor(part)),
    sought,
    (hits) => {
      const patches = hits.filter((hit) => hit.kind === 'patches');
      const found = liveDocument(hits.filter((hit) => hit.kind === 'documents'));
      if (found === undefined) unknown++;
      else patchDocument(patches, found, rule, entries);
    },
  );
  for (const fields of entries.values()) {
    for (const list of fields.values()) list.sort((a, b) => a.docId - b.docId);
  }
  return { entries, unknown };
}

/** What ranks and look-ups need of a segment; tombstones and groups play no part: kills are resolved. */
async function rowsOf({ reader, killed }: PatchTarget): Promise<SegmentRows> {
  const { version } = reader.footer;
  const [column, sources] = await Promise.all([
    version === null ? undefined : reader.column(version),
    reader.sources(),
  ]);
  return {
    reader,
    isSettled: true,
    killed: killed ?? new Uint8Array(Math.ceil(reader.docs / 8)),
    sources,
    versionOf: column === undefined ? () => undefined : versionLookup(column),
    tombstones: [],
    groups: undefined,
  };
}

interface FoundDocument {
  readonly segment: SegmentRows;
  readonly docId: DocId;
}

/** An id has one live document at most. */
function liveDocument(hits: readonly DictionaryCursor[]): FoundDocument | undefined {
  for (const hit of hits) {
    const { segment } = hit;
    for (const docId of hit.docIds()) if (!isKilled(segment.killed, docId)) return { segment, docId };
  }
  return undefined;
}

function patchDocument(
  patches: readonly PatchCursor[],
  { segment, docId }: FoundDocument,
  rule: PatchRule,
  entries: Map<string, Map<string, OverlayEntry[]>>,
): void {
  const { partitionTime } = segment.sources.rowOf(docId);
  const row: PatchRank = { version: segment.versionOf(docId), partitionTime };
  const { fields } = patches[0]!.part;
  fields.forEach(({ name }, field) => {
    const best = bestPatch(patches, field, row, rule);
    if (best === undefined) return;
    const { rank, cursor, at } = best;
    const value = patchValue(cursor.part, field, at)!;
    const own = entries.get(segment.reader.name) ?? new Map<string, OverlayEntry[]>();
    const list = own.get(name) ?? [];
    list.push({ docId, value, ...rank });
    own.set(name, list);
    entries.set(segment.reader.name, own);
  });
}

/** The highest rank among the patches of one id that set a field and count for the row. */
function bestPatch(patches: readonly PatchCursor[], field: number, row: PatchRank, rule: PatchRule) {
  let best: { readonly rank: PatchRank; readonly cursor: PatchCursor; readonly at: number } | undefined;
  for (const cursor of patches) {
    for (let at = cursor.start; at < cursor.end; at++) {
      if (patchValue(cursor.part, field, at) === undefined) continue;
      const rank = cursor.rankOf(at);
      if (!outranks(rank, row, rule)) continue;
      if (best === undefined || comparePatchRanks(rank, best.rank, rule.replace) > 0) best = { rank, cursor, at };
      break; // the first one of a part is its highest
    }
  }
  return best;
}
