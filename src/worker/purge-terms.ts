/**
 * Terms of a stored segment without the documents that are purged: decoded here, re-numbered, and laid out as a shard has them, so that
 * the merge encodes them like any other. Compaction alone does this, off the critical path.
 */

import { concatBytes } from '../base/bytes.js';
import { TermScanner } from '../segment/dictionary.js';
import { PURGED } from '../segment/doc-map.js';
import { TERMS_BLOCK } from '../segment/layout.js';
import { NO_MORE_DOCS, PostingList } from '../segment/postings.js';
import type { MergeInput } from '../shard/task.js';

/** As `wasm/entries.ts` lays an entry out. */
const ENTRY_HEADER_WORDS = 5;

/** As `wasm/field.ts` packs occurrences: document and position in a word each. */
export const PAIR_POSITION_BITS = 32;

export interface PurgedTerms {
  readonly entries: Uint8Array;
  readonly occurrences: Uint8Array;
}

/** `terms` and `postings` are the bytes of the input's ranges. Terms that no document is left of are left out. */
export function purgeTerms(
  input: Extract<MergeInput, { kind: 'stored' }>,
  docMap: Uint32Array,
  bytes: { readonly terms: Uint8Array; readonly postings: Uint8Array },
  text: boolean,
): PurgedTerms {
  const where = typeof input.at === 'number' ? {} : { segment: input.at.key };
  const blocks = Math.ceil(input.termCount / TERMS_BLOCK);
  const index = { terms: input.termCount, postingsOffsets: new Float64Array(blocks + 1) };
  const scanner = new TermScanner(index, 0, blocks, bytes.terms, text, where);
  const list = new PostingList(text, docMap.length, where);
  const words = new Words();
  const entries: Uint8Array[] = [];
  while (scanner.step()) {
    const { postingsOffset, postingsLength } = scanner;
    list.open(bytes.postings.subarray(postingsOffset, postingsOffset + postingsLength), scanner);
    const before = words.length;
    if (text) copyOccurrences(list, docMap, words);
    else copyDocuments(list, docMap, words);
    const added = words.length - before;
    if (added > 0) entries.push(entryOf(scanner.term, text ? added / 2 : added, added * 4));
  }
  return { entries: concatBytes(entries), occurrences: words.bytes() };
}

function copyOccurrences(list: PostingList, docMap: Uint32Array, words: Words): void {
  for (let docId = list.next(); docId !== NO_MORE_DOCS; docId = list.next()) {
    const doc = docMap[docId]!;
    if (doc === PURGED) continue;
    for (const position of list.positions()) words.pair(doc, position);
  }
}

function copyDocuments(list: PostingList, docMap: Uint32Array, words: Words): void {
  for (let docId = list.next(); docId !== NO_MORE_DOCS; docId = list.next()) {
    const doc = docMap[docId]!;
    if (doc !== PURGED) words.one(doc);
  }
}

function entryOf(term: Uint8Array, count: number, postingsLength: number): Uint8Array {
  const entry = new Uint8Array(ENTRY_HEADER_WORDS * 4 + Math.ceil(term.length / 4) * 4);
  const header = new DataView(entry.buffer);
  header.setUint32(0, term.length, true);
  header.setUint32(8, count, true);
  header.setUint32(12, postingsLength, true);
  entry.set(term, ENTRY_HEADER_WORDS * 4);
  return entry;
}

/** A row of u32 that grows. */
class Words {
  length = 0;
  #row = new Uint32Array(1 << 14);

  one(value: number): void {
    if (this.length === this.#row.length) this.#grow();
    this.#row[this.length++] = value;
  }

  pair(first: number, second: number): void {
    this.one(first);
    this.one(second);
  }

  bytes(): Uint8Array {
    return new Uint8Array(this.#row.buffer, 0, this.length * 4);
  }

  #grow(): void {
    const row = new Uint32Array(this.#row.length * 2);
    row.set(this.#row);
    this.#row = row;
  }
}
