/** Keys of a keyword dictionary, walked or sought forward by windows of blocks. */
import { compareBytes } from '../base/bytes.js';
import { ByteCursor } from '../segment/cursor.js';
import { TermScanner } from '../segment/dictionary.js';
import { type DocId, TERMS_BLOCK } from '../segment/layout.js';
import { firstTermOf, type TermIndex } from '../segment/term-index.js';
import type { KeyCursor } from './key-cursor.js';
import type { SegmentRows } from './segment-rows.js';

/**
 * Bytes of the dictionary read at a time where most blocks are wanted: few requests to an object store, and small beside
 * the memory of a build.
 */
const WINDOW_BYTES = 4 * 1024 * 1024;
/**
 * Keys sought a block from which on reading through beats reading the blocks that are asked for: at one key in four blocks
 * of about 1 KiB, nearly every page of 128 KiB would be asked for anyway.
 */
const DENSE_KEYS_PER_BLOCK = 0.25;

export interface DictionaryCursorOptions {
  /** Keys that will be sought; every key of the dictionary is walked where it is left out. */
  readonly soughtKeys?: number;
  /** Whether `docIds` will be asked for. */
  readonly withPostings: boolean;
}

/** Consecutive blocks in memory. */
interface Window {
  readonly start: number;
  readonly end: number;
  readonly terms: Uint8Array;
  readonly postings: Uint8Array;
}

const NO_WINDOW: Window = { start: 0, end: 0, terms: new Uint8Array(0), postings: new Uint8Array(0) };

export class DictionaryCursor implements KeyCursor {
  readonly kind = 'documents';
  #window = NO_WINDOW;
  #scanner: TermScanner | undefined;

  private constructor(
    readonly segment: SegmentRows,
    private readonly field: string,
    private readonly index: TermIndex,
    private readonly windowBytes: number,
    private readonly withPostings: boolean,
  ) {}

  /** A cursor before the first key of a keyword field. */
  static async open(segment: SegmentRows, field: string, options: DictionaryCursorOptions): Promise<DictionaryCursor> {
    const { index } = await segment.reader.dictionary(field);
    const isDense = options.soughtKeys === undefined || options.soughtKeys >= index.blocks * DENSE_KEYS_PER_BLOCK;
    return new DictionaryCursor(segment, field, index, isDense ? WINDOW_BYTES : 0, options.withPostings);
  }

  get key(): Uint8Array {
    return this.#scanner!.term;
  }

  get count(): number {
    return this.#scanner!.docFreq;
  }

  get ordinal(): number {
    return this.#scanner!.ordinal;
  }

  step(): boolean {
    return this.#scanner?.step() ?? false;
  }

  async load(): Promise<boolean> {
    if (this.#window.end >= this.index.blocks) return false;
    await this.#read(this.#window.end);
    this.#scan(this.#window.start);
    return this.step();
  }

  seek(key: Uint8Array): boolean | Promise<boolean> {
    if (this.index.blocks === 0) return false;
    const block = this.#blockFor(key);
    if (block < this.#window.start || block >= this.#window.end) return this.#seekElsewhere(block, key);
    return this.#seekIn(block, key);
  }

  /** Documents of the current key, ascending. */
  docIds(): DocId[] {
    const info = this.#scanner!.info();
    const start = info.postingsOffset - this.index.postingsOffsets[this.#window.start]!;
    const bytes = this.#window.postings.subarray(start, start + info.postingsLength);
    // Nearly every id has one document: its list is that number.
    if (info.docFreq === 1) return [new ByteCursor(bytes, this.segment.reader.where('postings', this.field)).varint()];
    const list = this.segment.reader.postingsIn(this.field, info, bytes);
    return Array.from({ length: info.docFreq }, () => list.next());
  }

  async #seekElsewhere(block: number, key: Uint8Array): Promise<boolean> {
    await this.#read(block);
    return this.#seekIn(block, key);
  }

  #seekIn(block: number, key: Uint8Array): boolean {
    if (this.#scanner === undefined || blockOf(this.#scanner) !== block) {
      this.#scan(block);
      this.step();
    }
    for (;;) {
      const order = compareBytes(this.key, key);
      if (order >= 0) return order === 0;
      if (!this.step()) return false;
    }
  }

  /** The last block whose first term is at or before the key, from the current one on: strides double, then halve. */
  #blockFor(key: Uint8Array): number {
    const from = this.#scanner === undefined ? 0 : blockOf(this.#scanner);
    let low = from;
    let stride = 1;
    while (low + stride < this.index.blocks && this.#startsAtOrBefore(low + stride, key)) {
      low += stride;
      stride *= 2;
    }
    let high = Math.min(low + stride, this.index.blocks);
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (this.#startsAtOrBefore(middle, key)) low = middle;
      else high = middle;
    }
    return low;
  }

  #startsAtOrBefore(block: number, key: Uint8Array): boolean {
    return compareBytes(firstTermOf(this.index, block), key) <= 0;
  }

  /** Reads whole blocks from `start` on: as many as fit the window, at least one. */
  async #read(start: number): Promise<void> {
    const { blocks, blockOffsets, postingsOffsets } = this.index;
    const limit = blockOffsets[start]! + this.windowBytes;
    let end = start + 1;
    while (end < blocks && blockOffsets[end + 1]! <= limit) end++;
    const range = (section: 'terms' | 'postings', offsets: Float64Array) =>
      this.segment.reader.sectionRange(section, this.field, offsets[start]!, offsets[end]!);
    const [terms, postings] = await Promise.all([
      range('terms', blockOffsets),
      this.withPostings ? range('postings', postingsOffsets) : NO_WINDOW.postings,
    ]);
    this.#window = { start, end, terms, postings };
    this.#scanner = undefined;
  }

  /** Starts over at a block of the window. */
  #scan(block: number): void {
    const { start, end, terms } = this.#window;
    const bytes = terms.subarray(this.index.blockOffsets[block]! - this.index.blockOffsets[start]!);
    const where = this.segment.reader.where('terms', this.field);
    this.#scanner = new TermScanner(this.index, block, end, bytes, false, where);
  }
}

function blockOf(scanner: TermScanner): number {
  return Math.floor(scanner.ordinal / TERMS_BLOCK);
}
