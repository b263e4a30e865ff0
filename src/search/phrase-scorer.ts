import type { DocId } from '../segment/layout.js';
import { NO_MORE_DOCS, type PostingList } from '../segment/postings.js';
import { score, type Weight } from './bm25.js';
import { exactFreq } from './exact-phrase.js';
import type { Scorer } from './scorer.js';
import { sloppyFreq } from './sloppy-phrase.js';

/** Documents that hold all words of a phrase in their places, up to `slop` positions moved. */
export class PhraseScorer implements Scorer {
  docId: DocId = -1;
  readonly cost: number;
  readonly #byCost: readonly PostingList[];
  #freq = 0;

  constructor(
    /** One list a word, in the phrase's order; a word that repeats has a list for each place. */
    private readonly words: readonly PostingList[],
    /** Per word, the number of the first place that asks for the same word. */
    private readonly sameWord: readonly number[],
    private readonly slop: number,
    private readonly weight: Weight,
    private readonly norms: Uint8Array,
  ) {
    this.#byCost = words.toSorted((a, b) => a.docFreq - b.docFreq);
    this.cost = this.#byCost[0]!.docFreq;
  }

  next(): DocId {
    return this.#firstPhrase(this.#byCost[0]!.next());
  }

  advance(target: DocId): DocId {
    return target <= this.docId ? this.docId : this.#firstPhrase(this.#byCost[0]!.advance(target));
  }

  /** However often the phrase stands in a document, it stays below its weight. */
  get maxScore(): number {
    return this.weight.weight;
  }

  seekBound(): DocId {
    return NO_MORE_DOCS;
  }

  boundScore(): number {
    return this.weight.weight;
  }

  score(): number {
    return score(this.weight, this.#freq, this.norms[this.docId]!);
  }

  #firstPhrase(docId: DocId): DocId {
    let candidate = this.#align(docId);
    while (candidate !== NO_MORE_DOCS) {
      const positions = this.words.map((word) => word.positions());
      this.#freq = this.slop === 0 ? exactFreq(positions) : sloppyFreq(positions, this.sameWord, this.slop);
      if (this.#freq > 0) break;
      candidate = this.#align(this.#byCost[0]!.next());
    }
    this.docId = candidate;
    return candidate;
  }

  /** The first document at or after the lead's that holds every word. */
  #align(docId: DocId): DocId {
    const [lead, ...others] = this.#byCost;
    let candidate = docId;
    for (let i = 0; i < others.length && candidate !== NO_MORE_DOCS; ) {
      const found = others[i]!.advance(candidate);
      if (found === candidate) {
        i++;
      } else {
        candidate = found === NO_MORE_DOCS ? NO_MORE_DOCS : lead!.advance(found);
        i = 0;
      }
    }
    return candidate;
  }
}
