/** `checkSegment` passes what the plain writer makes, and finds every flipped byte, every cut, and lies with right checksums. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bytesSource } from '#src/base/bytes.js';
import { checkSegment } from '#src/segment/check.js';
import { readFooter } from '#src/segment/footer.js';
import { extent, HEADER_BYTES, TRAILER_BYTES } from '#src/segment/layout.js';
import { openSegment } from '#src/segment/reader.js';
import { sectionTitle } from '#src/segment/section-cache.js';
import { plainCrc32 } from '../support/reference-bytes.js';
import { plainAnalyze, REFERENCE_SCHEMA, segmentsOf, WORDS } from '../support/reference-documents.js';
import { type ReferenceDocument, writeReferenceSegment } from '../support/reference-segment.js';

const check = (bytes: Uint8Array) => checkSegment(bytesSource(bytes), 's');

test('every random segment passes', async () => {
  for (const [docs, numRuns] of [
    [12, 40],
    [1_500, 3],
  ] as const) {
    const property = fc.asyncProperty(segmentsOf(docs), async (segment) => {
      // Random tombstones may name one row twice, which no real input does.
      const bytes = writeReferenceSegment({ ...segment, tombstones: [] });
      assert.deepEqual(await check(bytes), { docs: segment.docs.length, defects: [] });
    });
    await fc.assert(property, { seed: 20260504, numRuns, endOnFailure: docs > 100 });
  }
});

/** A dozen documents are few enough to flip every byte; 140 fill a block and have skip data. */
function segmentOf(count: number): Uint8Array {
  const docs = Array.from({ length: count }, (_, i): ReferenceDocument => {
    const values = {
      title: `a ${WORDS[i % WORDS.length]} a`,
      tags: i % 3 === 0 ? ['red', 'blue'] : 'green',
      kind: i % 4 === 0 ? null : 'big',
      size: BigInt(i * 7),
      price: i % 5 === 0 ? null : i / 3,
    };
    return {
      id: `d${i}`,
      group: `g${i % 9}`,
      version: BigInt(i),
      object: i < count / 2 ? 0 : 1,
      rowGroup: 0,
      row: i * 2,
      values,
    };
  });
  const partitions = [{ time: 1_777_852_800_000, objects: ['a.parquet', 'b.parquet'] }];
  const tombstones = [
    { id: 'gone', version: 5n, object: 0, rowGroup: 0, row: 1 },
    { group: 'g', object: 1, rowGroup: 0, row: 3 },
  ];
  return writeReferenceSegment({ schema: REFERENCE_SCHEMA, docs, partitions, tombstones, analyze: plainAnalyze });
}

test('every flipped byte is a defect of the part it lies in', async () => {
  const bytes = segmentOf(12);
  assert.deepEqual((await check(bytes)).defects, []);
  const { sections } = await readFooter(bytesSource(bytes), 's');
  const footerStart = sections.at(-1)!.offset + extent(sections.at(-1)!.length);
  const placeOf = (at: number): RegExp => {
    if (at < HEADER_BYTES) return /^header$/;
    if (at >= bytes.length - TRAILER_BYTES) return /^(trailer|footer)$/;
    if (at >= footerStart) return /^footer$/;
    return new RegExp(`^${sectionTitle(sections.findLast(({ offset }) => offset <= at)!)}$`);
  };
  for (let at = 0; at < bytes.length; at++) {
    const flipped = bytes.slice();
    flipped[at]! ^= 1 << (at % 8);
    const { defects } = await check(flipped);
    assert.ok(defects.length > 0, `byte ${at}`);
    for (const { section } of defects) assert.match(section, placeOf(at), `byte ${at}`);
  }
});

test('every cut and every byte too many is a defect', async () => {
  const bytes = segmentOf(12);
  for (let end = 0; end < bytes.length; end += end < bytes.length - 100 ? 13 : 1) {
    assert.ok((await check(bytes.subarray(0, end))).defects.length > 0, `cut at ${end}`);
  }
  assert.ok((await check(Uint8Array.from([...bytes, 0]))).defects.length > 0);
});

/** Flips a byte of a section's content and makes every checksum right again: only the structure can tell. */
async function lie(bytes: Uint8Array, title: string, at: number): Promise<Uint8Array> {
  const footer = await readFooter(bytesSource(bytes), 's');
  const changed = bytes.slice();
  const section = footer.sections.find((one) => sectionTitle(one) === title)!;
  changed[section.offset + at]! ^= 1;
  const sections = footer.sections.map((one) => {
    return { ...one, crc32: plainCrc32([...changed.subarray(one.offset, one.offset + extent(one.length))]) };
  });
  const footerStart = Number(new DataView(bytes.buffer).getBigUint64(bytes.length - TRAILER_BYTES, true));
  const text = new TextEncoder().encode(JSON.stringify({ ...footer, sections }));
  const padded = new Uint8Array(extent(text.length)).fill(0x20);
  padded.set(text);
  const trailer = bytes.slice(-TRAILER_BYTES);
  new DataView(trailer.buffer).setUint32(8, padded.length, true);
  new DataView(trailer.buffer).setUint32(12, plainCrc32([...padded]), true);
  return Uint8Array.from([...changed.subarray(0, footerStart), ...padded, ...trailer]);
}

for (const [section, at, expected] of [
  ['norms of title', 3, /norms of title/],
  ['ordinals of tags', 12, /ordinals of tags/],
  ['ordinals of kind', 1, /ordinals of kind/],
  ['column of size', 16, /column of size/],
  ['terms of title', 3, /(terms|postings) of title/],
  ['storedIndex', 0, /storedIndex|stored/],
  ['termIndex of title', 1, /termIndex of title/],
] as const) {
  test(`a lie in ${section} is found there`, async () => {
    const { defects } = await check(await lie(segmentOf(140), section, at));
    assert.ok(defects.length > 0);
    assert.ok(
      defects.some((defect) => expected.test(defect.section)),
      JSON.stringify(defects[0]),
    );
  });
}

test('untrue skip data are found', async () => {
  const bytes = segmentOf(140);
  const reader = await openSegment(bytesSource(bytes), 's');
  const info = (await (await reader.dictionary('title')).seekExact(new TextEncoder().encode('a')))!;
  const end = info.postingsOffset + info.postingsLength;
  for (let at = end - info.skipLength; at < end; at++) {
    const { defects } = await check(await lie(bytes, 'postings of title', at));
    assert.ok(
      defects.some(({ section }) => section === 'postings of title'),
      `byte ${at - end} from the end`,
    );
  }
});
