/** Input that cannot be indexed: exit code 3, a sentence that names the object, and the index as it was. */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { buildFlags, DEMO_DELTAS, landMinutes, minuteFolder, tidemark, tidemarkJson } from '../support/cli.js';

const root = mkdtempSync(join(tmpdir(), 'tidemark-bad-'));
after(() => rmSync(root, { recursive: true, force: true }));

const source = join(root, 'source');
const index = join(root, 'index');
const badFolder = join(source, minuteFolder(5));
const badFile = join(badFolder, 'part-0000.parquet');
const good = readFileSync(join(DEMO_DELTAS, minuteFolder(0), 'part-0000.parquet'));

/** The same file with a stretch of its data pages overwritten. */
function garbled(): Buffer {
  const bytes = Buffer.from(good);
  for (let at = 100; at < 4_000; at++) bytes[at] = (at * 151) & 0xff;
  return bytes;
}

function land(bytes: Uint8Array | string): void {
  rmSync(badFolder, { recursive: true, force: true });
  mkdirSync(badFolder, { recursive: true });
  writeFileSync(badFile, bytes);
}

const reactCount = async () =>
  (await tidemarkJson<{ total: number }>('search', '--index', index, 'react', '--count')).total;

describe('a partition that cannot be indexed', () => {
  let countBefore: number;

  before(async () => {
    landMinutes(source, 0);
    await tidemarkJson(...buildFlags(source, index), '--base');
    countBefore = await reactCount();
    assert.ok(countBefore > 50);
  });

  const cases: readonly (readonly [name: string, bytes: Uint8Array | string])[] = [
    ['a text file named .parquet', 'package,summary\nreact,a library\n'],
    ['a truncated file', good.subarray(0, 20_000)],
    ['a garbled file', garbled()],
    ['nothing but the magic', 'PAR1'],
  ];
  for (const [name, bytes] of cases) {
    it(`refuses ${name} and leaves the index unharmed`, async () => {
      land(bytes);
      const { code, stdout, stderr } = await tidemark(...buildFlags(source, index));
      assert.equal(code, 3, stderr);
      assert.equal(stdout, '');
      assert.match(stderr, /^error: .+minute=05\/part-0000\.parquet/);
      assert.equal(stderr.trimEnd().split('\n').length, 1, 'a sentence, no stack trace');
      assert.equal(await reactCount(), countBefore);
    });
  }

  it('names the column that is missing, and those that are there', async () => {
    rmSync(badFolder, { recursive: true, force: true });
    landMinutes(source, 5);
    const flags = buildFlags(source, join(root, 'other')).map((flag) =>
      flag === 'name,summary' ? 'name,blurb' : flag,
    );
    const { code, stderr } = await tidemark(...flags);
    assert.equal(code, 3);
    assert.match(stderr, /'blurb'.+summary \(string\)/);
  });

  it('takes an empty object for none: the partition is skipped with the reason', async () => {
    land('');
    const report = await tidemarkJson<{ generation: number; skipped: { reason: string; detail: string }[] }>(
      ...buildFlags(source, index),
    );
    assert.equal(report.generation, 1);
    assert.deepEqual(
      report.skipped.map(({ reason }) => reason),
      ['not-ready'],
    );
    assert.match(report.skipped[0]!.detail, /0 objects/);
  });

  it('goes on without it where it is told to pass over, and quarantines it', async () => {
    land('no Parquet');
    landMinutes(source, 10);
    const copy = join(root, 'copy');
    cpSync(index, copy, { recursive: true });
    const report = await tidemarkJson<{ watermark: string; skipped: { time: string; reason: string }[] }>(
      ...buildFlags(source, copy),
      '--pass-over',
    );
    assert.equal(report.watermark, '2026-05-04T01:10:00.000Z');
    assert.deepEqual(
      report.skipped.map(({ time, reason }) => [time, reason]),
      [['2026-05-04T01:05:00.000Z', 'quarantined']],
    );
    const check = await tidemark('check', '--index', copy);
    assert.equal(check.code, 0, check.stdout);
  });
});
