/** Versions of single documents, anywhere in a column. */
import { readBits } from '../segment/bits.js';
import type { Column } from '../segment/column.js';
import { COLUMN_BLOCK, type DocId } from '../segment/layout.js';

/**
 * Looks a document's version up; undefined where it has none. Superseded rows lie scattered over a base: decoding the block of
 * each would unpack 1,024 values for one, so that only block headers are kept and the one value is read.
 */
export function versionLookup(column: Column): (docId: DocId) => bigint | undefined {
  const headers = new Map<number, ReturnType<Column['blockHeader']>>();
  return (docId) => {
    if (!column.has(docId)) return undefined;
    const block = Math.floor(docId / COLUMN_BLOCK);
    let header = headers.get(block);
    if (header === undefined) {
      header = column.blockHeader(block);
      headers.set(block, header);
    }
    const { min, bits, at } = header;
    const bit = (docId % COLUMN_BLOCK) * bits;
    const lowBits = Math.min(bits, 32);
    const low = readBits(column.bytes, at, bit, lowBits);
    const high = readBits(column.bytes, at, bit + lowBits, bits - lowBits);
    return BigInt.asIntN(64, min + BigInt(low) + (BigInt(high) << 32n));
  };
}
