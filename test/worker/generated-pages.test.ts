/** Generated columns through a writer of plain JavaScript, which shares no code with either decoder: any page size, nulls, dictionaries, row ranges. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { SchemaElement } from 'hyparquet';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { Kernel } from '#src/kernel/kernel.js';
import { placeFound } from '#src/worker/columns.js';
import { placePages } from '#src/worker/place-pages.js';
import { columnValues, openBytes } from '../decode/fixtures.js';
import { varint } from '../support/byte-codecs.js';
import { readBack } from '../support/placed-column.js';

const kernel = Kernel.create();

interface Row {
  readonly text: string | null;
  readonly id: string;
  readonly count: bigint | null;
  readonly score: number | null;
  readonly flag: boolean | null;
  readonly tags: readonly (string | null)[] | null;
}

const OPTIONAL = { repetition_type: 'OPTIONAL' } as const;
const UTF8 = { type: 'BYTE_ARRAY', converted_type: 'UTF8' } as const;
const SCHEMA: SchemaElement[] = [
  { name: 'root', num_children: 6 },
  { name: 'text', ...UTF8, ...OPTIONAL },
  { name: 'id', ...UTF8, repetition_type: 'REQUIRED' },
  { name: 'count', type: 'INT64', ...OPTIONAL },
  { name: 'score', type: 'DOUBLE', ...OPTIONAL },
  { name: 'flag', type: 'BOOLEAN', ...OPTIONAL },
  { name: 'tags', num_children: 1, converted_type: 'LIST', ...OPTIONAL },
  { name: 'list', num_children: 1, repetition_type: 'REPEATED' },
  { name: 'element', ...UTF8, ...OPTIONAL },
];
const COLUMNS = [
  { name: 'text', shape: 'text' },
  { name: 'id', shape: 'keyword' },
  { name: 'count', shape: 'i64' },
  { name: 'score', shape: 'f64' },
  { name: 'flag', shape: 'bool' },
  { name: 'tags', shape: 'keyword' },
] as const;

/** Few words, so that dictionaries pay; now and then a long or a foreign one. */
const words = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('', 'a', 'bb', 'index', 'segment', 'merge of parts', 'Straße', '索引') },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 40 }) },
  { weight: 1, arbitrary: fc.nat(1200).map((length) => 'x'.repeat(length)) },
);
const rows: fc.Arbitrary<Row[]> = fc.array(
  fc.record({
    text: fc.option(words, { freq: 4 }),
    id: words,
    count: fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), { freq: 3 }),
    // The writer's dictionaries take 0 and -0 for one value.
    score: fc.option(
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
      { freq: 3 },
    ),
    flag: fc.option(fc.boolean(), { freq: 3 }),
    tags: fc.option(fc.array(fc.option(words, { freq: 5 }), { maxLength: 6 }), { freq: 4 }),
  }),
  { minLength: 1, maxLength: 200, size: 'max' },
);
const layout = fc.record({
  pageSize: fc.constantFrom(1, 40, 300, 5000, 1_000_000),
  codec: fc.constantFrom('SNAPPY' as const, 'UNCOMPRESSED' as const),
  encoding: fc.constantFrom('PLAIN' as const, 'RLE_DICTIONARY' as const, undefined),
  cut: fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true })),
});

function write(
  data: readonly Row[],
  { pageSize, codec, encoding }: typeof layout extends fc.Arbitrary<infer T> ? T : never,
) {
  const columnData = COLUMNS.map(({ name }) => ({
    name,
    data: data.map((row) => row[name]) as unknown[],
    ...(encoding === undefined || name === 'flag' ? {} : { encoding }),
  }));
  return new Uint8Array(parquetWriteBuffer({ columnData, schema: SCHEMA, pageSize, codec, rowGroupSize: data.length }));
}

function expected(name: (typeof COLUMNS)[number]['name'], row: Row) {
  const value = row[name];
  if (typeof value === 'bigint') return value.toString();
  return typeof value === 'boolean' ? String(Number(value)) : value;
}

test('what was written comes back, whatever the pages', async () => {
  const property = fc.asyncProperty(rows, layout, async (data, chosen) => {
    const input = await openBytes(write(data, chosen), 'generated');
    const [from, to] = chosen.cut.map((share) => Math.round(share * data.length)) as [number, number];
    const [rowStart, rowEnd] = from === to ? [0, data.length] : [Math.min(from, to), Math.max(from, to)];
    const { columns, rest } = await input.readPages!({ rowGroup: 0, rowStart, rowEnd, columns: COLUMNS });
    assert.deepEqual(rest, []);
    for (const [i, column] of columns.entries()) {
      kernel.call.reset();
      const found = placePages(kernel, column, rowStart, rowEnd);
      assert.ok(found !== undefined, `${COLUMNS[i]!.name} was refused`);
      const values = columnValues(readBack(kernel, placeFound(kernel, found)));
      assert.deepEqual(
        values,
        data.slice(rowStart, rowEnd).map((row) => expected(COLUMNS[i]!.name, row)),
      );
    }
  });
  await fc.assert(property, { numRuns: 100, seed: 5 });
});

test('values far longer than their dictionary foretold move to where there is room', async () => {
  // 1,000 short values that are never used and one long one that every row has.
  const long = 'y'.repeat(3000);
  const data = Array.from({ length: 3000 }, (_, i) => (i < 1000 ? `s${i}` : long));
  const columnData = [{ name: 'text', data, type: 'STRING' as const, encoding: 'RLE_DICTIONARY' as const }];
  const bytes = new Uint8Array(parquetWriteBuffer({ columnData, pageSize: 500, rowGroupSize: data.length }));
  const input = await openBytes(bytes, 'generated');
  const request = { rowGroup: 0, rowStart: 900, rowEnd: 3000, columns: [{ name: 'text', shape: 'text' }] } as const;
  const { columns } = await input.readPages!(request);
  assert.ok(columns[0]!.table.dictionary !== undefined && columns[0]!.table.pages.length > 2);
  kernel.call.reset();
  const found = placePages(kernel, columns[0]!, request.rowStart, request.rowEnd);
  assert.ok(found?.kind === 'placed' && found.sizes.longest === long.length);
  assert.deepEqual(columnValues(readBack(kernel, found)), data.slice(900));
  assert.ok(kernel.call.mark() >>> 0 <= found.data + found.sizes.bytes + 16, 'scratch is left behind');
});

test('values that had to move are not touched by the scratch of later pages', () => {
  const { call } = kernel;
  const bring = (bytes: Uint8Array): number => {
    const at = call.pageInput(bytes.length);
    kernel.view(at, bytes.length).set(bytes);
    return at;
  };
  // A dictionary of one long value and one short one, then a page of each, as one run of its index.
  const long = new TextEncoder().encode('long '.repeat(800));
  const dictionary = Uint8Array.from([long.length & 255, long.length >> 8, 0, 0, ...long, 1, 0, 0, 0, 115]);
  const pageOf = (rows: number, index: number) => Uint8Array.from([1, ...varint(rows << 1), index]);
  const pages = [
    { rows: 20, index: 0 },
    { rows: 50_000, index: 1 },
  ];
  call.reset();
  call.beginPages(6, 0, 0, 50_020, 16);
  assert.equal(call.addPageDictionary(bring(dictionary), dictionary.length, dictionary.length, 2), 1);
  for (const { rows, index } of pages) {
    const page = pageOf(rows, index);
    assert.equal(call.addPage(bring(page), page.length, page.length, 1, 8, 1, rows, -1, 0, 0, 0, rows), 1);
  }
  assert.equal(call.finishPages(), 1);
  const data = kernel.view(call.byteData.value, 20 * long.length + 50_000);
  for (let i = 0; i < 20; i++) assert.deepEqual(data.slice(i * long.length, (i + 1) * long.length), long);
  assert.ok(data.subarray(20 * long.length).every((byte) => byte === 115));
});

test('counts that no page can hold are refused before they cost memory', async () => {
  const columnData = [{ name: 'tags', data: [['a'], ['b', 'c']] }];
  const schema: SchemaElement[] = [{ name: 'root', num_children: 1 }, ...SCHEMA.slice(6)];
  const input = await openBytes(new Uint8Array(parquetWriteBuffer({ columnData, schema })), 'generated');
  const columns = [{ name: 'tags', shape: 'text' }] as const;
  const [column] = (await input.readPages!({ rowGroup: 0, rowStart: 0, rowEnd: 2, columns })).columns;
  assert.ok(placePages(kernel, column!, 0, 2) !== undefined);
  const held = kernel.memoryBytes;
  const claiming = (entries: number, rows: number) => {
    const pages = column!.table.pages.map((page) => ({ ...page, entries, rows }));
    return { ...column!, table: { ...column!.table, pages } };
  };
  assert.equal(placePages(kernel, claiming(2 ** 30, 2), 0, 2), undefined);
  assert.equal(placePages(kernel, claiming(3, 2 ** 30), 0, 2 ** 30), undefined);
  assert.equal(kernel.memoryBytes, held);
});
