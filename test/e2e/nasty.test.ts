/**
 * The unfriendly data through the whole pipeline, from real files to answers, against the slow oracle: partition by partition, in
 * random jumps, in one jump, on a base, with late and rewritten objects, with 1, 2 and 4 threads.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { systemClock } from '#src/base/time.js';
import { createRandom } from '#src/gen/random.js';
import { openStore } from '#src/store/open.js';
import { writeNastyObjects } from '../support/nasty-files.js';
import { afterLate, type NastyObject, nastySet, rowsOf } from '../support/nasty-set.js';
import { actualState, expectedState, nastySettings } from '../support/nasty-state.js';
import { expectedOf } from '../support/oracle.js';
import { runWith, testPool } from '../support/package-index.js';

const root = mkdtempSync(join(tmpdir(), 'tidemark-nasty-'));
const pools = new Map([1, 2, 4].map((threads) => [threads, testPool(threads)]));
after(async () => {
  for (const pool of pools.values()) await pool.close();
  rmSync(root, { recursive: true, force: true });
});

/** Ends of runs: every partition, none but the last, or some. */
function stepsOf(objects: readonly NastyObject[], kind: 'each' | 'one' | number): (number | undefined)[] {
  const times = [...new Set(objects.map(({ partitionTime }) => partitionTime))].sort((a, b) => a - b);
  if (kind === 'one') return [undefined];
  if (kind === 'each') return times;
  const random = createRandom(kind);
  return [...times.filter(() => random.chance(0.3)), undefined];
}

describe('unfriendly data', () => {
  const set = nastySet({ seed: 5 });
  const first = [...new Set(set.initial.map(({ partitionTime }) => partitionTime))].sort((a, b) => a - b);
  const plans = [
    { name: 'partition by partition, 2 threads', steps: 'each', threads: 2 },
    { name: 'in random jumps, 1 thread', steps: 3, threads: 1 },
    { name: 'in other jumps, 4 threads', steps: 8, threads: 4 },
    { name: 'in one jump, 2 threads', steps: 'one', threads: 2 },
  ] as const;
  for (const replace of ['record', 'group'] as const) {
    for (const { name, steps, threads } of plans) {
      it(`replace: ${replace}, ${name}, then late objects`, async () => {
        const source = join(root, `${replace}-${steps}`, 'source');
        const index = join(root, `${replace}-${steps}`, 'index');
        const store = await openStore({ uri: source }, systemClock);
        const pool = pools.get(threads)!;
        const settings = nastySettings(source, index, replace);
        // A few rows a shard, so that every partition is cut.
        const tiny = { ...settings, shardBytes: 512 };
        await writeNastyObjects(store, set.initial);
        for (const until of stepsOf(set.initial, steps)) await runWith({ pool, settings: tiny }, { until });
        assert.deepEqual(await actualState(index), expectedState(expectedOf(rowsOf(set.initial), { replace })));
        await writeNastyObjects(store, set.late);
        await runWith({ pool, settings });
        assert.deepEqual(await actualState(index), expectedState(expectedOf(rowsOf(afterLate(set)), { replace })));
      });
    }

    it(`replace: ${replace}, on a base of the first six partitions`, async () => {
      const source = join(root, `${replace}-base`, 'source');
      const index = join(root, `${replace}-base`, 'index');
      await writeNastyObjects(await openStore({ uri: source }, systemClock), set.initial);
      const settings = nastySettings(source, index, replace);
      await runWith({ pool: pools.get(2)!, settings }, { base: true, until: first[5] });
      for (const until of [first[9], undefined]) await runWith({ pool: pools.get(2)!, settings }, { until });
      assert.deepEqual(await actualState(index), expectedState(expectedOf(rowsOf(set.initial), { replace })));
    });
  }

  it('tells the two rules apart', () => {
    const rows = rowsOf(set.initial);
    const record = expectedOf(rows, { replace: 'record' });
    const group = expectedOf(rows, { replace: 'group' });
    assert.notDeepEqual([...record.live.keys()].sort(), [...group.live.keys()].sort());
  });
});
