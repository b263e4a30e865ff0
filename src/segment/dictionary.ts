/** The sorted term dictionary of one field: exact look-up, look-up of the next term, iteration. */
import { compareBytes } from '../base/bytes.js';
import type { ErrorWhere } from '../base/errors.js';
import { ByteCursor, corrupt } from './cursor.js';
import { POSTINGS_BLOCK, TERMS_BLOCK } from './layout.js';
import { blockFor, type TermIndex } from './term-index.js';

/** What the dictionary tells of a term. */
export interface TermInfo {
  /** Rank of the term in its field. */
  readonly ordinal: number;
  readonly docFreq: number;
  readonly totalTermFreq: number;
  /** In the field's `postings` section, bytes. */
  readonly postingsOffset: number;
  /** Of the whole list, skip data included, bytes. */
  readonly postingsLength: number;
  /** Of the skip data at the list's end, bytes; 0 below 128 documents. */
  readonly skipLength: number;
}

/** How a dictionary gets its bytes: a range of the `terms` section. */
export type ReadTerms = (start: number, end: number) => Promise<Uint8Array>;

/** Blocks an iteration reads at a time: 4,096 terms, tens of KiB. */
const ITERATION_BLOCKS = 64;

export class TermDictionary {
  constructor(
    readonly index: TermIndex,
    readonly hasFrequencies: boolean,
    private readonly read: ReadTerms,
    private readonly where: ErrorWhere,
  ) {}

  /** Distinct terms. */
  get size(): number {
    return this.index.terms;
  }

  /** Undefined where the field has no such term. */
  async seekExact(term: Uint8Array): Promise<TermInfo | undefined> {
    const block = blockFor(this.index, term);
    if (block < 0) return undefined;
    const scanner = await this.scan(block, block + 1);
    while (scanner.step()) {
      const order = compareBytes(scanner.term, term);
      if (order === 0) return scanner.info();
      if (order > 0) return undefined;
    }
    return undefined;
  }

  /** Term of a rank in [0, size). */
  async termAt(ordinal: number): Promise<Uint8Array> {
    const block = Math.floor(ordinal / TERMS_BLOCK);
    if (!(ordinal >= 0 && ordinal < this.size)) throw corrupt(`there is no term with ordinal ${ordinal}`, this.where);
    const scanner = await this.scan(block, block + 1);
    for (let i = block * TERMS_BLOCK; i <= ordinal; i++) scanner.step();
    return scanner.term.slice();
  }

  /** A cursor before the first term at or after `term`. */
  async seekCeil(term: Uint8Array): Promise<TermCursor> {
    const block = Math.max(0, blockFor(this.index, term));
    const cursor = this.#cursor(block);
    await cursor.skipTo(term);
    return cursor;
  }

  /** A cursor before the first term, or before the first one with a prefix; it ends after the last such term. */
  async iterate(options: { readonly prefix?: Uint8Array } = {}): Promise<TermCursor> {
    const { prefix } = options;
    if (prefix === undefined || prefix.length === 0) return this.#cursor(0);
    const cursor = await this.seekCeil(prefix);
    cursor.limitTo(prefix);
    return cursor;
  }

  #cursor(block: number): TermCursor {
    return new TermCursor(this.index, block, (from, end) => this.scan(from, end));
  }

  /** The entries of blocks [block, endBlock). */
  async scan(block: number, endBlock: number): Promise<TermScanner> {
    const { blockOffsets, blocks } = this.index;
    if (block >= blocks)
      return new TermScanner(this.index, block, block, new Uint8Array(0), this.hasFrequencies, this.where);
    const bytes = await this.read(blockOffsets[block]!, blockOffsets[endBlock]!);
    return new TermScanner(this.index, block, endBlock, bytes, this.hasFrequencies, this.where);
  }
}

/** Walks the entries of blocks [block, endBlock), whose bytes are in memory. `term` is valid until the next step. */
export class TermScanner {
  ordinal: number;
  docFreq = 0;
  totalTermFreq = 0;
  postingsOffset: number;
  postingsLength = 0;
  skipLength = 0;
  readonly #cursor: ByteCursor;
  readonly #endOrdinal: number;
  #buffer = new Uint8Array(64);
  #length = 0;

  constructor(
    index: Pick<TermIndex, 'terms' | 'postingsOffsets'>,
    block: number,
    endBlock: number,
    bytes: Uint8Array,
    private readonly hasFrequencies: boolean,
    where: ErrorWhere,
  ) {
    this.ordinal = block * TERMS_BLOCK - 1;
    this.#endOrdinal = Math.min(endBlock * TERMS_BLOCK, index.terms);
    this.postingsOffset = index.postingsOffsets[block]!;
    this.#cursor = new ByteCursor(bytes, where);
  }

  /** Bytes of the current term: a view that the next step overwrites. */
  get term(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  /** The current entry as a value that lasts. */
  info(): TermInfo {
    const { ordinal, docFreq, totalTermFreq, postingsOffset, postingsLength, skipLength } = this;
    return { ordinal, docFreq, totalTermFreq, postingsOffset, postingsLength, skipLength };
  }

  /** Moves to the next entry; false at the end of the blocks. */
  step(): boolean {
    if (this.ordinal + 1 >= this.#endOrdinal) {
      this.#cursor.expectDone('a run of dictionary blocks');
      return false;
    }
    this.ordinal++;
    const cursor = this.#cursor;
    const shared = cursor.varint();
    if (shared > (this.ordinal % TERMS_BLOCK === 0 ? 0 : this.#length)) {
      throw corrupt('a term shares more bytes than the one before has', cursor.where);
    }
    const suffix = cursor.take(cursor.varint());
    this.#reserve(shared + suffix.length);
    this.#buffer.set(suffix, shared);
    this.#length = shared + suffix.length;
    this.postingsOffset += this.postingsLength;
    this.docFreq = cursor.varint();
    this.totalTermFreq = this.docFreq + (this.hasFrequencies ? cursor.varint() : 0);
    this.postingsLength = cursor.varint();
    this.skipLength = this.docFreq >= POSTINGS_BLOCK ? cursor.varint() : 0;
    if (this.docFreq === 0 || this.skipLength > this.postingsLength) {
      throw corrupt('a term has impossible counts', cursor.where);
    }
    return true;
  }

  #reserve(length: number): void {
    if (length <= this.#buffer.length) return;
    const larger = new Uint8Array(length * 2);
    larger.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = larger;
  }
}

/**
 * Iterates terms in order, reading blocks as it goes: `while (await cursor.next())`, or, where every microtask counts,
 * `while (cursor.step() || (await cursor.load()))`.
 */
export class TermCursor {
  #scanner: TermScanner | undefined;
  #block: number;
  #prefix: Uint8Array | undefined;
  /** The current entry is to be delivered by the next step, since `skipTo` has already read it. */
  #pending = false;
  #ended = false;

  constructor(
    private readonly index: TermIndex,
    block: number,
    private readonly scan: (block: number, endBlock: number) => Promise<TermScanner>,
  ) {
    this.#block = block;
  }

  /** Current term; a view valid until the next move. */
  get term(): Uint8Array {
    return this.#scanner!.term;
  }

  get ordinal(): number {
    return this.#scanner!.ordinal;
  }

  get docFreq(): number {
    return this.#scanner!.docFreq;
  }

  get totalTermFreq(): number {
    return this.#scanner!.totalTermFreq;
  }

  /** The current entry as a value that lasts. */
  info(): TermInfo {
    return this.#scanner!.info();
  }

  /** Moves within the bytes at hand; false where more must be read, or at the end. */
  step(): boolean {
    if (this.#ended || this.#scanner === undefined) return false;
    if (this.#pending) this.#pending = false;
    else if (!this.#scanner.step()) return false;
    if (this.#prefix === undefined || startsWith(this.#scanner.term, this.#prefix)) return true;
    this.#ended = true;
    return false;
  }

  /** Reads the next blocks and moves to their first term; false at the end. */
  async load(): Promise<boolean> {
    if (this.#ended || this.#block >= this.index.blocks) return false;
    const end = Math.min(this.#block + ITERATION_BLOCKS, this.index.blocks);
    this.#scanner = await this.scan(this.#block, end);
    this.#block = end;
    return this.step();
  }

  /** Moves to the next term; false at the end. */
  async next(): Promise<boolean> {
    return this.step() || this.load();
  }

  /** Places the cursor before the first term at or after `term`; only for a fresh cursor. */
  async skipTo(term: Uint8Array): Promise<void> {
    while (await this.next()) {
      if (compareBytes(this.term, term) < 0) continue;
      this.#pending = true;
      return;
    }
  }

  /** Ends the iteration after the last term with this prefix. */
  limitTo(prefix: Uint8Array): void {
    this.#prefix = prefix;
  }
}

function startsWith(term: Uint8Array, prefix: Uint8Array): boolean {
  if (term.length < prefix.length) return false;
  for (let i = 0; i < prefix.length; i++) if (term[i] !== prefix[i]) return false;
  return true;
}
