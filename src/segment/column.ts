/** The `column` section: nullable 64-bit numbers, in blocks of 1,024 documents. */
import { assert, type ErrorWhere } from '../base/errors.js';
import { readBits } from './bits.js';
import { ByteCursor, corrupt } from './cursor.js';
import { COLUMN_BLOCK, type DocId, extent } from './layout.js';

const BLOCK_HEADER_BYTES = 16;
const OFFSET_BYTES = 8;

/** A column in memory. Values of f64 fields are in their ordered form: see `orderedToFloat`. */
export class Column {
  /** LSB bitmap; undefined where every document has a value. */
  readonly presence: Uint8Array | undefined;
  readonly blocks: number;
  /** Values of the decoded block as (low, high) words. */
  readonly #words = new Uint32Array(COLUMN_BLOCK * 2);
  readonly #values = new BigInt64Array(this.#words.buffer);
  readonly #highs = new Int32Array(this.#words.buffer);
  #decoded = -1;

  /** `bytes` is the whole section without padding. */
  constructor(
    readonly bytes: Uint8Array,
    readonly docs: number,
    private readonly where: ErrorWhere,
  ) {
    const cursor = new ByteCursor(bytes, where);
    const hasNulls = cursor.u64();
    if (hasNulls > 1n) throw corrupt('a column has an unknown kind of nulls', where);
    const bitmapBytes = Math.ceil(docs / 8);
    if (hasNulls === 1n) this.presence = cursor.take(extent(bitmapBytes)).subarray(0, bitmapBytes);
    this.blocks = Math.ceil(docs / COLUMN_BLOCK);
    if (cursor.at + this.blocks * OFFSET_BYTES > bytes.length) throw corrupt('a column is cut off', where);
  }

  /** Whether the document has a value. */
  has(docId: DocId): boolean {
    return this.presence === undefined || ((this.presence[docId >> 3]! >> (docId & 7)) & 1) === 1;
  }

  /** The value; meaningless where there is none. */
  value(docId: DocId): bigint {
    this.#load(docId);
    return this.#values[docId % COLUMN_BLOCK]!;
  }

  /** Upper half, signed: with `low`, the value without a bigint. */
  high(docId: DocId): number {
    this.#load(docId);
    return this.#highs[(docId % COLUMN_BLOCK) * 2 + 1]!;
  }

  /** Lower half, unsigned. */
  low(docId: DocId): number {
    this.#load(docId);
    return this.#words[(docId % COLUMN_BLOCK) * 2]!;
  }

  /** Smallest value of a block (its documents without a value left out), and how many bits the differences take. */
  blockHeader(block: number): { readonly min: bigint; readonly bits: number; readonly at: number } {
    assert(block >= 0 && block < this.blocks, 'the block is one of the column');
    const offsetAt = this.bytes.length - (this.blocks - block) * OFFSET_BYTES;
    const offset = Number(new ByteCursor(this.bytes, this.where, offsetAt).u64());
    if (offset > this.bytes.length) throw corrupt('a column block lies beyond its section', this.where);
    const cursor = new ByteCursor(this.bytes, this.where, offset);
    const min = cursor.i64();
    const bits = Number(cursor.u64());
    if (bits > 64) throw corrupt('a column block has an impossible width', this.where);
    cursor.skip(packedBytes(this.#count(block), bits));
    return { min, bits, at: offset + BLOCK_HEADER_BYTES };
  }

  /** All values, 0-based by document; where there is none, the block's smallest. */
  decode(): BigInt64Array {
    const out = new BigInt64Array(this.docs);
    for (let block = 0; block < this.blocks; block++) {
      const start = block * COLUMN_BLOCK;
      this.#load(start);
      out.set(this.#values.subarray(0, this.#count(block)), start);
    }
    return out;
  }

  #count(block: number): number {
    return Math.min(COLUMN_BLOCK, this.docs - block * COLUMN_BLOCK);
  }

  #load(docId: DocId): void {
    const block = Math.floor(docId / COLUMN_BLOCK);
    if (block === this.#decoded) return;
    const { min, bits, at } = this.blockHeader(block);
    const minLow = Number(min & 0xffffffffn);
    const minHigh = Number((min >> 32n) & 0xffffffffn);
    const lowBits = Math.min(bits, 32);
    const highBits = bits - lowBits;
    const words = this.#words;
    const count = this.#count(block);
    for (let i = 0; i < count; i++) {
      const bit = i * bits;
      const low = minLow + readBits(this.bytes, at, bit, lowBits);
      const high = highBits === 0 ? 0 : readBits(this.bytes, at, bit + 32, highBits);
      words[i * 2] = low;
      words[i * 2 + 1] = minHigh + high + (low > 0xffffffff ? 1 : 0);
    }
    this.#decoded = block;
  }
}

/** Bytes of a block's packed differences: whole 64-bit words. */
export function packedBytes(count: number, bits: number): number {
  return Math.ceil((count * bits) / 64) * 8;
}

/** All bits of a double but its sign. */
const MAGNITUDE = (1n << 63n) - 1n;

/** A double as an integer that orders as the doubles do; -0 becomes 0. */
export function floatToOrdered(value: number): bigint {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value === 0 ? 0 : value);
  const bits = view.getBigInt64(0);
  return bits < 0n ? bits ^ MAGNITUDE : bits;
}

/** The way back. */
export function orderedToFloat(ordered: bigint): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigInt64(0, ordered < 0n ? ordered ^ MAGNITUDE : ordered);
  return view.getFloat64(0);
}
