/** A stored part as an input of a merged segment: its postings are read by the merging workers, range by range. */

import { COLUMN_BLOCK, type SectionEntry } from '../segment/layout.js';
import type { SegmentReader } from '../segment/reader.js';
import { parseTermIndex } from '../segment/term-index.js';
import type { PinnedObject } from '../shard/task.js';
import type { NumericInput, SegmentInput, TermsFieldInput } from './input.js';
import { storedTerms } from './terms-input.js';

/** Stored blocks are copied in pieces of this size: a few round trips, little memory. */
const COPY_BYTES = 4 * 1024 * 1024;

/** `object` = where the part lies, pinned; `reader` has it open; `file` = its number, where its file is held open. */
export async function partInput(object: PinnedObject, reader: SegmentReader, file?: number): Promise<SegmentInput> {
  const sources = await reader.sources();
  return {
    docs: reader.docs,
    terms: (name) => termsOf(file ?? object, reader, name),
    column: (name) => columnOf(reader, name),
    stored: { kind: 'blocks', index: await reader.sectionBytes('storedIndex'), chunks: () => storedChunks(reader) },
    sources: { partitions: sources.partitions, runs: sources.runs },
    tombstones: await reader.tombstones(),
  };
}

async function termsOf(at: PinnedObject | number, reader: SegmentReader, name: string): Promise<TermsFieldInput> {
  const field = reader.field(name)!;
  const bytes = await reader.sectionBytes('termIndex', name);
  const index = parseTermIndex(bytes, field.terms!, reader.where('termIndex', name));
  const terms: SectionEntry = reader.section('terms', name);
  return {
    terms: storedTerms(at, index, terms, reader.section('postings', name)),
    docCount: field.docCount,
    maxLength: field.maxLength ?? 0,
    positions: field.sumTotalTermFreq ?? 0,
    norms: field.type === 'text' ? await reader.norms(name) : undefined,
  };
}

async function columnOf(reader: SegmentReader, name: string): Promise<NumericInput> {
  const column = await reader.column(name);
  const words = new Uint32Array(reader.docs * 2);
  for (let first = 0; first < reader.docs; first += COLUMN_BLOCK) {
    const end = Math.min(reader.docs, first + COLUMN_BLOCK);
    for (let doc = first; doc < end; doc++) {
      words[doc * 2] = column.low(doc);
      words[doc * 2 + 1] = column.high(doc);
    }
  }
  return { values: new BigInt64Array(words.buffer), presence: column.presence };
}

async function* storedChunks(reader: SegmentReader): AsyncGenerator<Uint8Array> {
  const { length } = reader.section('stored');
  for (let start = 0; start < length; start += COPY_BYTES) {
    yield await reader.sectionRange('stored', undefined, start, Math.min(length, start + COPY_BYTES));
  }
}
