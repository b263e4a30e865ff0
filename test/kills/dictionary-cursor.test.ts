/** Walking and seeking keys over many dictionary blocks, read whole or block by block. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import fc from 'fast-check';
import { DictionaryCursor, type DictionaryCursorOptions } from '#src/kills/dictionary-cursor.js';
import { openSegmentRows, type SegmentRows } from '#src/kills/segment-rows.js';
import { walkKeys } from '#src/kills/walk-keys.js';
import type { InputRow } from '../support/oracle.js';
import { rowSegment } from '../support/row-segments.js';

/** 24 blocks of 64 and a shorter one; every seventh id has a second document, one has more than a block of postings. */
const IDS = 1_600;
const CROWDED = 77;
const SEED = 31;
const bytesOf = (text: string) => new TextEncoder().encode(text);
/** Neighbours differ by more than 32 bits hold, some rows have none. */
const versionOf = (row: number) => (row % 10 === 9 ? null : BigInt(row) ** 5n * (row % 2 === 0 ? 1n : -1n));
const idOf = (n: number) => `k${String(n * 3).padStart(5, '0')}`;

/** Reading whole, and a block at a time as from a large segment of which little is asked. */
const WINDOWS: readonly DictionaryCursorOptions[] = [{ withPostings: true }, { withPostings: true, soughtKeys: 0 }];

let segment: SegmentRows;
let docIds: Map<string, number[]>;

before(async () => {
  const counts = Array.from({ length: IDS }, (_, n) => (n === CROWDED ? 300 : n % 7 === 0 ? 2 : 1));
  const ids = counts.flatMap((count, n) => Array.from({ length: count }, () => idOf(n)));
  // Documents in an order that is not that of the ids.
  const shuffled = ids.map((_, i) => ids[(i * 997) % ids.length]!);
  const rows = shuffled.map((id, row): InputRow => {
    const place = { partitionTime: 0, objectKey: 'o', rowGroup: 0, row };
    return { ...place, id, group: null, version: versionOf(row), deleted: false, fields: {} };
  });
  docIds = new Map(counts.map((_, n) => [idOf(n), []]));
  for (const [docId, id] of shuffled.entries()) docIds.get(id)!.push(docId);
  const { reader } = await rowSegment('many', rows, { replace: 'record' });
  segment = await openSegmentRows(reader, new Uint8Array(Math.ceil(reader.docs / 8)), false);
});

test('a walk meets every key with its documents', async () => {
  for (const options of WINDOWS) {
    const cursor = await DictionaryCursor.open(segment, '_id', options);
    const met = new Map<string, number[]>();
    await walkKeys([cursor], [], ([hit]) => {
      met.set(Buffer.from(hit!.key).toString(), hit!.docIds());
      assert.equal(hit!.count, met.get(Buffer.from(hit!.key).toString())!.length);
    });
    assert.deepEqual([...met], [...docIds]);
    assert.equal(await cursor.load(), false);
  }
});

test('seeking finds exactly the keys that are there', async () => {
  const texts = fc.uniqueArray(fc.nat({ max: IDS * 3 + 5 }), { maxLength: 60 });
  const property = fc.asyncProperty(texts, fc.constantFrom(...WINDOWS), async (numbers, options) => {
    const cursor = await DictionaryCursor.open(segment, '_id', options);
    for (const number of numbers.toSorted((a, b) => a - b)) {
      const id = `k${String(number).padStart(5, '0')}`;
      const found = await cursor.seek(bytesOf(id));
      assert.equal(found, docIds.has(id), id);
      if (found) assert.deepEqual(cursor.docIds(), docIds.get(id));
    }
  });
  await fc.assert(property, { seed: SEED, numRuns: 100 });
});

test('keys before the first and behind the last are not found', async () => {
  for (const options of WINDOWS) {
    const cursor = await DictionaryCursor.open(segment, '_id', options);
    assert.equal(await cursor.seek(bytesOf('')), false);
    assert.equal(await cursor.seek(bytesOf(idOf(0))), true);
    assert.equal(await cursor.seek(bytesOf(idOf(IDS - 1))), true);
    assert.equal(await cursor.seek(bytesOf('z')), false);
    assert.equal(await cursor.seek(bytesOf('zz')), false);
  }
});

test('versions of scattered documents are those of the column', async () => {
  for (let i = 0; i < segment.reader.docs; i++) {
    const docId = (i * 991) % segment.reader.docs;
    assert.equal(segment.versionOf(docId), versionOf(docId) ?? undefined);
  }
});
