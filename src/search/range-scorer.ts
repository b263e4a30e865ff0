import type { DocId } from '../segment/layout.js';
import { NO_MORE_DOCS } from '../segment/postings.js';
import type { NumberColumn } from './overlays.js';
import { ConstantScorer } from './scorer.js';

/** Documents whose number lies in [min, max]; blocks are decoded only where documents are asked for. */
export class RangeScorer extends ConstantScorer {
  docId: DocId = -1;
  readonly cost: number;
  readonly #minHigh: number;
  readonly #minLow: number;
  readonly #maxHigh: number;
  readonly #maxLow: number;

  constructor(
    private readonly column: NumberColumn,
    min: bigint,
    max: bigint,
    value: number,
  ) {
    super(value);
    this.cost = column.docs;
    this.#minHigh = Number(min >> 32n);
    this.#minLow = Number(min & 0xffffffffn);
    this.#maxHigh = Number(max >> 32n);
    this.#maxLow = Number(max & 0xffffffffn);
  }

  advance(target: DocId): DocId {
    if (target <= this.docId) return this.docId;
    let docId = target;
    while (docId < this.column.docs && !this.#matches(docId)) docId++;
    this.docId = docId < this.column.docs ? docId : NO_MORE_DOCS;
    return this.docId;
  }

  #matches(docId: DocId): boolean {
    if (!this.column.has(docId)) return false;
    const high = this.column.high(docId);
    if (high < this.#minHigh || high > this.#maxHigh) return false;
    const low = this.column.low(docId);
    return (high > this.#minHigh || low >= this.#minLow) && (high < this.#maxHigh || low <= this.#maxLow);
  }
}
