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
}

/** Every document. */
export class AllScorer implements Scorer {
  docId: DocId = -1;
  readonly cost: number;

  constructor(
    private readonly docs: number,
    private readonly value: number,
  ) {
    this.cost = docs;
  }

  next(): DocId {
    return this.advance(this.docId + 1);
  }

  advance(target: DocId): DocId {
    if (target > this.docId) this.docId = target < this.docs ? target : NO_MORE_DOCS;
    return this.docId;
  }

  score(): number {
    return this.value;
  }
}

/** The documents whose bit is set (low bits first). */
export class BitSetScorer implements Scorer {
  docId: DocId = -1;

  constructor(
    private readonly bits: Uint32Array,
    readonly cost: number,
    private readonly value: number,
  ) {}

  next(): DocId {
    return this.advance(this.docId + 1);
  }

  advance(target: DocId): DocId {
    if (target <= this.docId) return this.docId;
    this.docId = this.#firstFrom(target);
    return this.docId;
  }

  score(): number {
    return this.value;
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
