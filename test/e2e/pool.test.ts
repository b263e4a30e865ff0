/** The pool: buffers are moved or shared, never copied; a dead thread fails its run and not the next. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { TidemarkError } from '#src/base/errors.js';
import { ByteCredits } from '#src/shard/credits.js';
import { cancelFlag, raiseCancel } from '#src/shard/pool.js';
import { packageSettings, runWith, testPool } from '../support/package-index.js';

const root = mkdtempSync(join(tmpdir(), 'tidemark-pool-'));
after(() => rmSync(root, { recursive: true, force: true }));

describe('the pool', () => {
  it('fails the run in which a thread dies, and does the next one', async () => {
    const pool = testPool(2);
    const settings = packageSettings({ uri: 'demo/data/packages-base' }, { uri: join(root, 'death') });
    // Warm threads, so that the blow lands on one at work.
    await runWith({ pool, settings }, { until: 0 });
    const run = runWith({ pool, settings });
    const failed = assert.rejects(run, (error) => error instanceof TidemarkError && error.code === 'worker');
    while (pool.bytesInFlight === 0) await new Promise((next) => setImmediate(next));
    for (const worker of pool.workers) await worker.terminate();
    await failed;
    const report = await runWith({ pool, settings });
    assert.equal(report.live, 22_602);
    assert.equal(pool.bytesInFlight, 0);
    await pool.close();
  });

  it('stops at the cancel flag', async () => {
    const pool = testPool(1);
    const cancel = cancelFlag();
    raiseCancel(cancel);
    const task = { kind: 'compress', raw: new Uint8Array(10), ends: [10], codec: 'deflate', level: 4, cancel } as const;
    await assert.rejects(pool.run(task, 10), (error) => error instanceof TidemarkError && error.code === 'cancelled');
    await pool.close();
  });

  it('moves results instead of copying them', async () => {
    const pool = testPool(1);
    const raw = new Uint8Array(new SharedArrayBuffer(1 << 16));
    const { bytes, lengths } = await pool.run(
      { kind: 'compress', raw, ends: [1 << 16], codec: 'deflate', level: 4, cancel: cancelFlag() },
      1 << 16,
    );
    assert.equal(bytes.length, lengths[0]);
    assert.equal(bytes.buffer.byteLength, bytes.length, 'the buffer holds the result and nothing else');
    await pool.close();
  });
});

describe('byte credits', () => {
  it('let in what fits, in turn, and an oversized one alone', async () => {
    const credits = new ByteCredits(100);
    const order: string[] = [];
    const take = async (name: string, bytes: number) => {
      await credits.take(bytes);
      order.push(name);
    };
    await take('a', 60);
    const huge = take('huge', 1_000);
    const small = take('small', 10);
    await new Promise((next) => setImmediate(next));
    assert.deepEqual(order, ['a'], 'nobody overtakes the one that waits');
    credits.give(60);
    await huge;
    assert.equal(credits.inFlight, 100);
    credits.give(1_000);
    await small;
    credits.give(10);
    assert.deepEqual(order, ['a', 'huge', 'small']);
    assert.equal(credits.inFlight, 0);
  });
});
