/** Ids settle ties: the smaller bytes come first, so that an answer does not depend on how documents lie in segments. */
import { compareBytes } from '../base/bytes.js';
import { remember } from '../base/remember.js';
import { ID_FIELD } from '../segment/layout.js';
import { NO_MORE_DOCS } from '../segment/postings.js';
import { walkLists } from '../segment/walk.js';
import type { LiveSegment, Snapshot } from './snapshot.js';
import { type DocAddress, docIdOf, type Hit, segmentOf, type TopHits } from './top-hits.js';

/** A hit with its id. */
export interface NamedHit extends Hit {
  readonly id: Uint8Array;
}

/**
 * Ties up to this many are settled by reading the documents' ids from the stored blocks (each some tens of microseconds);
 * above, by the ranks of all ids of the segments, which cost a pass over the keys once and are then a look-up.
 */
export const FEW_TIES = 256;

/** Ranks of all ids of a segment, kept with its reader: 4 bytes a document. */
const ranksOf = new WeakMap<LiveSegment['reader'], Promise<Uint32Array>>();

/** Rank of each document's id among the ids of its segment. */
export function idRanks({ reader, docs }: LiveSegment): Promise<Uint32Array> {
  return remember(ranksOf, reader, () => readRanks(reader, docs));
}

async function readRanks(reader: LiveSegment['reader'], docs: number): Promise<Uint32Array> {
  const ranks = new Uint32Array(docs);
  await walkLists(reader, ID_FIELD, ({ ordinal }, list) => {
    for (let docId = list.next(); docId !== NO_MORE_DOCS; docId = list.next()) ranks[docId] = ordinal;
  });
  return ranks;
}

/** The best hits in order: by key, then by id. */
export async function bestHits(snapshot: Snapshot, top: TopHits): Promise<NamedHit[]> {
  const { above, tied, high, low } = top.split();
  const room = top.k - above.length;
  const candidates = tied.length > Math.max(room, FEW_TIES) ? await smallestRanks(snapshot, tied, room) : [...tied];
  const named = await nameHits(
    snapshot,
    candidates.map((address) => ({ address, high, low })),
  );
  const chosen = named.toSorted((a, b) => compareBytes(a.id, b.id)).slice(0, room);
  return [...(await nameHits(snapshot, above)), ...chosen].sort(compareHits);
}

/** By key, the larger first, then by id. */
export function compareHits(a: NamedHit, b: NamedHit): number {
  if (a.high !== b.high) return a.high > b.high ? -1 : 1;
  return b.low - a.low || compareBytes(a.id, b.id);
}

/** Reads the ids of hits. */
export function nameHits(snapshot: Snapshot, hits: readonly Hit[]): Promise<NamedHit[]> {
  return Promise.all(
    hits.map(async (hit) => {
      const stored = await snapshot.segments[segmentOf(hit.address)]!.reader.stored();
      return { ...hit, id: await stored.id(docIdOf(hit.address)) };
    }),
  );
}

/** Of each segment the `room` documents with the smallest ids: those that are smallest over all are among them. */
async function smallestRanks(snapshot: Snapshot, tied: Float64Array, room: number): Promise<DocAddress[]> {
  const smallest: DocAddress[] = [];
  for (const segment of snapshot.segments) {
    const own = tied.filter((address) => segmentOf(address) === segment.ordinal);
    if (own.length === 0) continue;
    const ranks = await idRanks(segment);
    const last = Uint32Array.from(own, (address) => ranks[docIdOf(address)]!).sort()[Math.min(room, own.length) - 1]!;
    for (const address of own) if (ranks[docIdOf(address)]! <= last) smallest.push(address);
  }
  return smallest;
}
