/** The `stored` sections: documents' values in compressed blocks. */
import type { ErrorWhere } from '../base/errors.js';
import { inflateBlock } from './compress.js';
import { crc32 } from './crc32.js';
import { ByteCursor, corrupt } from './cursor.js';
import type { DocId } from './layout.js';

/** A stored value: null, one string, or a list whose entries may be null. */
export type StoredValue = string | readonly (string | null)[] | null;

export interface StoredDocument {
  readonly id: Uint8Array;
  /** In the order of the footer's `stored`; numeric fields are null here. */
  readonly values: readonly StoredValue[];
}

/** `storedIndex` in columns, one entry a block. */
export interface StoredIndex {
  readonly blocks: number;
  /** blocks + 1 entries: first document of each block, then all documents. */
  readonly docStarts: Uint32Array;
  /** blocks + 1 byte offsets in `stored`. */
  readonly offsets: Float64Array;
  /** 0 = kept as it is. */
  readonly rawLengths: Uint32Array;
  readonly crcs: Uint32Array;
}

/** A block in memory, with where each of its documents starts. */
export interface StoredBlock {
  readonly raw: Uint8Array;
  readonly docStart: DocId;
  /** One entry a document and the end. */
  readonly offsets: Uint32Array;
}

/** Blocks kept inflated: neighbours of a hit list's documents; about 1 MiB. */
const BLOCKS_KEPT = 64;

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** Parses `storedIndex` of a segment of `docs` documents and a `stored` section of `storedBytes` bytes. */
export function parseStoredIndex(bytes: Uint8Array, docs: number, storedBytes: number, where: ErrorWhere): StoredIndex {
  const docStarts = [0];
  const offsets = [0];
  const rawLengths: number[] = [];
  const crcs: number[] = [];
  const cursor = new ByteCursor(bytes, where);
  while (!cursor.done) {
    const count = cursor.varint();
    if (count === 0) throw corrupt('a stored block holds no document', where);
    docStarts.push(docStarts.at(-1)! + count);
    offsets.push(offsets.at(-1)! + cursor.varint());
    rawLengths.push(cursor.varint());
    crcs.push(cursor.u32());
  }
  if (docStarts.at(-1) !== docs || offsets.at(-1) !== storedBytes) {
    throw corrupt('the index of stored blocks does not add up', where);
  }
  return {
    blocks: rawLengths.length,
    docStarts: Uint32Array.from(docStarts),
    offsets: Float64Array.from(offsets),
    rawLengths: Uint32Array.from(rawLengths),
    crcs: Uint32Array.from(crcs),
  };
}

/** Reads stored documents; `read` hands out a range of the `stored` section. */
export class StoredReader {
  readonly #blocks = new Map<number, StoredBlock>();

  constructor(
    readonly index: StoredIndex,
    /** Stored fields a document. */
    private readonly fieldCount: number,
    private readonly read: (start: number, end: number) => Promise<Uint8Array>,
    private readonly where: ErrorWhere,
  ) {}

  async document(docId: DocId): Promise<StoredDocument> {
    const block = await this.block(this.#blockOf(docId));
    return this.#parse(block, docId - block.docStart);
  }

  /** The id alone. */
  async id(docId: DocId): Promise<Uint8Array> {
    const block = await this.block(this.#blockOf(docId));
    const cursor = new ByteCursor(block.raw, this.where, block.offsets[docId - block.docStart]!);
    return cursor.take(cursor.varint());
  }

  /** All documents in order. */
  async *documents(): AsyncGenerator<StoredDocument> {
    for (let i = 0; i < this.index.blocks; i++) {
      const block = await this.block(i);
      for (let doc = 0; doc + 1 < block.offsets.length; doc++) yield this.#parse(block, doc);
    }
  }

  /** One block, checksum verified, inflated and measured. */
  async block(block: number): Promise<StoredBlock> {
    const known = this.#blocks.get(block);
    if (known !== undefined) return known;
    const { offsets, crcs, rawLengths, docStarts } = this.index;
    const packed = await this.read(offsets[block]!, offsets[block + 1]!);
    if (crc32(packed) !== crcs[block]) throw corrupt(`stored block ${block} does not match its checksum`, this.where);
    const rawLength = rawLengths[block]!;
    const raw = rawLength === 0 ? packed : inflateBlock(packed, rawLength, this.where);
    const opened = this.#measure(raw, docStarts[block]!, docStarts[block + 1]! - docStarts[block]!);
    this.#blocks.set(block, opened);
    if (this.#blocks.size > BLOCKS_KEPT) this.#blocks.delete(this.#blocks.keys().next().value!);
    return opened;
  }

  #blockOf(docId: DocId): number {
    const { docStarts, blocks } = this.index;
    if (!(docId >= 0 && docId < docStarts[blocks]!)) throw corrupt(`there is no document ${docId}`, this.where);
    let low = 0;
    let high = blocks;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (docStarts[middle]! <= docId) low = middle;
      else high = middle;
    }
    return low;
  }

  #measure(raw: Uint8Array, docStart: DocId, count: number): StoredBlock {
    const cursor = new ByteCursor(raw, this.where);
    const offsets = new Uint32Array(count + 1);
    for (let doc = 0; doc < count; doc++) {
      cursor.skip(cursor.varint());
      for (let field = 0; field < this.fieldCount; field++) this.#skipValue(cursor);
      offsets[doc + 1] = cursor.at;
    }
    cursor.expectDone('a stored block');
    return { raw, docStart, offsets };
  }

  #skipValue(cursor: ByteCursor): void {
    const tag = cursor.varint();
    if (tag === 1) {
      cursor.skip(cursor.varint());
    } else if (tag === 2) {
      for (let left = cursor.varint(); left > 0; left--) cursor.skip(Math.max(0, cursor.varint() - 1));
    } else if (tag !== 0) {
      throw corrupt(`a stored value has the unknown tag ${tag}`, this.where);
    }
  }

  #parse(block: StoredBlock, doc: number): StoredDocument {
    const cursor = new ByteCursor(block.raw, this.where, block.offsets[doc]!);
    const id = cursor.take(cursor.varint());
    const values = Array.from({ length: this.fieldCount }, () => parseValue(cursor));
    return { id, values };
  }
}

function parseValue(cursor: ByteCursor): StoredValue {
  const tag = cursor.varint();
  if (tag === 0) return null;
  if (tag === 1) return utf8.decode(cursor.take(cursor.varint()));
  return Array.from({ length: cursor.varint() }, () => {
    const length = cursor.varint();
    return length === 0 ? null : utf8.decode(cursor.take(length - 1));
  });
}
