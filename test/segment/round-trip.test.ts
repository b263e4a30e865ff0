/** The plain writer's segments, read back by the reader: everything that went in comes out. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bytesSource } from '#src/base/bytes.js';
import { orderedToFloat } from '#src/segment/column.js';
import { NO_MORE_DOCS } from '#src/segment/postings.js';
import { openSegment, type SegmentReader } from '#src/segment/reader.js';
import { prefixBounds, walkLists } from '#src/segment/walk.js';
import { plainAnalyze, REFERENCE_SCHEMA, segmentsOf, WORDS } from '../support/reference-documents.js';
import {
  cellOf,
  columnValue,
  positionedTokens,
  type ReferenceDocument,
  type ReferenceSegment,
  stringsOf,
  writeReferenceSegment,
} from '../support/reference-segment.js';

const utf8 = new TextEncoder();
const fromUtf8 = (bytes: Uint8Array) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);

/** Checks a property over random segments; small ones often, and a few with more than one block of everything. */
function forSegments(name: string, check: (reader: SegmentReader, segment: ReferenceSegment) => Promise<void>): void {
  for (const [docs, numRuns] of [
    [12, 60],
    [1_500, 3],
  ] as const) {
    test(`${name} (up to ${docs} documents)`, async () => {
      const property = fc.asyncProperty(segmentsOf(docs), async (segment) => {
        await check(await openSegment(bytesSource(writeReferenceSegment(segment)), 's'), segment);
      });
      await fc.assert(property, { seed: 20260504, numRuns, endOnFailure: docs > 100 });
    });
  }
}

type Occurrences = Map<string, { docId: number; positions: number[] }[]>;

function invert(segment: ReferenceSegment, field: string): Occurrences {
  const inverted: Occurrences = new Map();
  const add = (term: string, docId: number, positions: number[]) =>
    inverted.set(term, [...(inverted.get(term) ?? []), { docId, positions }]);
  segment.docs.forEach((document, docId) => {
    const strings = stringsOf(cellOf(document, field));
    if (!['title', 'body'].includes(field)) {
      for (const term of new Set(strings)) add(term, docId, []);
      return;
    }
    const tokens = positionedTokens(strings, (text) => plainAnalyze('standard', text));
    for (const word of new Set(tokens.map(({ token }) => token))) {
      const positions = tokens.filter(({ token }) => token === word).map(({ position }) => position);
      add(word, docId, positions);
    }
  });
  return inverted;
}

forSegments('dictionaries and posting lists', async (reader, segment) => {
  for (const field of ['_id', '_group', 'title', 'body', 'tags', 'kind']) {
    const expected = invert(segment, field);
    const dictionary = await reader.dictionary(field);
    const terms = [...expected.keys()].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    const seen: string[] = [];
    const cursor = await dictionary.iterate();
    while (await cursor.next()) {
      seen.push(fromUtf8(cursor.term));
      const info = cursor.info();
      assert.deepEqual(await dictionary.seekExact(cursor.term), info);
      assert.equal(fromUtf8(await dictionary.termAt(info.ordinal)), seen.at(-1));
      const postings = expected.get(seen.at(-1)!)!;
      assert.equal(info.docFreq, postings.length);
      const list = await reader.postings(field, info);
      const isText = field === 'title' || field === 'body';
      for (const { docId, positions } of postings) {
        assert.equal(list.next(), docId);
        if (!isText) continue;
        assert.equal(list.freq, positions.length);
        assert.deepEqual([...list.positions()], positions);
      }
      assert.equal(list.next(), NO_MORE_DOCS);
      const tokens = postings.reduce((sum, { positions }) => sum + Math.max(1, positions.length), 0);
      assert.equal(info.totalTermFreq, tokens);
    }
    assert.deepEqual(seen, terms);
    assert.equal(await dictionary.seekExact(utf8.encode('no such term')), undefined);
  }
});

forSegments('advance skips to the first document at or after the target', async (reader, segment) => {
  for (const [term, postings] of invert(segment, 'title')) {
    const info = (await (await reader.dictionary('title')).seekExact(utf8.encode(term)))!;
    for (const step of [1, 2, 7, 130, 300]) {
      const list = await reader.postings('title', info);
      for (let target = 0; target <= reader.docs; target += step) {
        const found = postings.find(({ docId }) => docId >= target);
        assert.equal(list.advance(target), found?.docId ?? NO_MORE_DOCS);
        if (found === undefined) break;
        assert.equal(list.freq, found.positions.length);
        assert.deepEqual([...list.positions()], found.positions);
      }
    }
  }
});

forSegments('prefixes and the next term', async (reader, segment) => {
  const terms = [...invert(segment, 'title').keys()].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  const dictionary = await reader.dictionary('title');
  for (const prefix of ['', 'b', 'bl', 'blue', 'bluer', 'zz', ...WORDS]) {
    const seen: string[] = [];
    const cursor = await dictionary.iterate({ prefix: utf8.encode(prefix) });
    while (await cursor.next()) seen.push(fromUtf8(cursor.term));
    assert.deepEqual(
      seen,
      terms.filter((term) => term.startsWith(prefix)),
    );
    const walked: string[] = [];
    await walkLists(reader, 'title', ({ term }) => walked.push(fromUtf8(term)), prefixBounds(utf8.encode(prefix)));
    assert.deepEqual(walked, seen);
    const ceiling = await dictionary.seekCeil(utf8.encode(prefix));
    const next = terms.find((term) => Buffer.compare(Buffer.from(term), Buffer.from(prefix)) >= 0);
    assert.equal((await ceiling.next()) ? fromUtf8(ceiling.term) : undefined, next);
  }
});

forSegments('columns', async (reader, segment) => {
  for (const { name, type } of [...REFERENCE_SCHEMA.fields, { name: '_version', type: 'i64' as const }]) {
    if (type === 'text' || type === 'keyword') continue;
    const column = await reader.column(name);
    const all = column.decode();
    segment.docs.forEach((document, docId) => {
      const value = columnValue(cellOf(document, name), type);
      assert.equal(column.has(docId), value !== undefined);
      if (value === undefined) return;
      assert.equal(column.value(docId), value);
      assert.equal(all[docId], value);
      assert.equal((BigInt(column.high(docId)) << 32n) + BigInt(column.low(docId)), value);
      if (type === 'f64') assert.equal(orderedToFloat(value), Number(cellOf(document, name)) + 0);
    });
  }
});

forSegments('ordinals', async (reader, segment) => {
  for (const field of ['_group', 'tags', 'kind']) {
    const ordinals = await reader.ordinals(field);
    const dictionary = await reader.dictionary(field);
    for (const [docId, document] of segment.docs.entries()) {
      const found: string[] = [];
      for (let i = ordinals.start(docId); i < ordinals.end(docId); i++) {
        found.push(fromUtf8(await dictionary.termAt(ordinals.at(i))));
      }
      const expected = [...new Set(stringsOf(cellOf(document, field)))];
      assert.deepEqual(
        found,
        expected.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
      );
      assert.equal(ordinals.first(docId), found.length === 0 ? -1 : ordinals.at(ordinals.start(docId)));
    }
  }
});

function storedOf(document: ReferenceDocument) {
  return REFERENCE_SCHEMA.stored.map((name) => {
    const value = document.values[name];
    return typeof value === 'string' || (typeof value === 'object' && value !== null) ? value : null;
  });
}

forSegments('stored fields, sources, keys and tombstones', async (reader, segment) => {
  const sources = await reader.sources();
  for (const [docId, document] of segment.docs.entries()) {
    const stored = await reader.storedDocument(docId);
    assert.equal(fromUtf8(stored.id), document.id);
    assert.deepEqual(stored.values, storedOf(document));
    const { time, objects } = segment.partitions[document.object]!;
    const { rowGroup, row } = document;
    assert.deepEqual(sources.rowOf(docId), { partitionTime: time, objectKey: objects[0], rowGroup, row });
  }
  const keys: [string, number[]][] = [];
  await walkLists(reader, '_id', ({ term }, list) => {
    keys.push([fromUtf8(term), Array.from({ length: list.docFreq }, () => list.next())]);
  });
  const ids = segment.docs.map(({ id }, docId): [string, number[]] => [id, [docId]]);
  assert.deepEqual(
    keys,
    ids.sort(([a], [b]) => (a < b ? -1 : 1)),
  );
  const tombstones = await reader.tombstones();
  const plain = (bytes: Uint8Array | undefined) => (bytes === undefined ? undefined : fromUtf8(bytes));
  const found = tombstones.map((t) =>
    JSON.stringify({ ...t, id: plain(t.id), group: plain(t.group), version: `${t.version}` }),
  );
  const given = (segment.tombstones ?? []).map(({ id, group, version, object, rowGroup, row }) =>
    JSON.stringify({ id, group, version: `${version}`, object, rowGroup, row }),
  );
  assert.deepEqual(found.toSorted(), given.toSorted());
});

test('a read that failed is tried again', async () => {
  const source = bytesSource(writeReferenceSegment(fc.sample(segmentsOf(12), { seed: 20260504, numRuns: 1 })[0]!));
  let isAway = false;
  const slice: typeof source.slice = async (start, end) => {
    if (isAway) throw new Error('the store is away');
    return source.slice(start, end);
  };
  const reader = await openSegment({ ...source, slice }, 's');
  const reads = [
    () => reader.sources(),
    () => reader.stored(),
    () => reader.tombstones(),
    () => reader.dictionary(REFERENCE_SCHEMA.fields[0]!.name),
  ];
  isAway = true;
  for (const read of reads) await assert.rejects(read, /the store is away/);
  isAway = false;
  for (const read of reads) assert.ok((await read()) !== undefined);
});
