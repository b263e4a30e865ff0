/**
 * One field of an index as a Common Index File Format file, version 1: a header, one message a term with its postings, one
 * message a document, each written behind its length. Live documents only, numbered from 0 without holes.
 *
 * Source: Lin et al., "Supporting Interoperability Between Open-Source Search Engines with the Common Index File Format",
 * arXiv:2003.08276, and its schema `CommonIndexFileFormat.proto`.
 */
import { PbfWriter } from 'pbf';
import { isLive, type Snapshot } from '../search/snapshot.js';
import { requireTermsField } from './fields.js';
import { type LiveList, type LiveNumbering, liveLists, numberLive } from './live-lists.js';

export interface CiffOptions {
  /** A text or keyword field: the format holds one. */
  readonly field: string;
  /** For people who read the header. */
  readonly description: string;
}

/** What the header says before its lists come: a first pass over the field. */
interface Totals {
  readonly terms: number;
  readonly tokens: number;
  /** Occurrences a document, by its number. */
  readonly lengths: Uint32Array;
}

/** Bytes gathered before they are handed on. */
const CHUNK_BYTES = 1024 * 1024;
const CIFF_VERSION = 1;

/** Yields the file's bytes in order; fails with code `usage` where the field has no terms. */
export async function* ciffBytes(snapshot: Snapshot, options: CiffOptions): AsyncGenerator<Uint8Array> {
  requireTermsField(snapshot, options.field);
  const numbering = numberLive(snapshot);
  const totals = await countTotals(snapshot, options.field, numbering);
  let writer = new PbfWriter();
  writeHeader(writer, options, numbering, totals);
  for await (const list of liveLists(snapshot, options.field, numbering)) {
    writeList(writer, list);
    if (writer.pos < CHUNK_BYTES) continue;
    yield writer.finish();
    writer = new PbfWriter();
  }
  for await (const id of liveIdsInOrder(snapshot)) {
    writeRecord(writer, id.number, id.text, totals.lengths[id.number]!);
    if (writer.pos < CHUNK_BYTES) continue;
    yield writer.finish();
    writer = new PbfWriter();
  }
  if (writer.pos > 0) yield writer.finish();
}

async function countTotals(snapshot: Snapshot, field: string, numbering: LiveNumbering): Promise<Totals> {
  const lengths = new Uint32Array(numbering.docs);
  let terms = 0;
  let tokens = 0;
  for await (const { docs, freqs } of liveLists(snapshot, field, numbering)) {
    terms++;
    for (let i = 0; i < docs.length; i++) {
      lengths[docs[i]!]! += freqs[i]!;
      tokens += freqs[i]!;
    }
  }
  return { terms, tokens, lengths };
}

function writeHeader(writer: PbfWriter, options: CiffOptions, { docs }: LiveNumbering, totals: Totals): void {
  writeDelimited(writer, () => {
    writer.writeVarintField(1, CIFF_VERSION);
    writer.writeVarintField(2, totals.terms);
    writer.writeVarintField(3, docs);
    writer.writeVarintField(4, totals.terms);
    writer.writeVarintField(5, docs);
    writer.writeVarintField(6, totals.tokens);
    writer.writeDoubleField(7, docs === 0 ? 0 : totals.tokens / docs);
    writer.writeStringField(8, options.description);
  });
}

/** Documents are gaps: the first one's number, then distances. */
function writeList(writer: PbfWriter, { term, docs, freqs }: LiveList): void {
  writeDelimited(writer, () => {
    writer.writeBytesField(1, term);
    writer.writeVarintField(2, docs.length);
    writer.writeVarintField(
      3,
      freqs.reduce((sum, freq) => sum + freq, 0),
    );
    let before = 0;
    for (let i = 0; i < docs.length; i++) {
      const gap = docs[i]! - before;
      before = docs[i]!;
      writer.writeMessage(4, writePosting, { gap, freq: freqs[i]! });
    }
  });
}

function writePosting({ gap, freq }: { readonly gap: number; readonly freq: number }, writer: PbfWriter): void {
  writer.writeVarintField(1, gap);
  writer.writeVarintField(2, freq);
}

function writeRecord(writer: PbfWriter, number: number, id: string, length: number): void {
  writeDelimited(writer, () => {
    writer.writeVarintField(1, number);
    writer.writeStringField(2, id);
    writer.writeVarintField(3, length);
  });
}

/** A message behind its length, as `writeDelimitedTo` of the protobuf libraries has it. */
function writeDelimited(writer: PbfWriter, write: () => void): void {
  writer.writeRawMessage(write, undefined);
}

async function* liveIdsInOrder({ segments }: Snapshot): AsyncGenerator<{ number: number; text: string }> {
  const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
  let number = 0;
  for (const segment of segments) {
    const stored = await segment.reader.stored();
    for (let docId = 0; docId < segment.docs; docId++) {
      if (isLive(segment, docId)) yield { number: number++, text: utf8.decode(await stored.id(docId)) };
    }
  }
}
