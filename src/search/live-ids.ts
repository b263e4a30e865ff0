/** Ids of live documents in byte order, over all segments of a snapshot. */
import { type DocId, ID_FIELD } from '../segment/layout.js';
import { NO_MORE_DOCS } from '../segment/postings.js';
import { mergeTerms } from './merge-terms.js';
import { isLive, type LiveSegment, type Snapshot } from './snapshot.js';
import { storedTermsOf } from './stored-terms.js';

/** A live document by its id; `id` is a copy. */
export interface LiveId {
  readonly id: Uint8Array;
  readonly segment: LiveSegment;
  readonly docId: DocId;
}

/** Yields every live document once, ordered by the bytes of its id; memory does not grow with the index. */
export async function* liveIds({ segments }: Snapshot): AsyncGenerator<LiveId> {
  for await (const { term: id, at } of mergeTerms(await storedTermsOf(segments, ID_FIELD))) {
    for (const { segment, info } of at) {
      const list = await segment.reader.postings(ID_FIELD, info());
      for (let docId = list.next(); docId !== NO_MORE_DOCS; docId = list.next()) {
        if (isLive(segment, docId)) yield { id, segment, docId };
      }
    }
  }
}
