/** Same input, same bytes: whatever the threads, the shards, and who finished first. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { systemClock } from '#src/base/time.js';
import type { Pool } from '#src/shard/pool.js';
import type { TaskResults, WorkerTask } from '#src/shard/task.js';
import { openStore } from '#src/store/open.js';
import { packageSettings, runWith, testPool } from '../support/package-index.js';

const root = mkdtempSync(join(tmpdir(), 'tidemark-bytes-'));
after(() => rmSync(root, { recursive: true, force: true }));

/** A pool whose tasks start in a shuffled order, and of which every third is held back until others have overtaken it. */
function unruly(pool: Pool): Pool {
  let count = 0;
  const run = async <T extends WorkerTask>(task: T, bytes: number): Promise<TaskResults[T['kind']]> => {
    const turn = count++;
    for (let yields = (turn * 7) % 5; yields > 0; yields--) await new Promise((next) => setImmediate(next));
    const result = await pool.run(task, bytes);
    if (turn % 3 === 0)
      await pool.run({ kind: 'compress', raw: new Uint8Array(1 << 18), ends: [1 << 18], cancel: task.cancel }, 0);
    return result;
  };
  return { threads: pool.threads, run } as unknown as Pool;
}

/** SHA-256 of every segment and kill bitmap that the newest generation names, in the manifest's order. */
async function digestsOf(pool: Pool, name: string, shardRows: number | undefined): Promise<string[]> {
  const index = join(root, name);
  const base = packageSettings({ uri: 'demo/data/packages-base' }, { uri: index });
  const delta = packageSettings({ uri: 'demo/data/packages' }, { uri: index });
  await runWith({ pool, settings: base }, { base: true, shardRows });
  const report = await runWith({ pool, settings: delta }, { shardRows });
  const store = await openStore({ uri: index }, systemClock);
  const digests: string[] = [];
  for (const { name: key } of report.segments) {
    digests.push(
      createHash('sha256')
        .update(await store.read(key))
        .digest('hex'),
    );
  }
  const kills = await store.list({ prefix: 'kills/' });
  return [...digests, ...kills.objects.map(({ key }) => key)];
}

describe('a segment', () => {
  it('has the same bytes for 1, 2 and 4 threads and any shard size', async () => {
    const variants: readonly (readonly [threads: number, shardRows: number | undefined])[] = [
      [1, undefined],
      [2, undefined],
      [4, 501],
      [2, 1_000_000],
    ];
    const seen = new Set<string>();
    for (const [threads, shardRows] of variants) {
      const pool = testPool(threads);
      seen.add((await digestsOf(pool, `t${threads}-${shardRows}`, shardRows)).join());
      await pool.close();
    }
    assert.equal(seen.size, 1);
  });

  it('has the same bytes when shards arrive in another order and one is slow', async () => {
    const pool = testPool(2);
    const plain = await digestsOf(pool, 'plain', 900);
    const disturbed = await digestsOf(unruly(pool), 'unruly', 900);
    await pool.close();
    assert.deepEqual(disturbed, plain);
  });
});
