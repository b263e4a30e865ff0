/** What matches a query in one segment, in docID order. */
import type { DocId } from '../segment/layout.js';
import { NO_MORE_DOCS } from '../segment/postings.js';

/** Starts before the first document; after the end `docId` is `NO_MORE_DOCS`. */
export interface Scorer {
  readonly docId: DocId;
  /** About how many documents it visits: a conjunction is led by the cheapest. */
  readonly cost: number;
  next(): DocId;
  /** Moves to the first match at or after `target`; stays where it is at or beyond it already. */
  advance(target: DocId): DocId;
  /** Score of the current document, a 32-bit float. */
  score(): number;

  /** No document scores higher. */
  readonly maxScore: number;
  /**
   * Looks at the documents from `target` on, which never falls, without moving: returns the last one that `boundScore` holds
   * for. Block maxima make this cheap: nothing is decoded.
   */
  seekBound(target: DocId): DocId;
  /** No document from the target to that last one scores higher. */
  boundScore(): number;
  /** From now on documents that score less may be left out, or told with a lower score than they have. */
  setMinScore?(min: number): void;
}

/** What gives every match the same score. */
export abstract class ConstantScorer implements Scorer {
  abstract docId: DocId;
  abstract readonly cost: number;

  constructor(readonly maxScore: number) {}

  abstract advance(target: DocId): DocId;

  next(): DocId {
    return this.advance(this.docId + 1);
  }

  score(): number {
    return this.maxScore;
  }

  seekBound(): DocId {
    return NO_MORE_DOCS;
  }

  boundScore(): number {
    return this.maxScore;
  }
}

/** Every document. */
export class AllScorer extends ConstantScorer {
  docId: DocId = -1;

  constructor(
    readonly cost: number,
    value: number,
  ) {
    super(value);
  }

  advance(target: DocId): DocId {
    if (target > this.docId) this.docId = target < this.cost ? target : NO_MORE_DOCS;
    return this.docId;
  }
}

/** The documents whose bit is set (low bits first). */
export class BitSetScorer extends ConstantScorer {
  docId: DocId = -1;

  constructor(
    private readonly bits: Uint32Array,
    readonly cost: number,
    value: number,
  ) {
    super(value);
  }

  advance(target: DocId): DocId {
    if (target <= this.docId) return this.docId;
    this.docId = this.#firstFrom(target);
    return this.docId;
  }

  #firstFrom(target: DocId): DocId {
    const { bits } = this;
    let word = target >>> 5;
    if (word >= bits.length) return NO_MORE_DOCS;
    let rest = bits[word]! & (-1 << (target & 31));
    while (rest === 0) {
      if (++word >= bits.length) return NO_MORE_DOCS;
      rest = bits[word]!;
    }
    return word * 32 + 31 - Math.clz32(rest & -rest);
  }
}
