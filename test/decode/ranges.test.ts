import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { InputFile } from '#src/decode/input.js';
import { brokenPromise, columnValues, loadFixtures, openBytes, requestsOf, type Value } from './fixtures.js';

const SEED = 20260504;
const RUNS = 8;

interface Slice {
  readonly rowGroup: number;
  readonly rowStart: number;
  readonly rowEnd: number;
}

for (const fixture of loadFixtures().filter(({ error, rowGroups }) => error === undefined && rowGroups.length > 0)) {
  test(`any rows of ${fixture.file} equal the same rows of the whole`, async () => {
    const input = await openBytes(fixture.bytes, fixture.file);
    const requests = requestsOf(fixture.columns);
    await fc.assert(
      fc.asyncProperty(sliceOf(input), fc.subarray([...requests.keys()], { minLength: 1 }), async (slice, picked) => {
        const before = fixture.rowGroups.slice(0, slice.rowGroup).reduce((sum, rows) => sum + rows, 0);
        const columns = await input.readRows({ ...slice, columns: picked.map((i) => requests[i]!) });
        for (const i of picked) {
          const column = columns[requests[i]!.as!]!;
          assert.equal(brokenPromise(column), undefined);
          const expected: readonly Value[] = fixture.columns[i]!.values.slice(
            before + slice.rowStart,
            before + slice.rowEnd,
          );
          assert.deepEqual(columnValues(column), expected);
        }
      }),
      { seed: SEED, numRuns: RUNS },
    );
  });
}

function sliceOf(input: InputFile): fc.Arbitrary<Slice> {
  return fc.nat({ max: input.rowGroups.length - 1 }).chain((rowGroup) =>
    fc
      .tuple(fc.nat({ max: input.rowGroups[rowGroup]!.rows }), fc.nat({ max: input.rowGroups[rowGroup]!.rows }))
      .map(([a, b]) => ({
        rowGroup,
        rowStart: Math.min(a, b),
        rowEnd: Math.max(a, b),
      })),
  );
}
