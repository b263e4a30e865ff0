/** Term entries of one field and what they stand for, as a merge can cut them: by samples, every so many terms. */

import { compareBytes } from '../base/bytes.js';
import { type SectionEntry, TERMS_BLOCK } from '../segment/layout.js';
import { firstTermOf, type TermIndex } from '../segment/term-index.js';
import type { FieldOccurrences, MergeInput, PinnedObject } from '../shard/task.js';

export interface TermsInput {
  /** Bytes of entries and postings: what a merge of all of it reads. */
  readonly bytes: number;
  readonly sampleCount: number;
  /** The term at sample `index`. */
  sampleTerm(index: number): Uint8Array;
  /** Everything from sample `start` up to sample `end`, for a merge that adds `docBase` to its documents. */
  slice(start: number, end: number, docBase: number): MergeInput;
}

/** Bytes in front of the term in an entry, as `wasm/entries.ts` has it. */
const ENTRY_HEADER_BYTES = 20;

/** A shard's field, in shared memory. */
export function memoryTerms(field: FieldOccurrences): TermsInput {
  const { entries, samples, occurrences } = field;
  const view = new DataView(entries.buffer, entries.byteOffset, entries.byteLength);
  const sampleCount = samples.length / 2;
  const entryOffset = (index: number) => (index < sampleCount ? samples[index * 2]! : entries.length);
  const occurrencesOffset = (index: number) => (index < sampleCount ? samples[index * 2 + 1]! : occurrences.length);
  return {
    bytes: entries.length + occurrences.length,
    sampleCount,
    sampleTerm: (index) => {
      const start = entryOffset(index) + ENTRY_HEADER_BYTES;
      return entries.slice(start, start + view.getUint32(entryOffset(index), true));
    },
    slice: (start, end, docBase) => ({
      kind: 'memory',
      docBase,
      positionBits: field.positionBits,
      entries: entries.subarray(entryOffset(start), entryOffset(end)),
      occurrences: occurrences.subarray(occurrencesOffset(start), occurrencesOffset(end)),
    }),
  };
}

/** A field of the stored part that lies in an object, or in a file that is held open: every dictionary block is a sample. */
export function storedTerms(
  at: PinnedObject | number,
  index: TermIndex,
  terms: SectionEntry,
  postings: SectionEntry,
): TermsInput {
  return {
    bytes: terms.length + postings.length,
    sampleCount: index.blocks,
    sampleTerm: (block) => firstTermOf(index, block),
    slice: (start, end, docBase) => ({
      kind: 'stored',
      docBase,
      at,
      terms: [terms.offset + index.blockOffsets[start]!, terms.offset + index.blockOffsets[end]!],
      termCount: Math.min(index.terms, end * TERMS_BLOCK) - start * TERMS_BLOCK,
      postings: [postings.offset + index.postingsOffsets[start]!, postings.offset + index.postingsOffsets[end]!],
    }),
  };
}

/** First sample whose term is not below `term`; `sampleCount` where none is. */
export function firstSampleFrom(input: TermsInput, term: Uint8Array): number {
  let low = 0;
  let high = input.sampleCount;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compareBytes(input.sampleTerm(middle), term) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
