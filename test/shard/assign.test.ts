/** How rows are cut into shards: every row once, in order, by bytes of text. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { assignShards, defaultShardBytes, type RowGroupSize } from '#src/shard/assign.js';

const arbitraryGroups = fc
  .array(fc.record({ rows: fc.nat(5_000), rowBytes: fc.integer({ min: 1, max: 2_000 }) }), { maxLength: 12 })
  .map((groups) =>
    groups.map(
      ({ rows, rowBytes }, rowGroup): RowGroupSize => ({
        object: rowGroup >> 2,
        rowGroup: rowGroup & 3,
        rows,
        bytes: Math.ceil((rows * rowBytes) / 3),
        textBytes: rows * rowBytes,
      }),
    ),
  );

describe('shards', () => {
  it('hold every row once and in order, and less than half as much again as asked unless one row is larger', () => {
    fc.assert(
      fc.property(arbitraryGroups, fc.integer({ min: 100, max: 2_000_000 }), (groups, shardBytes) => {
        const shards = assignShards(groups, { threads: 2, shardBytes });
        const seen = shards.flatMap(({ slices }) => slices);
        const expected = groups.filter(({ rows }) => rows > 0);
        const joined: { object: number; rowGroup: number; rowEnd: number }[] = [];
        for (const { object, rowGroup, rowStart, rowEnd } of seen) {
          assert.ok(rowEnd > rowStart);
          const last = joined.at(-1);
          if (last?.object === object && last.rowGroup === rowGroup) {
            assert.equal(rowStart, last.rowEnd);
            last.rowEnd = rowEnd;
          } else {
            assert.equal(rowStart, 0);
            joined.push({ object, rowGroup, rowEnd });
          }
        }
        assert.deepEqual(
          joined,
          expected.map(({ object, rowGroup, rows }) => ({ object, rowGroup, rowEnd: rows })),
        );
        for (const { slices } of shards) {
          const bytesOf = ({ object, rowGroup, rowStart, rowEnd }: (typeof slices)[number]) => {
            const group = groups.find((each) => each.object === object && each.rowGroup === rowGroup)!;
            return { bytes: (group.textBytes * (rowEnd - rowStart)) / group.rows, row: group.textBytes / group.rows };
          };
          const text = slices.reduce((sum, slice) => sum + bytesOf(slice).bytes, 0);
          const largestRow = Math.max(...slices.map((slice) => bytesOf(slice).row));
          assert.ok(text <= shardBytes * 1.45 + largestRow, `${text} of ${shardBytes}`);
        }
      }),
      { seed: 7, numRuns: 300 },
    );
  });

  it('follow the bytes of text, not the number of rows', () => {
    const group = (rows: number, textBytes: number) => ({ object: 0, rowGroup: 0, rows, bytes: 1, textBytes });
    const count = (rows: number, textBytes: number) =>
      assignShards([group(rows, textBytes)], { threads: 2, shardBytes: 1_000_000 }).length;
    assert.equal(count(100_000, 10_000_000), 10);
    assert.equal(count(1_000, 10_000_000), 10);
    assert.equal(count(1_000, 1_100_000), 1);
  });

  it('are as many for each thread where nothing is said, within bounds', () => {
    assert.equal(defaultShardBytes(20_000_000, 2), 10_000_000);
    assert.equal(defaultShardBytes(30_000_000, 1), 15_000_000);
    assert.equal(defaultShardBytes(1_000, 2), 512 * 1024);
    const groups = Array.from({ length: 10 }, (_, rowGroup) => ({
      object: 0,
      rowGroup,
      rows: 20_000,
      bytes: 5_500_000,
      textBytes: 6_900_000,
    }));
    const rows = assignShards(groups, { threads: 2 }).map(({ slices }) =>
      slices.reduce((sum, { rowStart, rowEnd }) => sum + rowEnd - rowStart, 0),
    );
    assert.equal(rows.length % 2, 0);
    assert.ok(Math.max(...rows) <= Math.min(...rows) * 1.2, rows.join());
  });
});
