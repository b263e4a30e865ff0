import type { DocId } from '../segment/layout.js';
import type { PostingList } from '../segment/postings.js';
import { NO_NORM, score, type Weight } from './bm25.js';
import type { Scorer } from './scorer.js';

/** One term of a text or keyword field. */
export class TermScorer implements Scorer {
  readonly cost: number;

  constructor(
    private readonly list: PostingList,
    private readonly weight: Weight,
    /** Undefined for keyword fields. */
    private readonly norms: Uint8Array | undefined,
  ) {
    this.cost = list.docFreq;
  }

  get docId(): DocId {
    return this.list.docId;
  }

  next(): DocId {
    return this.list.next();
  }

  advance(target: DocId): DocId {
    return this.list.advance(target);
  }

  score(): number {
    return score(this.weight, this.list.freq, this.norms === undefined ? NO_NORM : this.norms[this.list.docId]!);
  }
}
