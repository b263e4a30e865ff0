/** Runs over the posting lists of many terms, reading dictionary blocks and their lists together. */
import { compareBytes } from '../base/bytes.js';
import type { TermScanner } from './dictionary.js';
import type { PostingList } from './postings.js';
import type { SegmentReader } from './reader.js';
import { blockFor, type TermIndex } from './term-index.js';

/** Half-open over terms; all of them unless told. */
export interface TermBounds {
  readonly from?: Uint8Array | undefined;
  readonly to?: Uint8Array | undefined;
}

/** Called for each term in order. Term and list are valid only during the call; the list stands before its first document. */
export type VisitList = (term: TermScanner, list: PostingList) => void;

/** Posting bytes read at a time, unless one block has more: some thousand terms, few enough requests to a store. */
const CHUNK_BYTES = 2 * 1024 * 1024;

/** Visits the terms of a text or keyword field within bounds. */
export async function walkLists(
  reader: SegmentReader,
  field: string,
  visit: VisitList,
  { from, to }: TermBounds = {},
): Promise<void> {
  const dictionary = await reader.dictionary(field);
  const { index } = dictionary;
  const endBlock = to === undefined ? index.blocks : blockFor(index, to) + 1;
  const list = reader.postingCursor(field);
  let block = from === undefined ? 0 : Math.max(0, blockFor(index, from));
  while (block < endBlock) {
    const end = chunkEnd(index, block, endBlock);
    const start = index.postingsOffsets[block]!;
    const [scanner, bytes] = await Promise.all([
      dictionary.scan(block, end),
      reader.sectionRange('postings', field, start, index.postingsOffsets[end]!),
    ]);
    while (scanner.step()) {
      if (from !== undefined && compareBytes(scanner.term, from) < 0) continue;
      if (to !== undefined && compareBytes(scanner.term, to) >= 0) return;
      const at = scanner.postingsOffset - start;
      visit(scanner, list.open(bytes.subarray(at, at + scanner.postingsLength), scanner));
    }
    block = end;
  }
}

/** The bounds of all terms with a prefix. */
export function prefixBounds(prefix: Uint8Array): TermBounds {
  const to = prefix.slice();
  for (let i = to.length - 1; i >= 0; i--) {
    if (to[i] === 0xff) continue;
    to[i]!++;
    return { from: prefix, to: to.subarray(0, i + 1) };
  }
  return { from: prefix };
}

function chunkEnd(index: TermIndex, block: number, endBlock: number): number {
  const limit = index.postingsOffsets[block]! + CHUNK_BYTES;
  let end = block + 1;
  while (end < endBlock && index.postingsOffsets[end + 1]! <= limit) end++;
  return end;
}
