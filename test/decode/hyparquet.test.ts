/** A second opinion on the Parquet fixtures: hyparquet, which shares no code with the decoder or with pyarrow. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { decompress } from 'fzstd';
import { type Compressors, parquetReadObjects } from 'hyparquet';
import { columnValues, type Fixture, loadFixtures, openBytes, type Value } from './fixtures.js';

/** Snappy is its own; the rest are borrowed. It has no lz4_raw. */
const compressors: Compressors = {
  GZIP: (input) => gunzipSync(input),
  BROTLI: (input) => brotliDecompressSync(input),
  ZSTD: (input, outputLength) => decompress(input, new Uint8Array(outputLength)),
};
/** Columns whose values it hands over in a form that compares without further rules. */
const COMPARED: Readonly<Record<string, 'text' | 'i64' | 'f64'>> = {
  id: 'text',
  name: 'text',
  tags: 'text',
  downloads: 'i64',
  small: 'i64',
  score: 'f64',
};

const fixtures = loadFixtures().filter(
  ({ file, error }) => error === undefined && /^(codec|encoding|pages|rows)-.*parquet$/.test(file),
);

for (const fixture of fixtures.filter(({ file }) => !file.includes('lz4'))) {
  test(`hyparquet agrees on ${fixture.file}`, () => compare(fixture));
}

async function compare(fixture: Fixture): Promise<void> {
  const { buffer } = fixture.bytes;
  const objects = await parquetReadObjects({ file: buffer as ArrayBuffer, compressors });
  const input = await openBytes(fixture.bytes, fixture.file);
  const columns = input.columns
    .filter(({ name }) => name in COMPARED)
    .map(({ name }) => ({ name, shape: COMPARED[name]! }));
  assert.ok(columns.length >= 5);
  const found = new Map(columns.map(({ name }) => [name, [] as Value[]]));
  for (const [rowGroup, { rows }] of input.rowGroups.entries()) {
    const read = await input.readRows({ rowGroup, rowStart: 0, rowEnd: rows, columns });
    for (const { name } of columns) found.get(name)!.push(...columnValues(read[name]!));
  }
  for (const { name, shape } of columns) {
    const theirs = objects.map((object) => {
      const value = object[name];
      return shape === 'i64' && value !== null && value !== undefined ? String(value) : (value ?? null);
    });
    assert.deepEqual(found.get(name), theirs, `${fixture.file}: ${name}`);
  }
}
