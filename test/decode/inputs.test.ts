import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeError, TidemarkError } from '#src/base/errors.js';
import {
  brokenPromise,
  columnValues,
  type Fixture,
  loadFixtures,
  openBytes,
  requestsOf,
  type Value,
} from './fixtures.js';

const fixtures = loadFixtures();

test('there are fixtures of every kind', () => {
  assert.ok(fixtures.filter(({ file }) => file.endsWith('.parquet')).length > 50);
  assert.ok(fixtures.filter(({ file }) => file.includes('.arrow')).length > 20);
});

for (const fixture of fixtures) {
  if (fixture.error === undefined) test(`${fixture.file} reads as its writer says`, () => checkValues(fixture));
  else test(`${fixture.file} is refused`, () => checkRefusal(fixture, fixture.error!));
}

async function checkValues(fixture: Fixture): Promise<void> {
  const input = await openBytes(fixture.bytes, fixture.file);
  assert.deepEqual(
    input.rowGroups.map(({ rows }) => rows),
    fixture.rowGroups,
  );
  const requests = requestsOf(fixture.columns);
  const found = requests.map((): Value[] => []);
  for (const [rowGroup, { rows }] of input.rowGroups.entries()) {
    const columns = await input.readRows({ rowGroup, rowStart: 0, rowEnd: rows, columns: requests });
    for (const [i, request] of requests.entries()) {
      const column = columns[request.as!];
      assert.ok(column !== undefined, `column ${request.as} is missing`);
      assert.equal(brokenPromise(column), undefined, request.as);
      found[i]!.push(...columnValues(column));
    }
  }
  for (const [i, request] of requests.entries()) {
    assert.deepEqual(found[i], fixture.columns[i]!.values, `${fixture.file}: ${request.as}`);
  }
}

async function checkRefusal(fixture: Fixture, message: string): Promise<void> {
  const reading = async () => {
    const input = await openBytes(fixture.bytes, fixture.file);
    for (const [rowGroup, { rows }] of input.rowGroups.entries()) {
      await input.readRows({ rowGroup, rowStart: 0, rowEnd: rows, columns: requestsOf(fixture.columns) });
    }
  };
  await assert.rejects(reading, (error) => {
    assert.ok(error instanceof TidemarkError, String(error));
    assert.equal(error.code, 'bad-data');
    assert.match(error.message, new RegExp(message));
    assert.equal(error.where.object, fixture.file);
    assert.ok(error.fix !== undefined && error.fix !== '', describeError(error));
    return true;
  });
}
