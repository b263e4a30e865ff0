/** Same input, same bytes: whatever the threads, the shards, and who finished first. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { systemClock } from '#src/base/time.js';
import { checkIndex } from '#src/cli/check-index.js';
import type { IndexSettings } from '#src/coordinator/settings.js';
import { DEFAULT_STORED_COMPRESSION, type StoredCompression } from '#src/segment/compress.js';
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
      await pool.run(
        {
          kind: 'compress',
          raw: new Uint8Array(1 << 18),
          ends: [1 << 18],
          codec: 'deflate',
          level: 4,
          cancel: task.cancel,
        },
        0,
      );
    return result;
  };
  return { threads: pool.threads, memory: pool.memory, run } as unknown as Pool;
}

/** Knobs of the build beside the threads. */
type Knobs = Pick<IndexSettings, 'shardBytes' | 'stored'>;

/** SHA-256 of every segment and kill bitmap that the newest generation names, in the manifest's order. */
async function digestsOf(pool: Pool, name: string, knobs: Knobs): Promise<string[]> {
  const index = join(root, name);
  const base = { ...packageSettings({ uri: 'demo/data/packages-base' }, { uri: index }), ...knobs };
  const delta = { ...packageSettings({ uri: 'demo/data/packages' }, { uri: index }), ...knobs };
  await runWith({ pool, settings: base }, { base: true });
  const report = await runWith({ pool, settings: delta });
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
  it('has the same bytes for 1, 2 and 4 threads and any shard size, at every codec and level', async () => {
    const variants: readonly (readonly [threads: number, shardBytes: number | undefined])[] = [
      [1, undefined],
      [2, undefined],
      [4, 50_000],
      [2, 2 ** 30],
    ];
    const levels: readonly StoredCompression[] = [
      DEFAULT_STORED_COMPRESSION,
      { codec: 'none', level: 0 },
      { codec: 'deflate', level: 9 },
    ];
    const seen = levels.map(() => new Set<string>());
    for (const [threads, shardBytes] of variants) {
      const pool = testPool(threads);
      for (const [i, stored] of levels.entries()) {
        const name = `t${threads}-${shardBytes}-${stored.codec}${stored.level}`;
        seen[i]!.add((await digestsOf(pool, name, { shardBytes, stored })).join());
      }
      await pool.close();
    }
    assert.deepEqual(
      seen.map(({ size }) => size),
      levels.map(() => 1),
    );
    assert.equal(new Set(seen.flatMap((digests) => [...digests])).size, levels.length, 'another level, other bytes');
  });

  it('is built anew when codec or level change, and lies beside one of another level', async () => {
    const pool = testPool(2);
    const uri = join(root, 'changing');
    const deltaWith = async (stored: StoredCompression) => {
      const settings = { ...packageSettings({ uri: 'demo/data/packages' }, { uri }), stored };
      const { committed, segments, live, docs } = await runWith({ pool, settings });
      return { committed, live, docs, bytes: segments.at(-1)!.bytes };
    };
    await runWith({ pool, settings: packageSettings({ uri: 'demo/data/packages-base' }, { uri }) }, { base: true });
    const kept = await deltaWith({ codec: 'none', level: 0 });
    const small = await deltaWith({ codec: 'deflate', level: 9 });
    const again = await deltaWith({ codec: 'deflate', level: 9 });
    await pool.close();
    assert.deepEqual([kept.committed, small.committed, again.committed], [true, true, false]);
    assert.deepEqual([small.live, small.docs], [kept.live, kept.docs]);
    assert.ok(small.bytes < kept.bytes);
    const { ok, defects } = await checkIndex(await openStore({ uri }, systemClock), new AbortController().signal);
    assert.deepEqual([ok, defects], [true, []]);
  });

  it('has the same bytes when shards arrive in another order and one is slow', async () => {
    const pool = testPool(2);
    const plain = await digestsOf(pool, 'plain', { shardBytes: 90_000 });
    const disturbed = await digestsOf(unruly(pool), 'unruly', { shardBytes: 90_000 });
    await pool.close();
    assert.deepEqual(disturbed, plain);
  });
});
