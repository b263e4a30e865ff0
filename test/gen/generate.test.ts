/** `gen`: what it reports is what its files hold, for every format, codec and script. */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { parquetMetadata } from 'hyparquet';
import { GEN_CODECS, GEN_DEFAULTS, GEN_PRESETS, type GenOptions } from '#src/gen/options.js';
import { columnValues } from '../decode/fixtures.js';
import {
  type Generated,
  type GeneratedRow,
  generateInMemory,
  openGenerated,
  readGenerated,
} from '../support/generated.js';
import { referenceTokens } from '../support/reference-tokenizer.js';

/** Small enough to read back row by row, with every ingredient. */
const SMALL: GenOptions = {
  ...GEN_DEFAULTS,
  docs: 1_000,
  firstDocs: 400,
  partitions: 5,
  objects: 2,
  groupRows: 64,
  vocabulary: 3_000,
  groups: 40,
  summary: { mean: 12, spread: 0.7 },
};

async function bytesOf({ report, store }: Generated): Promise<Uint8Array[]> {
  return Promise.all(report.objects.map(({ key }) => store.read(key)));
}

test('the same seed gives the same bytes, another seed others', async () => {
  for (const format of ['parquet', 'arrow'] as const) {
    const first = await generateInMemory({ ...SMALL, format });
    const second = await generateInMemory({ ...SMALL, format });
    const other = await generateInMemory({ ...SMALL, format, seed: 2 });
    assert.deepEqual(await bytesOf(second), await bytesOf(first));
    assert.notDeepEqual(await bytesOf(other), await bytesOf(first));
    assert.deepEqual(second.report, first.report);
  }
});

test('format and codec change the files, not the rows', async () => {
  const expected = (await readGenerated(await generateInMemory({ ...SMALL, format: 'arrow' }))).map(withoutKey);
  for (const codec of GEN_CODECS) {
    const generated = await generateInMemory({ ...SMALL, codec });
    assert.deepEqual((await readGenerated(generated)).map(withoutKey), expected, codec);
    for (const file of await openGenerated(generated)) assert.deepEqual(file.codecs, [codec]);
  }
});

test('partitions, files and row groups have the sizes asked for', async () => {
  const { report, store } = await generateInMemory(SMALL);
  const { startMs, everyMs } = SMALL;
  const times = report.objects.map(({ key }) => (Number(key.split('/')[0]) - startMs) / everyMs);
  assert.deepEqual(times, [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]);
  assert.deepEqual(
    report.objects.map(({ rows }) => rows),
    [200, 200, ...new Array<number>(8).fill(75)],
  );
  const first = await store.read(report.objects[0]!.key);
  const groups = parquetMetadata(first.buffer as ArrayBuffer).row_groups.map(({ num_rows }) => Number(num_rows));
  assert.deepEqual(groups, [64, 64, 64, 8]);
  assert.deepEqual([report.rows, report.partitions], [SMALL.docs, 5]);
  const sizes = await Promise.all(report.objects.map(async ({ key }) => (await store.stat(key))!.size));
  assert.deepEqual(
    report.objects.map(({ bytes }) => bytes),
    sizes,
  );
});

for (const scripts of ['ascii', 'mixed', 'cjk'] as const) {
  test(`bytes, tokens and terms of ${scripts} text are those of the files`, async () => {
    const generated = await generateInMemory({ ...SMALL, scripts, exponent: 0.7 });
    const texts = (await readGenerated(generated)).flatMap(({ name, summary }) => [name ?? '', summary ?? '']);
    const tokens = texts.flatMap(referenceTokens.standard);
    const { report } = generated;
    assert.equal(report.textBytes, Buffer.byteLength(texts.join('')));
    assert.equal(report.tokens, tokens.length);
    assert.equal(report.terms, new Set(tokens).size);
    const isAscii = texts.every((text) => Buffer.byteLength(text) === text.length);
    assert.equal(isAscii, scripts === 'ascii');
  });
}

test('further texts are columns of their own, counted with the others', async () => {
  const options = { ...SMALL, docs: 200, firstDocs: undefined, partitions: 1, objects: 1 };
  const plain = await generateInMemory(options);
  const more = await generateInMemory({ ...options, moreTexts: 3, moreText: { mean: 4, spread: 0 } });
  const columns = (await openGenerated(more))[0]!.columns.map(({ name }) => name);
  assert.deepEqual(columns.slice(-3), ['text_00', 'text_01', 'text_02']);
  const added = await textsOf(more, ['text_00', 'text_01', 'text_02']);
  assert.equal(added.length, 600);
  assert.equal(new Set(added).size, 600, 'each text is another one');
  const all = [...added, ...(await textsOf(more, ['name', 'summary']))];
  assert.equal(more.report.textBytes, Buffer.byteLength(all.join('')));
  assert.equal(more.report.tokens, all.flatMap(referenceTokens.standard).length);
  assert.equal(plain.report.keyBytes, keyBytesOf(await readGenerated(plain)));
});

test('keywords come from as many words as asked for', async () => {
  const options = { ...SMALL, docs: 2_000, firstDocs: undefined, partitions: 1 };
  const distinct = async (changes: Partial<GenOptions>) => {
    const rows = await readGenerated(await generateInMemory({ ...options, ...changes }));
    const words = rows.flatMap(({ keywords }) => keywords ?? []);
    return new Set(words).size / words.length;
  };
  const few = await distinct({ keywordRanks: 100 });
  const many = await distinct({ keywordRanks: 200_000, vocabulary: 201_000, keywordExponent: 0 });
  assert(few < 0.03 && many > 0.95, `${few} and ${many} of all keywords are distinct`);
});

test('long texts are as long as asked for', async () => {
  const options = { ...SMALL, docs: 20, firstDocs: undefined, partitions: 1, objects: 1 };
  const { report } = await generateInMemory({ ...options, summary: { mean: 10_000, spread: 0.2 } });
  assert(report.tokens > 150_000 && report.tokens < 250_000, `${report.tokens} tokens`);
});

describe('the documents', () => {
  let generated: Generated;
  let rows: readonly GeneratedRow[];

  before(async () => {
    generated = await generateInMemory(SMALL);
    rows = await readGenerated(generated);
  });

  test('come once a partition and keep their group', () => {
    const perPartition = new Set(rows.map((row) => `${row.time} ${row.package}`));
    assert.equal(perPartition.size, rows.length);
    const ids = new Set(rows.map((row) => row.package));
    assert.equal(ids.size, generated.report.ids);
    assert.equal(new Set(rows.map((row) => `${row.package} ${row.scope}`)).size, ids.size);
    for (const row of rows) assert(row.package.startsWith(`${row.scope}/`));
  });

  test('are updated and deleted at the rates asked for', () => {
    const seen = new Set<string>();
    const later = { rows: 0, updates: 0, tombstones: 0 };
    for (const time of new Set(rows.map((row) => row.time))) {
      const own = rows.filter((row) => row.time === time);
      if (seen.size > 0) {
        later.rows += own.length;
        later.tombstones += own.filter(({ deleted }) => deleted === '1').length;
        later.updates += own.filter((row) => row.deleted === '0' && seen.has(row.package)).length;
        assert(own.every((row) => row.deleted === '0' || seen.has(row.package)));
      }
      for (const row of own) seen.add(row.package);
    }
    assert.deepEqual(later, { rows: 600, updates: 600 * SMALL.updateRatio, tombstones: 600 * SMALL.tombstoneRatio });
    assert.equal(generated.report.tombstones, later.tombstones);
  });

  test('grow newer from partition to partition', () => {
    for (const row of rows) {
      const age = row.time - Number(row.updated_at) / 1_000;
      assert(age > 0 && age <= SMALL.everyMs, `${row.package} is ${age} ms older than its partition`);
    }
  });

  test('lie in groups of very different sizes', () => {
    const sizes = new Map<string, number>();
    for (const { scope } of rows) sizes.set(scope, (sizes.get(scope) ?? 0) + 1);
    const sorted = [...sizes.values()].sort((a, b) => b - a);
    assert(sizes.size > SMALL.groups / 2 && sorted[0]! > 5 * sorted.at(-1)!);
  });

  test('have nothing but keys once they are deleted', () => {
    for (const row of rows) {
      const values = [row.name, row.summary, row.keywords, row.version, row.downloads];
      assert.equal(new Set(values.map((value) => value === null)).size, 1);
      assert.equal(row.name === null, row.deleted === '1');
    }
  });
});

test('a partition that brings every document again brings each once', async () => {
  const ratios = { updateRatio: 0.75, tombstoneRatio: 0.25 };
  const rows = await readGenerated(
    await generateInMemory({ ...SMALL, docs: 800, firstDocs: 400, partitions: 2, ...ratios }),
  );
  const ids = rows.map((row) => row.package);
  assert.equal(new Set(ids.slice(0, 400)).size, 400);
  assert.equal(new Set(ids.slice(400)).size, 400);
  assert.equal(new Set(ids).size, 400);
  assert.equal(rows.filter(({ deleted }) => deleted === '1').length, 100);
});

test('the bench preset is what every speed figure says it is', async () => {
  const { bench } = GEN_PRESETS;
  // Arrow: the counts are those of the rows, and writing them as Parquet costs a second more.
  const { report } = await generateInMemory({ ...bench, format: 'arrow' });
  assert.equal(report.rows, 200_000);
  assert.equal(report.ids, 200_000);
  assertNear(report.textBytes, 62_900_000, 0.01);
  assertNear(report.tokens, 9_300_000, 0.01);
  assertNear(report.terms, 370_000, 0.02);
  assert.deepEqual([bench.format, bench.codec, bench.groupRows, bench.objects], ['parquet', 'snappy', 20_000, 1]);
});

test('options that cannot work are refused with what would be right', async () => {
  const wrong: readonly [Partial<GenOptions>, RegExp][] = [
    [{ docs: 0 }, /docs is 0/],
    [{ docs: 9, firstDocs: undefined }, /docs is 9/],
    [{ firstDocs: 1_000 }, /firstDocs is 1000/],
    [{ groupRows: 1.5 }, /groupRows is 1.5/],
    [{ updateRatio: 0.9, tombstoneRatio: 0.2 }, /tombstoneRatio is 0.2/],
    [{ updateRatio: -0.1 }, /updateRatio is -0.1/],
    [{ startMs: Number.NaN }, /startMs is NaN/],
    [{ exponent: -1 }, /exponent is -1/],
    [{ name: { mean: 0, spread: 1 } }, /name.mean is 0/],
    [{ moreTexts: 101 }, /moreTexts is 101/],
    [{ keywordRanks: 0 }, /keywordRanks is 0/],
  ];
  for (const [options, message] of wrong) {
    await assert.rejects(generateInMemory({ ...SMALL, ...options }), { code: 'usage', message });
  }
});

/** Values of some text columns over all rows. */
async function textsOf(generated: Generated, names: readonly string[]): Promise<string[]> {
  const texts: string[] = [];
  for (const file of await openGenerated(generated)) {
    for (const [rowGroup, { rows }] of file.rowGroups.entries()) {
      const columns = names.map((name) => ({ name, shape: 'text' }) as const);
      const read = await file.readRows({ rowGroup, rowStart: 0, rowEnd: rows, columns });
      for (const name of names) texts.push(...columnValues(read[name]!).map(String));
    }
  }
  return texts;
}

function keyBytesOf(rows: readonly GeneratedRow[]): number {
  const keys = rows.flatMap((row) => [row.package, row.scope, ...(row.keywords ?? []), row.version ?? '']);
  return Buffer.byteLength(keys.join(''));
}

function withoutKey({ key: _, ...rest }: GeneratedRow) {
  return rest;
}

function assertNear(actual: number, expected: number, tolerance: number): void {
  assert(Math.abs(actual / expected - 1) <= tolerance, `${actual} is not within ${tolerance * 100} % of ${expected}`);
}
