/** Pages decoded in the kernel against the same rows read through the other decoder. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Column } from '#src/decode/columns.js';
import type { InputFile, ReadRowsRequest } from '#src/decode/input.js';
import { Kernel } from '#src/kernel/kernel.js';
import { placePages } from '#src/worker/place-pages.js';
import { readSlice } from '#src/worker/read-slice.js';
import { brokenPromise, columnValues, loadFixtures, openBytes, requestsOf } from '../decode/fixtures.js';
import { readBack } from '../support/placed-column.js';

const kernel = Kernel.create();

/** How many columns were asked for, and how many came out of the kernel. */
interface Tally {
  columns: number;
  placed: number;
}

async function checkRows(input: InputFile, request: ReadRowsRequest, where: string, tally: Tally): Promise<void> {
  const expected = await input.readRows(request);
  kernel.call.reset();
  const found = await readSlice(kernel, input, request);
  assert.deepEqual(Object.keys(found), Object.keys(expected));
  for (const [name, column] of Object.entries(expected)) checkColumn(found[name], column, `${where}: ${name}`);
  const { columns } = await input.readPages!(request);
  tally.columns += request.columns.length;
  for (const column of columns) {
    if (placePages(kernel, column, request.rowStart, request.rowEnd) !== undefined) tally.placed++;
  }
}

function checkColumn(found: Parameters<typeof readBack>[1] | undefined, expected: Column | undefined, where: string) {
  if (found === undefined || expected === undefined) return assert.equal(found, expected, where);
  const column = readBack(kernel, found);
  assert.equal(column.kind, expected.kind, where);
  assert.equal(brokenPromise(column), undefined, where);
  assert.deepEqual(columnValues(column), columnValues(expected), where);
}

const tallies = new Map<string, Tally>();

for (const fixture of loadFixtures()) {
  if (fixture.error !== undefined || !fixture.file.endsWith('.parquet')) continue;
  test(`${fixture.file}: the kernel's pages hold the same`, async () => {
    const tally = { columns: 0, placed: 0 };
    tallies.set(fixture.file, tally);
    const input = await openBytes(fixture.bytes, fixture.file);
    const columns = requestsOf(fixture.columns);
    for (const [rowGroup, { rows }] of input.rowGroups.entries()) {
      const cuts = [0, 1, rows >> 1, rows - 1, rows].filter((cut) => cut >= 0 && cut <= rows);
      for (const rowStart of new Set(cuts)) {
        for (const rowEnd of new Set(cuts)) {
          if (rowStart >= rowEnd) continue;
          await checkRows(input, { rowGroup, rowStart, rowEnd, columns }, `${rowGroup}, ${rowStart}-${rowEnd}`, tally);
        }
      }
    }
  });
}

test('the kernel decodes the common columns itself, and only those', () => {
  const shareOf = (file: string) => {
    const { columns, placed } = tallies.get(file)!;
    return placed / columns;
  };
  for (const codec of ['none', 'snappy', 'lz4_raw']) {
    for (const kind of ['v1-plain', 'v1-dictionary', 'v2-plain', 'v2-dictionary']) {
      assert.equal(shareOf(`codec-${codec}-${kind}.parquet`), 1, `${codec} ${kind}`);
    }
  }
  for (const file of ['pages-small-v1', 'dictionary-overflows', 'required-columns', 'rows-one']) {
    assert.equal(shareOf(`${file}.parquet`), 1, file);
  }
  assert.equal(shareOf('codec-gzip-v1-plain.parquet'), 0);
  assert.equal(shareOf('encoding-delta-byte-array-v1.parquet'), 0);
});
