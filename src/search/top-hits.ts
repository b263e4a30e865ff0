/** The best k of all hits, and those that tie with the last of them: which of these belong is settled by id. */
import type { DocId } from '../segment/layout.js';

/** A document of a snapshot as one number: segment ordinal * 2^32 + docID. */
export type DocAddress = number;

const SEGMENT_UNIT = 2 ** 32;

export function addressOf(segment: number, docId: DocId): DocAddress {
  return segment * SEGMENT_UNIT + docId;
}

export function segmentOf(address: DocAddress): number {
  return Math.floor(address / SEGMENT_UNIT);
}

export function docIdOf(address: DocAddress): DocId {
  return address % SEGMENT_UNIT;
}

/** A hit with its sort key: (high, low), the larger the better. By score, `high` is the score and `low` 0. */
export interface Hit {
  readonly address: DocAddress;
  readonly high: number;
  readonly low: number;
}

/**
 * A heap with the worst of the best on top. Columns instead of objects: most hits are looked at and dropped.
 * `ties` are hits outside the heap whose key equals that of the worst inside; they go when a better one pushes it out.
 */
export class TopHits {
  readonly #highs: Float64Array;
  readonly #lows: Float64Array;
  readonly #addresses: Float64Array;
  #size = 0;
  #ties = new Float64Array(64);
  #tieCount = 0;

  constructor(readonly k: number) {
    this.#highs = new Float64Array(k);
    this.#lows = new Float64Array(k);
    this.#addresses = new Float64Array(k);
  }

  /** What a hit must reach to be looked at: the worst of the best, once there are k. */
  get leastHigh(): number {
    if (this.k === 0) return Number.POSITIVE_INFINITY;
    return this.#size < this.k ? Number.NEGATIVE_INFINITY : this.#highs[0]!;
  }

  add(address: DocAddress, high: number, low: number): void {
    if (this.#size < this.k) {
      this.#place(this.#size, address, high, low);
      this.#rise(this.#size++);
      return;
    }
    if (this.k === 0) return;
    const [worstHigh, worstLow] = [this.#highs[0]!, this.#lows[0]!];
    if (high < worstHigh || (high === worstHigh && low < worstLow)) return;
    if (high === worstHigh && low === worstLow) {
      this.#addTie(address);
      return;
    }
    const worst = this.#addresses[0]!;
    this.#place(0, address, high, low);
    this.#sink();
    if (this.#highs[0] === worstHigh && this.#lows[0] === worstLow) this.#addTie(worst);
    else this.#tieCount = 0;
  }

  /** Hits above the worst key; and those that share it, of which as many as there is room for belong to the best. */
  split(): {
    readonly above: readonly Hit[];
    readonly tied: Float64Array;
    readonly high: number;
    readonly low: number;
  } {
    const [high, low] = [this.#highs[0] ?? 0, this.#lows[0] ?? 0];
    const above: Hit[] = [];
    for (let i = 0; i < this.#size; i++) {
      if (this.#highs[i] === high && this.#lows[i] === low) this.#addTie(this.#addresses[i]!);
      else above.push({ address: this.#addresses[i]!, high: this.#highs[i]!, low: this.#lows[i]! });
    }
    return { above, tied: this.#ties.subarray(0, this.#tieCount), high, low };
  }

  #addTie(address: DocAddress): void {
    if (this.#tieCount === this.#ties.length) {
      const larger = new Float64Array(this.#ties.length * 2);
      larger.set(this.#ties);
      this.#ties = larger;
    }
    this.#ties[this.#tieCount++] = address;
  }

  #place(i: number, address: DocAddress, high: number, low: number): void {
    this.#addresses[i] = address;
    this.#highs[i] = high;
    this.#lows[i] = low;
  }

  #isWorse(a: number, b: number): boolean {
    const highA = this.#highs[a]!;
    const highB = this.#highs[b]!;
    return highA < highB || (highA === highB && this.#lows[a]! < this.#lows[b]!);
  }

  #rise(start: number): void {
    for (let i = start; i > 0; ) {
      const parent = (i - 1) >>> 1;
      if (!this.#isWorse(i, parent)) return;
      this.#swap(i, parent);
      i = parent;
    }
  }

  #sink(): void {
    for (let i = 0; ; ) {
      let worst = i;
      const left = 2 * i + 1;
      if (left < this.#size && this.#isWorse(left, worst)) worst = left;
      if (left + 1 < this.#size && this.#isWorse(left + 1, worst)) worst = left + 1;
      if (worst === i) return;
      this.#swap(i, worst);
      i = worst;
    }
  }

  #swap(a: number, b: number): void {
    const [address, high, low] = [this.#addresses[a]!, this.#highs[a]!, this.#lows[a]!];
    this.#place(a, this.#addresses[b]!, this.#highs[b]!, this.#lows[b]!);
    this.#place(b, address, high, low);
  }
}
