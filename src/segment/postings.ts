/** One term's documents, frequencies and positions, decoded block by block into typed arrays. */
import type { ErrorWhere } from '../base/errors.js';
import { blockBytes, readPacked, rowBytes, unpackBlock } from './bits.js';
import { ByteCursor, corrupt } from './cursor.js';
import type { TermInfo } from './dictionary.js';
import { type DocId, PACKED_POSITIONS_MIN, POSTINGS_BLOCK } from './layout.js';

/** `docId` of a list that has ended; above every docID. */
export const NO_MORE_DOCS = 0x7fffffff;

/** Skip data in columns, one entry a block (the tail is the last one). */
export interface SkipTable {
  readonly blocks: number;
  /** Last docID of each block. */
  readonly lastDocs: Uint32Array;
  /** blocks + 1 byte offsets in the list. */
  readonly offsets: Uint32Array;
  readonly positionBytes: Uint32Array;
  readonly maxFreqs: Uint32Array;
  readonly minNorms: Uint8Array;
}

/** Parses a list's skip data; `bytes` is the whole list. */
export function parseSkip(bytes: Uint8Array, info: ListInfo, hasFrequencies: boolean, where: ErrorWhere): SkipTable {
  const blocks = Math.ceil(info.docFreq / POSTINGS_BLOCK);
  const dataEnd = bytes.length - info.skipLength;
  const cursor = new ByteCursor(bytes, where, dataEnd);
  const table = {
    blocks,
    lastDocs: new Uint32Array(blocks),
    offsets: new Uint32Array(blocks + 1),
    positionBytes: new Uint32Array(blocks),
    maxFreqs: new Uint32Array(blocks).fill(1),
    minNorms: new Uint8Array(blocks),
  };
  let lastDoc = -1;
  for (let block = 0; block < blocks; block++) {
    lastDoc += cursor.varint();
    table.lastDocs[block] = lastDoc;
    table.offsets[block + 1] = table.offsets[block]! + cursor.varint();
    if (!hasFrequencies) continue;
    table.positionBytes[block] = cursor.varint();
    table.maxFreqs[block] = cursor.varint();
    table.minNorms[block] = cursor.u8();
  }
  cursor.expectDone('skip data');
  if (table.offsets[blocks] !== dataEnd) throw corrupt('skip data does not add up to the list', where);
  return table;
}

/** What a list must be known by. */
export type ListInfo = Pick<TermInfo, 'docFreq' | 'skipLength'>;

const NO_BYTES = new Uint8Array(0);

/**
 * A cursor over one posting list; starts before the first document. Nothing is allocated a posting: `freq` and
 * `positions` belong to the current document. After the end `docId` is `NO_MORE_DOCS`. A cursor may be opened again on
 * another list of the field.
 */
export class PostingList {
  docId: DocId = -1;
  docFreq = 0;
  /** Undefined below 128 documents. */
  skip: SkipTable | undefined;

  #bytes: Uint8Array = NO_BYTES;
  #docs = new Uint32Array(0);
  #freqs = new Uint32Array(0);
  #index = -1;
  /** Documents decoded in the current block. */
  #count = 0;
  #block = -1;
  #blocks = 0;
  /** Positions of the block: -1 = not looked at yet, else their width; few of them are plain values. */
  #positionsStart = 0;
  #positionsAt = 0;
  #positionsBits = -1;
  #positionsIndex = 0;
  #positionsBefore = 0;
  #fewPositions: Uint32Array | undefined;
  #out = new Uint32Array(8);

  /** `docs` = the segment's documents. */
  constructor(
    readonly hasFrequencies: boolean,
    private readonly docs: number,
    private readonly where: ErrorWhere,
  ) {}

  /** Starts on a list; `bytes` is all of it with its skip data. */
  open(bytes: Uint8Array, info: ListInfo): this {
    const { docFreq } = info;
    this.#bytes = bytes;
    this.docFreq = docFreq;
    this.docId = -1;
    this.#index = -1;
    this.#count = 0;
    this.#block = -1;
    this.#blocks = Math.ceil(docFreq / POSTINGS_BLOCK);
    const largest = Math.min(docFreq, POSTINGS_BLOCK);
    if (this.#docs.length < largest) {
      this.#docs = new Uint32Array(largest);
      this.#freqs = new Uint32Array(largest).fill(1);
    }
    const hasSkip = docFreq >= POSTINGS_BLOCK;
    this.skip = hasSkip ? parseSkip(bytes, info, this.hasFrequencies, this.where) : undefined;
    return this;
  }

  /** Occurrences in the current document; 1 for keywords. */
  get freq(): number {
    return this.#freqs[this.#index]!;
  }

  /** Index of the current block: row of the skip table. */
  get block(): number {
    return this.#block;
  }

  /** Bytes of the current block's positions. */
  get positionBytes(): number {
    const end = this.skip === undefined ? this.#bytes.length : this.skip.offsets[this.#block + 1]!;
    return end - this.#positionsStart;
  }

  /** Moves to the next document. */
  next(): DocId {
    if (++this.#index < this.#count) {
      this.docId = this.#docs[this.#index]!;
      return this.docId;
    }
    if (this.#block + 1 >= this.#blocks) return this.#end();
    this.#decode(this.#block + 1);
    this.#index = 0;
    this.docId = this.#docs[0]!;
    return this.docId;
  }

  /** Moves to the first document at or after `target`; stays where it is at or beyond it already. */
  advance(target: DocId): DocId {
    if (this.docId >= target) return this.docId;
    if (this.#count === 0 || this.#docs[this.#count - 1]! < target) {
      const block = this.#blockOf(target);
      if (block >= this.#blocks) return this.#end();
      this.#decode(block);
      this.#index = 0;
    }
    const docs = this.#docs;
    const count = this.#count;
    let index = Math.max(this.#index, 0);
    while (index < count && docs[index]! < target) index++;
    if (index === count) return this.#end();
    this.#index = index;
    this.docId = docs[index]!;
    return this.docId;
  }

  /** Positions of the current document, ascending; a view valid until the next call. */
  positions(): Uint32Array {
    if (this.#positionsBits < 0) this.#openPositions();
    for (; this.#positionsIndex < this.#index; this.#positionsIndex++) {
      this.#positionsBefore += this.#freqs[this.#positionsIndex]!;
    }
    const freq = this.freq;
    if (this.#out.length < freq) this.#out = new Uint32Array(freq * 2);
    const out = this.#out;
    let position = 0;
    for (let i = 0; i < freq; i++) {
      position += this.#positionGap(this.#positionsBefore + i);
      out[i] = position;
    }
    return out.subarray(0, freq);
  }

  /** The first block from the current one on that may hold `target`; `blocks` where none does. */
  #blockOf(target: DocId): number {
    const from = this.#block + 1;
    if (this.skip === undefined) return from;
    const { lastDocs } = this.skip;
    let low = from;
    let high = this.#blocks;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (lastDocs[middle]! < target) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #end(): DocId {
    this.#index = this.#count;
    this.#block = this.#blocks;
    this.docId = NO_MORE_DOCS;
    return NO_MORE_DOCS;
  }

  #decode(block: number): void {
    this.#block = block;
    this.#count = Math.min(POSTINGS_BLOCK, this.docFreq - block * POSTINGS_BLOCK);
    this.#positionsBits = -1;
    const start = this.skip === undefined ? 0 : this.skip.offsets[block]!;
    const end = this.skip === undefined ? this.#bytes.length : this.skip.offsets[block + 1]!;
    const previous = block === 0 ? -1 : this.skip!.lastDocs[block - 1]!;
    const cursor = new ByteCursor(this.#bytes, this.where, start, end);
    if (this.#count === POSTINGS_BLOCK) this.#decodeFull(cursor, previous);
    else this.#decodeTail(cursor, previous);
    this.#positionsStart = cursor.at;
    this.#positionsAt = cursor.at;
    if (!this.hasFrequencies) cursor.expectDone('a block of postings');
    const last = this.#docs[this.#count - 1]!;
    if (last >= this.docs || (this.skip !== undefined && last !== this.skip.lastDocs[block])) {
      throw corrupt('a posting list leads beyond its documents', this.where);
    }
  }

  #decodeFull(cursor: ByteCursor, previous: DocId): void {
    const docs = this.#docs;
    const first = cursor.varint();
    const gapBits = cursor.u8();
    const freqBits = this.hasFrequencies ? cursor.u8() : 0;
    if (gapBits > 32 || freqBits > 32) throw corrupt('a block of postings has an impossible width', this.where);
    const gapsAt = cursor.at;
    cursor.skip(blockBytes(gapBits));
    unpackBlock(this.#bytes, gapsAt, gapBits, docs);
    let docId = previous + first;
    for (let i = 0; i < POSTINGS_BLOCK; i++) {
      docId += docs[i]! + 1;
      docs[i] = docId;
    }
    if (!this.hasFrequencies) return;
    const freqsAt = cursor.at;
    cursor.skip(blockBytes(freqBits));
    unpackBlock(this.#bytes, freqsAt, freqBits, this.#freqs);
    for (let i = 0; i < POSTINGS_BLOCK; i++) this.#freqs[i]!++;
  }

  #decodeTail(cursor: ByteCursor, previous: DocId): void {
    let docId = previous;
    for (let i = 0; i < this.#count; i++) {
      const value = cursor.varint();
      if (!this.hasFrequencies) {
        docId += value + 1;
      } else {
        docId += Math.floor(value / 2) + 1;
        this.#freqs[i] = value % 2 === 1 ? 1 : cursor.varint() + 2;
      }
      this.#docs[i] = docId;
    }
  }

  /** Reads the header of the block's positions: packed in a row, or few enough to be varints. */
  #openPositions(): void {
    if (!this.hasFrequencies) throw corrupt('a keyword field has no positions', this.where);
    let total = 0;
    for (let i = 0; i < this.#count; i++) total += this.#freqs[i]!;
    const end = this.skip === undefined ? this.#bytes.length : this.skip.offsets[this.#block + 1]!;
    const cursor = new ByteCursor(this.#bytes, this.where, this.#positionsAt, end);
    if (total < PACKED_POSITIONS_MIN) {
      this.#fewPositions = new Uint32Array(total);
      for (let i = 0; i < total; i++) this.#fewPositions[i] = cursor.varint();
      this.#positionsBits = 0;
    } else {
      this.#fewPositions = undefined;
      this.#positionsBits = cursor.u8();
      if (this.#positionsBits > 32) throw corrupt('positions have an impossible width', this.where);
      this.#positionsAt = cursor.at;
      cursor.skip(rowBytes(total, this.#positionsBits));
    }
    cursor.expectDone('a block of positions');
    this.#positionsIndex = 0;
    this.#positionsBefore = 0;
  }

  #positionGap(index: number): number {
    return this.#fewPositions === undefined
      ? readPacked(this.#bytes, this.#positionsAt, this.#positionsBits, index)
      : this.#fewPositions[index]!;
  }
}
