import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatInputSummary, summarizeInput } from '#src/decode/input-summary.js';
import { loadBytes, openBytes } from './fixtures.js';

async function summaryOf(file: string) {
  const input = await openBytes(loadBytes(file), file);
  return summarizeInput(input, await input.pageVersions());
}

test('a Parquet file tells codec, page version, encodings and sizes of each column', async () => {
  const summary = await summaryOf('encoding-delta-byte-array-v2.parquet');
  assert.equal(summary.format, 'parquet');
  assert.equal(summary.rows, 60);
  assert.deepEqual(
    summary.rowGroups.map(({ rows }) => rows),
    [40, 20],
  );
  assert.match(summary.createdBy!, /^parquet-cpp-arrow/);
  const id = summary.columns.find(({ name }) => name === 'id')!;
  assert.deepEqual(
    { type: id.type, codecs: id.codecs, pages: id.pageVersions, nullable: id.nullable },
    { type: 'string', codecs: ['zstd'], pages: ['v2'], nullable: true },
  );
  assert.ok(id.encodings.includes('DELTA_BYTE_ARRAY'));
  const stored = summary.columns.reduce((sum, column) => sum + column.compressedBytes!, 0);
  assert.equal(
    stored,
    summary.rowGroups.reduce((sum, { bytes }) => sum + bytes, 0),
  );
});

test('an Arrow file tells its record batches and codec', async () => {
  const summary = await summaryOf('long-lz4.arrow');
  assert.deepEqual(summary.codecs, ['lz4']);
  assert.deepEqual(
    summary.rowGroups.map(({ rows }) => rows),
    [200, 200, 100],
  );
  assert.equal(summary.columns[0]!.compressedBytes, undefined);
});

test('the text has a line per column and per row group', async () => {
  const text = formatInputSummary(await summaryOf('required-columns.parquet'));
  const lines = text.split('\n');
  assert.match(lines[0]!, /^Parquet, 2 rows in 1 row group, written by parquet-cpp-arrow/);
  assert.match(lines[1]!, /^ {2}id +string not null +snappy +\d+ of \d+ bytes +pages v1 +\S+/);
  assert.match(lines[3]!, /^ {2}row group 0: 2 rows, \d+ bytes$/);
  assert.match(
    formatInputSummary(await summaryOf('rows-none.arrows')),
    /^Arrow IPC stream, 0 rows in 0 record batches\n/,
  );
});
