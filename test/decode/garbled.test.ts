import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TidemarkError } from '#src/base/errors.js';
import type { ColumnRequest } from '#src/decode/columns.js';
import { brokenPromise, type Fixture, loadFixtures, openBytes, requestsOf } from './fixtures.js';

const SEED = 0x7de;
const CASES = 500;

/** A small linear congruential generator: the same cases on every machine. */
function generator(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

/** One to four flipped bits, a run of zeroes, or a cut; the magic bytes at both ends are spared half of the time. */
function garble(bytes: Uint8Array, random: (limit: number) => number): Uint8Array {
  const spared = random(2) === 0 ? Math.min(8, bytes.length >> 2) : 0;
  const place = () => spared + random(Math.max(1, bytes.length - 2 * spared));
  const kind = random(10);
  if (kind === 0) return bytes.slice(0, place());
  const out = bytes.slice();
  if (kind === 1) {
    const at = place();
    out.fill(0, at, Math.min(at + 1 + random(64), bytes.length - spared));
  } else for (let i = random(4); i >= 0; i--) out[place()]! ^= 1 << random(8);
  return out;
}

/** Reads everything that the fixture expects; damaged schemas may refuse or lack any of it. */
async function readAll(bytes: Uint8Array, fixture: Fixture): Promise<'decoded' | 'refused'> {
  let outcome: 'decoded' | 'refused' = 'decoded';
  const attempt = async <T>(read: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await read();
    } catch (error) {
      assert.ok(error instanceof TidemarkError, `${fixture.file}: ${error instanceof Error ? error.stack : error}`);
      assert.equal(error.code, 'bad-data', `${fixture.file}: ${error.message}`);
      assert.equal(error.where.object, fixture.file, error.message);
      outcome = 'refused';
      return undefined;
    }
  };
  const input = await attempt(() => openBytes(bytes, fixture.file));
  for (const [rowGroup, { rows }] of (input?.rowGroups ?? []).entries()) {
    const read = async (columns: readonly ColumnRequest[], rowStart: number) => {
      const found = await attempt(() => input!.readRows({ rowGroup, rowStart, rowEnd: rows, columns }));
      for (const column of Object.values(found ?? {})) {
        if (column === undefined) continue;
        assert.equal(column.rows, rows - rowStart);
        assert.equal(brokenPromise(column), undefined, fixture.file);
      }
    };
    const requests = requestsOf(fixture.columns);
    await read(requests, 0);
    await read(requests.slice(0, 1), Math.min(1, rows));
  }
  return outcome;
}

test('garbled files are refused or decode to sound columns, and harm nothing that is read after them', async () => {
  const fixtures = loadFixtures().filter(({ error }) => error === undefined);
  const random = generator(SEED);
  const outcomes = { decoded: 0, refused: 0 };
  for (let i = 0; i < CASES; i++) {
    const fixture = fixtures[i % fixtures.length]!;
    outcomes[await readAll(garble(fixture.bytes, random), fixture)]++;
  }
  assert.equal(outcomes.decoded + outcomes.refused, CASES);
  assert.ok(outcomes.refused > CASES / 10 && outcomes.decoded > CASES / 10, JSON.stringify(outcomes));
  for (const fixture of fixtures) assert.equal(await readAll(fixture.bytes, fixture), 'decoded', fixture.file);
});
