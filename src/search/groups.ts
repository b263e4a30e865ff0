/** Groups whole: all live documents of one, as of one manifest, whatever segments they lie in. */
import { compareBytes } from '../base/bytes.js';
import { type DocId, GROUP_FIELD } from '../segment/layout.js';
import { NO_MORE_DOCS } from '../segment/postings.js';
import type { LiveId } from './live-ids.js';
import { isLive, type LiveSegment, type Snapshot } from './snapshot.js';

/** Group of a document, as bytes; undefined where it has none. */
export async function groupKeyOf({ hasGroups }: Snapshot, segment: LiveSegment, docId: DocId) {
  if (!hasGroups) return undefined;
  const { reader } = segment;
  const [ordinals, dictionary] = await Promise.all([reader.ordinals(GROUP_FIELD), reader.dictionary(GROUP_FIELD)]);
  const ordinal = ordinals.first(docId);
  return ordinal < 0 ? undefined : dictionary.termAt(ordinal);
}

/** Live members of a group by the bytes of their ids; none where there is no such group. */
export async function groupMembers({ segments, hasGroups }: Snapshot, group: Uint8Array): Promise<LiveId[]> {
  const members: LiveId[] = [];
  for (const segment of hasGroups ? segments : []) {
    const { reader } = segment;
    const info = await (await reader.dictionary(GROUP_FIELD)).seekExact(group);
    if (info === undefined) continue;
    const [list, stored] = await Promise.all([reader.postings(GROUP_FIELD, info), reader.stored()]);
    for (let docId = list.next(); docId !== NO_MORE_DOCS; docId = list.next()) {
      if (isLive(segment, docId)) members.push({ id: await stored.id(docId), segment, docId });
    }
  }
  return members.sort((a, b) => compareBytes(a.id, b.id));
}
