import type { DocId } from '../segment/layout.js';
import { NO_MORE_DOCS, type PostingList, type SkipTable } from '../segment/postings.js';
import { NO_NORM, score, type Weight } from './bm25.js';
import type { Scorer } from './scorer.js';

/** One term of a text or keyword field. */
export class TermScorer implements Scorer {
  readonly cost: number;
  #maxScore = -1;
  #boundBlock = 0;

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

  /** By block maxima where there are any; a short list is bounded by what no frequency reaches. */
  get maxScore(): number {
    const { skip } = this.list;
    if (skip === undefined) return this.weight.weight;
    if (this.#maxScore < 0) {
      for (let block = 0; block < skip.blocks; block++)
        this.#maxScore = Math.max(this.#maxScore, this.#maxOf(skip, block));
    }
    return this.#maxScore;
  }

  seekBound(target: DocId): DocId {
    const { skip } = this.list;
    if (skip === undefined) return NO_MORE_DOCS;
    while (this.#boundBlock < skip.blocks && skip.lastDocs[this.#boundBlock]! < target) this.#boundBlock++;
    return this.#boundBlock < skip.blocks ? skip.lastDocs[this.#boundBlock]! : NO_MORE_DOCS;
  }

  boundScore(): number {
    const { skip } = this.list;
    if (skip === undefined) return this.weight.weight;
    return this.#boundBlock < skip.blocks ? this.#maxOf(skip, this.#boundBlock) : 0;
  }

  /** A score grows with the frequency and falls with the length, so the two together bound a block. */
  #maxOf({ maxFreqs, minNorms }: SkipTable, block: number): number {
    return score(this.weight, maxFreqs[block]!, this.norms === undefined ? NO_NORM : minNorms[block]!);
  }

  score(): number {
    return score(this.weight, this.list.freq, this.norms === undefined ? NO_NORM : this.norms[this.list.docId]!);
  }
}
