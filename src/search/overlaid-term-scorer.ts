import type { DocId } from '../segment/layout.js';
import { NO_MORE_DOCS, type PostingList } from '../segment/postings.js';
import type { FieldOverlay } from './overlays.js';
import { ConstantScorer } from './scorer.js';

/** A keyword where patches lie over the field: documents of the list that were not patched, and those patched to it. */
export class OverlaidTermScorer extends ConstantScorer {
  docId: DocId = -1;
  readonly cost: number;
  #at = 0;

  constructor(
    /** Undefined where the segment lacks the keyword. */
    private readonly list: PostingList | undefined,
    private readonly overlay: FieldOverlay,
    private readonly patched: Uint32Array,
    value: number,
  ) {
    super(value);
    this.cost = (list?.docFreq ?? 0) + patched.length;
  }

  advance(target: DocId): DocId {
    if (target <= this.docId) return this.docId;
    let stored = this.list?.advance(target) ?? NO_MORE_DOCS;
    while (stored !== NO_MORE_DOCS && this.overlay.has(stored)) stored = this.list!.next();
    while (this.#at < this.patched.length && this.patched[this.#at]! < target) this.#at++;
    this.docId = Math.min(stored, this.patched[this.#at] ?? NO_MORE_DOCS);
    return this.docId;
  }
}
