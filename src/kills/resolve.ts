/** Which documents of an index are superseded or deleted: the one resolution that commits, compaction and `check` share. */
import { assert } from '../base/errors.js';
import { countBits } from '../segment/kill-bitmap.js';
import { ID_FIELD } from '../segment/layout.js';
import type { SegmentReader } from '../segment/reader.js';
import { numberGroups } from './groups.js';
import { supersedeIds } from './ids.js';
import { openSegmentRows } from './segment-rows.js';
import type { Replace } from './survivor.js';

/** Kills of a set of segments that were resolved among themselves. */
export interface KillSet {
  /** Names of all of them, those without kills included. */
  readonly segments: ReadonlySet<string>;
  /** By segment name, for segments that have any: LSB bitmap of ceil(docs / 8) bytes, bit set = killed. */
  readonly kills: ReadonlyMap<string, Uint8Array>;
  /** Documents killed. */
  readonly killed: number;
  /** Of these, documents whose id's latest document lies in another group. */
  readonly moved: number;
}

export interface ResolveKillsOptions {
  /** All segments of the index, in any order. */
  readonly segments: readonly SegmentReader[];
  readonly replace: Replace;
  /**
   * Some of them, resolved before: only rows of the others are looked up, so that the cost follows what is new, not the
   * base. The result is that of a full resolution. Holds as long as the settled segments are the very same bytes; a part
   * that was rebuilt is new, and so is everything it was resolved with. Where groups replace, a delivery (the rows of one
   * group in one partition) must lie whole in settled or whole in new segments, which it does when partitions are added whole.
   */
  readonly settled?: KillSet | undefined;
  /**
   * Partitions that settled segments still hold and that count no more, with the parts that their keys can be read from: what
   * their rows had superseded may stay again. Only where records replace.
   */
  readonly gone?: { readonly segments: readonly SegmentReader[]; readonly times: ReadonlySet<number> } | undefined;
}

/**
 * Resolves keys over all segments. With nothing settled it recomputes every kill from the rows alone. `replace: record`: per id
 * the highest rank over documents and tombstones stays. `replace: group`: a group's latest delivery replaces it whole,
 * within a delivery rank settles duplicate ids, and an id stays only where it was delivered last. Segments must be of one
 * schema. Fails with code `corrupt` where a segment breaks its format.
 */
export async function resolveKills({ segments, replace, settled, gone }: ResolveKillsOptions): Promise<KillSet> {
  const names = new Set(segments.map(({ name }) => name));
  assert(names.size === segments.length, 'every segment has a name of its own');
  assert(
    replace === 'record' || segments.every(({ footer }) => footer.group),
    'groups replace only where rows have a group',
  );
  for (const name of settled?.segments ?? []) assert(names.has(name), 'settled segments are part of the index');
  if (segments.length === 1 && settled === undefined && (await isAlone(segments[0]!, replace))) {
    return { segments: names, kills: new Map(), killed: 0, moved: 0 };
  }
  const rows = await Promise.all(
    segments.map((reader) => {
      const before = settled?.kills.get(reader.name);
      const killed = before?.slice() ?? new Uint8Array(Math.ceil(reader.docs / 8));
      return openSegmentRows(reader, killed, settled?.segments.has(reader.name) === true);
    }),
  );
  assert(gone === undefined || replace === 'record', 'what a gone delivery had replaced is not told by its keys');
  const goneRows = await Promise.all(
    (gone?.segments ?? []).map((reader) => openSegmentRows(reader, new Uint8Array(Math.ceil(reader.docs / 8)), false)),
  );
  const numbers = await numberGroups(rows, replace);
  const moved = await supersedeIds(rows, numbers, replace, { rows: goneRows, times: gone?.times ?? new Set() });
  const counted = rows.map(({ reader, killed }) => ({ name: reader.name, killed, count: countBits(killed) }));
  return {
    segments: names,
    kills: new Map(counted.filter(({ count }) => count > 0).map(({ name, killed }) => [name, killed])),
    killed: counted.reduce((sum, { count }) => sum + count, 0),
    moved: (settled?.moved ?? 0) + moved,
  };
}

/**
 * Whether nothing in a segment can supersede anything: every id is there once and no row deletes. Where groups replace, several
 * partitions of one segment could still replace each other's groups.
 */
async function isAlone(reader: SegmentReader, replace: Replace): Promise<boolean> {
  const ids = reader.field(ID_FIELD)!;
  if (ids.terms !== reader.docs || (await reader.tombstones()).length > 0) return false;
  return replace === 'record' || (await reader.sources()).partitions.length === 1;
}
