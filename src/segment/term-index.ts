/** The `termIndex` section in memory: where each dictionary block starts, in terms and in postings. */
import type { ErrorWhere } from '../base/errors.js';
import { ByteCursor, corrupt } from './cursor.js';
import { TERMS_BLOCK } from './layout.js';

/** Columns over the blocks of one dictionary; every offset column has one entry more than there are blocks. */
export interface TermIndex {
  readonly blocks: number;
  readonly terms: number;
  /** First terms, one after the other. */
  readonly firstTerms: Uint8Array;
  readonly firstTermOffsets: Uint32Array;
  /** Byte offsets in `terms`. */
  readonly blockOffsets: Float64Array;
  /** Byte offsets in `postings`. */
  readonly postingsOffsets: Float64Array;
}

/** Parses a `termIndex` section of a dictionary of `terms` terms. */
export function parseTermIndex(bytes: Uint8Array, terms: number, where: ErrorWhere): TermIndex {
  const blocks = Math.ceil(terms / TERMS_BLOCK);
  const firstTerms = new Uint8Array(bytes.length);
  const firstTermOffsets = new Uint32Array(blocks + 1);
  const blockOffsets = new Float64Array(blocks + 1);
  const postingsOffsets = new Float64Array(blocks + 1);
  const cursor = new ByteCursor(bytes, where);
  let end = 0;
  for (let block = 0; block < blocks; block++) {
    const term = cursor.take(cursor.varint());
    firstTerms.set(term, end);
    end += term.length;
    firstTermOffsets[block + 1] = end;
    blockOffsets[block + 1] = blockOffsets[block]! + cursor.varint();
    postingsOffsets[block + 1] = postingsOffsets[block]! + cursor.varint();
  }
  cursor.expectDone('the term index');
  return { blocks, terms, firstTerms, firstTermOffsets, blockOffsets, postingsOffsets };
}

/** First term of a block, as a view. */
export function firstTermOf(index: TermIndex, block: number): Uint8Array {
  return index.firstTerms.subarray(index.firstTermOffsets[block]!, index.firstTermOffsets[block + 1]!);
}

/** The last block whose first term is at or before `term`; -1 where all are after it. */
export function blockFor(index: TermIndex, term: Uint8Array): number {
  let low = 0;
  let high = index.blocks;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareFirstTerm(index, middle, term) <= 0) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Checks that the index's last offsets are the sections' ends. */
export function expectTermIndexEnds(
  index: TermIndex,
  termsBytes: number,
  postingsBytes: number,
  where: ErrorWhere,
): void {
  if (index.blockOffsets[index.blocks] !== termsBytes || index.postingsOffsets[index.blocks] !== postingsBytes) {
    throw corrupt('the term index does not add up to its sections', where);
  }
}

function compareFirstTerm(index: TermIndex, block: number, term: Uint8Array): number {
  const start = index.firstTermOffsets[block]!;
  const length = index.firstTermOffsets[block + 1]! - start;
  const shorter = Math.min(length, term.length);
  for (let i = 0; i < shorter; i++) {
    const difference = index.firstTerms[start + i]! - term[i]!;
    if (difference !== 0) return difference;
  }
  return length - term.length;
}
