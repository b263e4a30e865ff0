/** Garbled pages in the kernel: it takes nothing that the other decoder refuses, reads nothing else than it, and never traps. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TidemarkError } from '#src/base/errors.js';
import type { InputFile, ReadRowsRequest } from '#src/decode/input.js';
import { Kernel } from '#src/kernel/kernel.js';
import { placeFound } from '#src/worker/columns.js';
import { placePages } from '#src/worker/place-pages.js';
import { columnValues, type Fixture, loadFixtures, openBytes, requestsOf, type Value } from '../decode/fixtures.js';
import { type Random, randomOf } from '../support/byte-codecs.js';
import { readBack } from '../support/placed-column.js';

const CASES = 120;
const MAGIC_BYTES = 4;
const kernel = Kernel.create();

const isCommon =
  /^(codec-(none|snappy|lz4_raw)|pages-small|dictionary-over|required|types-strings|types-times|broken-text).*\.parquet$/;
const fixtures = loadFixtures().filter(({ error, file }) => error === undefined && isCommon.test(file));

/** Some flipped bits or a run of zeroes, among the pages or in the footer. */
function garble(bytes: Uint8Array, random: Random, where: 'pages' | 'footer'): Uint8Array {
  const out = bytes.slice();
  const footerEnd = out.length - MAGIC_BYTES - 4;
  const footerStart = footerEnd - new DataView(out.buffer).getUint32(footerEnd, true);
  const [start, end] = where === 'pages' ? [MAGIC_BYTES, footerStart] : [footerStart, footerEnd];
  const place = () => start + random(end - start);
  if (random(6) === 0) {
    const at = place();
    return out.fill(0, at, Math.min(end, at + 1 + random(32)));
  }
  for (let i = random(3); i >= 0; i--) out[place()]! ^= 1 << random(8);
  return out;
}

/** Values of the one column asked for, or the reason why there are none. */
async function readOther(input: InputFile, request: ReadRowsRequest): Promise<readonly Value[] | string> {
  try {
    const column = (await input.readRows(request))[request.columns[0]!.as!];
    return column === undefined ? 'its name is garbled' : columnValues(column);
  } catch (error) {
    assert.ok(error instanceof TidemarkError && error.code === 'bad-data', String(error));
    return error.message;
  }
}

/** The same from the kernel; undefined where it leaves the column to the other decoder. */
async function readPlaced(input: InputFile, request: ReadRowsRequest): Promise<readonly Value[] | undefined> {
  const [column] = (await input.readPages!(request)).columns;
  kernel.call.reset();
  const found = column && placePages(kernel, column, request.rowStart, request.rowEnd);
  return found && columnValues(readBack(kernel, placeFound(kernel, found)));
}

const tally = { same: 0, refusedByBoth: 0, leftToOther: 0, takenAlone: 0 };

/** `sound` = the file before it was garbled. */
async function checkColumn(input: InputFile, sound: InputFile, request: ReadRowsRequest, where: string): Promise<void> {
  const other = await readOther(input, request);
  const placed = await readPlaced(input, request).catch((error: unknown) => {
    assert.ok(error instanceof TidemarkError && error.code === 'bad-data', String(error));
    return undefined;
  });
  if (placed === undefined) tally[typeof other === 'string' ? 'refusedByBoth' : 'leftToOther']++;
  else if (typeof other !== 'string') {
    assert.deepEqual(placed, other, where);
    tally.same++;
  } else {
    assert.deepEqual(placed, await readOther(sound, request), `${where}: ${other}`);
    tally.takenAlone++;
  }
}

async function checkFile(bytes: Uint8Array, fixture: Fixture): Promise<void> {
  const input = await openBytes(bytes, fixture.file).catch(() => undefined);
  const sound = await openBytes(fixture.bytes, fixture.file);
  for (const [rowGroup, { rows }] of (input?.rowGroups ?? []).entries()) {
    for (const column of requestsOf(fixture.columns)) {
      const rowStart = rows >> 2;
      if (rowStart === rows) continue;
      const where = `${fixture.file}, row group ${rowGroup}, ${column.as}`;
      await checkColumn(input!, sound, { rowGroup, rowStart, rowEnd: rows, columns: [column] }, where);
    }
  }
}

async function checkGarbled(where: 'pages' | 'footer', seed: number): Promise<typeof tally> {
  Object.assign(tally, { same: 0, refusedByBoth: 0, leftToOther: 0, takenAlone: 0 });
  const random = randomOf(seed);
  for (let i = 0; i < CASES; i++) {
    const fixture = fixtures[i % fixtures.length]!;
    await checkFile(garble(fixture.bytes, random, where), fixture);
  }
  return tally;
}

test('garbled pages are taken as the other decoder takes them, or left to it', async () => {
  const { same, refusedByBoth, takenAlone } = await checkGarbled('pages', 0x9a6e);
  assert.ok(refusedByBoth > 50 && same > 1000, JSON.stringify(tally));
  assert.equal(takenAlone, 0);
});

test('below a garbled footer, what is taken alone is what the pages hold', async () => {
  // The footer's lists of encodings and the like are hints that are not needed: the pages say what they are.
  const { same, refusedByBoth } = await checkGarbled('footer', 0xf007);
  assert.ok(refusedByBoth > 10 && same > 1000, JSON.stringify(tally));
});

test('the same kernel then still reads what is sound', async () => {
  tally.same = 0;
  for (const fixture of fixtures) await checkFile(fixture.bytes, fixture);
  assert.ok(tally.same > 100);
});
