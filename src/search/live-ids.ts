/** Ids of live documents in byte order, over all segments of a snapshot. */
import { compareBytes } from '../base/bytes.js';
import type { TermCursor } from '../segment/dictionary.js';
import { type DocId, ID_FIELD } from '../segment/layout.js';
import { NO_MORE_DOCS } from '../segment/postings.js';
import { isLive, type LiveSegment, type Snapshot } from './snapshot.js';

/** A live document by its id; `id` is a copy. */
export interface LiveId {
  readonly id: Uint8Array;
  readonly segment: LiveSegment;
  readonly docId: DocId;
}

interface Source {
  readonly segment: LiveSegment;
  readonly cursor: TermCursor;
}

/** Yields every live document once, ordered by the bytes of its id; memory does not grow with the index. */
export async function* liveIds({ segments }: Snapshot): AsyncGenerator<LiveId> {
  const sources: Source[] = [];
  for (const segment of segments) {
    const cursor = await (await segment.reader.dictionary(ID_FIELD)).iterate();
    if (await cursor.next()) sources.push({ segment, cursor });
  }
  while (sources.length > 0) {
    const id = sources.reduce((a, b) => (compareBytes(b.cursor.term, a.cursor.term) < 0 ? b : a)).cursor.term.slice();
    for (const source of [...sources]) {
      const { segment, cursor } = source;
      if (compareBytes(cursor.term, id) !== 0) continue;
      const list = await segment.reader.postings(ID_FIELD, cursor.info());
      for (let docId = list.next(); docId !== NO_MORE_DOCS; docId = list.next()) {
        if (isLive(segment, docId)) yield { id, segment, docId };
      }
      if (!(await cursor.next())) sources.splice(sources.indexOf(source), 1);
    }
  }
}
