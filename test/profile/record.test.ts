/** Recording around work that goes well, fails, or loses a thread. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { TidemarkError } from '#src/base/errors.js';
import { systemClock } from '#src/base/time.js';
import { profileArtifacts } from '#src/profile/artifacts.js';
import { type RecordOptions, record } from '#src/profile/record.js';
import type { TraceFile } from '#src/profile/trace.js';
import { cancelFlag, type Pool } from '#src/shard/pool.js';
import { ObservedStore, storeCalls } from '#src/store/observe.js';
import { openStore } from '#src/store/open.js';
import { describeStoreContract } from '../store/contract.js';
import { testPool } from '../support/package-index.js';

const root = mkdtempSync(join(tmpdir(), 'tidemark-record-'));
after(() => rmSync(root, { recursive: true, force: true }));

const sampling = { intervalUs: 500, heapIntervalBytes: 32 << 10 };

function optionsOf(pool: Pool): RecordOptions {
  return { pool, clock: systemClock, sampling, memory: () => ({ rss: 1, heapUsed: 1, external: 1 }) };
}

const BLOCK = 1 << 16;

/** A task that any thread can do: one block of compression. */
function compress(pool: Pool): Promise<unknown> {
  const raw = new Uint8Array(new SharedArrayBuffer(BLOCK)).fill(7);
  return pool.run({ kind: 'compress', raw, ends: [BLOCK], codec: 'deflate', level: 4, cancel: cancelFlag() }, BLOCK);
}

describe('a recording', () => {
  it('reaches every thread of the pool once, and each task with its times in order', async () => {
    const pool = testPool(4);
    const { recording } = await record(optionsOf(pool), () =>
      Promise.all(Array.from({ length: 20 }, () => compress(pool))),
    );
    await pool.close();
    const numbers = recording.threads.map(({ thread }) => thread);
    assert.equal(numbers[0], 0, 'main first');
    assert.deepEqual(numbers.length, 5);
    assert.equal(new Set(numbers).size, 5);
    assert.equal(recording.tasks.length, 20);
    for (const { askedUs, postedUs, startUs, endUs, answeredUs, thread, failed } of recording.tasks) {
      const times = [recording.startUs, askedUs, postedUs, startUs, endUs, answeredUs, recording.endUs];
      assert.deepEqual(
        times,
        times.toSorted((a, b) => a - b),
        'one clock for all threads',
      );
      assert.ok(numbers.includes(thread) && !failed);
    }
    for (const { cpu } of recording.threads)
      assert.ok(cpu.startTime <= recording.startUs && cpu.endTime >= recording.endUs);
  });

  it('waits for a busy thread, which would else be left out', async () => {
    const pool = testPool(2);
    // Warm, so that the idle thread would be done before the busy one is.
    await record(optionsOf(pool), async () => undefined);
    const raw = new Uint8Array(Uint32Array.from({ length: 8 << 20 }, (_, i) => Math.imul(i, 0x9e3779b1)).buffer);
    const busy = pool.run(
      { kind: 'compress', raw, ends: [raw.length], codec: 'deflate', level: 9, cancel: cancelFlag() },
      raw.length,
    );
    // It has its thread by now.
    await new Promise((next) => setImmediate(next));
    const { recording } = await record(optionsOf(pool), () => busy);
    await pool.close();
    assert.equal(recording.threads.length, 3);
  });

  it('hands on the error of the work, and leaves the pool ready for the next', async () => {
    const pool = testPool(2);
    const gate = new TidemarkError('gate', 'not this one');
    await assert.rejects(
      record(optionsOf(pool), () => Promise.reject(gate)),
      gate,
    );
    const { recording, result } = await record(optionsOf(pool), async () => 'done');
    await pool.close();
    assert.equal(result, 'done');
    assert.equal(recording.threads.length, 3);
    assert.ok(!storeCalls.hasSubscribers, 'nobody listens any more');
  });

  it('goes on where a thread died: its successor is traced, though not sampled', async () => {
    const pool = testPool(1);
    const { recording } = await record(optionsOf(pool), async () => {
      await compress(pool);
      for (const worker of pool.workers) await worker.terminate();
      await compress(pool);
    });
    await pool.close();
    assert.deepEqual(
      recording.threads.map(({ thread }) => thread),
      [0],
    );
    const input = { title: 'died', facts: {}, sampling, recording, overhead: undefined, script: '' };
    const trace = profileArtifacts(input).files.find(({ name }) => name === 'trace.json')!;
    const { traceEvents } = JSON.parse(trace.text) as TraceFile;
    const tracks = traceEvents.filter(({ cat }) => cat === 'task').map(({ tid }) => tid);
    assert.deepEqual(tracks.length, 2);
    assert.ok(tracks.every((track) => track > 1));
  });
});

describe('a store', () => {
  it('is a plain one unless somebody listens', async () => {
    const listener = () => undefined;
    assert.ok(!((await openStore({ uri: root })) instanceof ObservedStore));
    storeCalls.subscribe(listener);
    assert.ok((await openStore({ uri: root })) instanceof ObservedStore);
    storeCalls.unsubscribe(listener);
  });
});

describeStoreContract(
  'file that tells of its calls',
  async () => {
    const folder = mkdtempSync(join(root, 'store-'));
    const store = new ObservedStore(await openStore({ uri: folder }));
    return { store, close: async () => rmSync(folder, { recursive: true }) };
  },
  { raceRounds: 3, listingRuns: 30, largeBytes: 2_000_001 },
);
