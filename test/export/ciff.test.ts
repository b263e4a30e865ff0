/** A CIFF file read back by the public schema, byte by byte, against plain documents. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ciffBytes } from '#src/export/ciff.js';
import { readManifest } from '#src/manifest/newest.js';
import { openSnapshot } from '#src/search/snapshot.js';
import { documentsOf, plainAnalyze } from '../support/reference-documents.js';
import { writeReferenceIndex } from '../support/reference-index.js';
import { cellOf, type ReferenceDocument, stringsOf } from '../support/reference-segment.js';

/** Field number -> values, as the wire has them: whole numbers, or bytes. */
type Message = Map<number, (number | Uint8Array)[]>;

/** Protocol buffers by their encoding guide: varints, eight bytes, and bytes behind their length. */
class WireReader {
  at = 0;
  constructor(readonly bytes: Uint8Array) {}

  varint(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.bytes[this.at++]!;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  }

  take(length: number): Uint8Array {
    this.at += length;
    assert.ok(this.at <= this.bytes.length, 'a message ends within the file');
    return this.bytes.subarray(this.at - length, this.at);
  }

  message(): Message {
    const body = new WireReader(this.take(this.varint()));
    const message: Message = new Map();
    while (body.at < body.bytes.length) {
      const tag = body.varint();
      const value = (tag & 7) === 0 ? body.varint() : body.take((tag & 7) === 1 ? 8 : body.varint());
      message.set(tag >> 3, [...(message.get(tag >> 3) ?? []), value]);
    }
    return message;
  }
}

const number = (message: Message, field: number) => (message.get(field)?.[0] ?? 0) as number;
const text = (message: Message, field: number) => new TextDecoder().decode(message.get(field)![0] as Uint8Array);

function readCiff(bytes: Uint8Array) {
  const reader = new WireReader(bytes);
  const header = reader.message();
  const lists = Array.from({ length: number(header, 2) }, () => {
    const list = reader.message();
    let docid = 0;
    const postings = (list.get(4) ?? []).map((raw) => {
      const body = new WireReader(new Uint8Array([...lengthPrefix(raw as Uint8Array), ...(raw as Uint8Array)]));
      const posting = body.message();
      docid += number(posting, 1);
      return [docid, number(posting, 2)] as const;
    });
    return { term: text(list, 1), df: number(list, 2), cf: number(list, 3), postings };
  });
  const records = Array.from({ length: number(header, 3) }, () => {
    const record = reader.message();
    return { docid: number(record, 1), id: text(record, 2), length: number(record, 3) };
  });
  assert.equal(reader.at, bytes.length, 'nothing follows the last record');
  return { header, lists, records };
}

function lengthPrefix({ length }: Uint8Array): number[] {
  const out: number[] = [];
  let rest = length;
  for (; rest > 127; rest >>= 7) out.push((rest & 127) | 128);
  return [...out, rest];
}

function tokensOf(document: ReferenceDocument, field: string): string[] {
  const strings = stringsOf(cellOf(document, field));
  return field === 'title' ? strings.flatMap((one) => plainAnalyze('standard', one)) : [...new Set(strings)];
}

test('terms, postings and documents read back as the live documents have them', async () => {
  const property = fc.asyncProperty(documentsOf(30), fc.constantFrom('title', 'tags'), async (docs, field) => {
    fc.pre(docs.length > 0);
    const killed = new Set(docs.filter((_, i) => i % 4 === 1));
    const store = await writeReferenceIndex([docs.slice(0, 10), docs.slice(10)], (d) => killed.has(d));
    const snapshot = await openSnapshot(store, await readManifest(store, 1));
    const chunks: Uint8Array[] = [];
    for await (const bytes of ciffBytes(snapshot, { field, description: 'a test' })) chunks.push(bytes);
    const { header, lists, records } = readCiff(Buffer.concat(chunks));
    const live = docs.filter((document) => !killed.has(document));
    assert.deepEqual(
      records,
      live.map((document, docid) => ({ docid, id: document.id, length: tokensOf(document, field).length })),
    );
    const expected = new Map<string, (readonly [number, number])[]>();
    live.forEach((document, docid) => {
      const tokens = tokensOf(document, field);
      for (const term of new Set(tokens)) {
        const freq = tokens.filter((token) => token === term).length;
        expected.set(term, [...(expected.get(term) ?? []), [docid, freq]]);
      }
    });
    const byBytes = [...expected].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    assert.deepEqual(
      lists,
      byBytes.map(([term, postings]) => ({
        term,
        df: postings.length,
        cf: postings.reduce((sum, [, freq]) => sum + freq, 0),
        postings,
      })),
    );
    const tokens = live.reduce((sum, document) => sum + tokensOf(document, field).length, 0);
    const head = [1, 2, 3, 4, 5, 6].map((at) => number(header, at));
    assert.deepEqual(head, [1, lists.length, live.length, lists.length, live.length, tokens]);
    const average = header.get(7)![0] as Uint8Array;
    const view = new DataView(average.buffer, average.byteOffset, 8);
    assert.equal(view.getFloat64(0, true), live.length === 0 ? 0 : tokens / live.length);
    assert.equal(text(header, 8), 'a test');
  });
  await fc.assert(property, { seed: 20260504, numRuns: 60 });
});

test('a field without terms is refused by name', async () => {
  const document = { id: 'd0', group: 'g', version: 1n, object: 0, rowGroup: 0, row: 0, values: {} };
  const store = await writeReferenceIndex([[document]], () => false);
  const snapshot = await openSnapshot(store, await readManifest(store, 1));
  await assert.rejects(
    async () => ciffBytes(snapshot, { field: 'size', description: '' }).next(),
    /no text or keyword field size/,
  );
});
