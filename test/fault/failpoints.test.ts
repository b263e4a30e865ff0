/**
 * A crash before and after every call that a run makes to its two stores, the source and the index. From the crash on no call goes through any more, as
 * in a process that was killed: nothing is cleaned up, nothing is told.
 */
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { systemClock } from '#src/base/time.js';
import { openStore } from '#src/store/open.js';
import type { Store } from '#src/store/store.js';
import { type FailureHook, failingStore } from '../support/failing-store.js';
import { liveTerms, openLive } from '../support/live-index.js';
import { packageSettings, runWith, testPool } from '../support/package-index.js';

const SLICE = 'dt=2026-05-04/hour=01/minute=';
const root = mkdtempSync(join(tmpdir(), 'tidemark-fault-'));
const pool = testPool(2);
after(async () => {
  await pool.close();
  rmSync(root, { recursive: true, force: true });
});

/** A source of the first `partitions` partitions of the demo's data. */
function sourceOf(name: string, partitions: number): string {
  const source = join(root, name);
  for (let i = 0; i < partitions; i++) {
    const slot = `${SLICE}${String(i * 5).padStart(2, '0')}`;
    cpSync(join('demo/data/packages', slot), join(source, slot), { recursive: true });
  }
  return source;
}

/** What a reader sees: generation, live documents, and the terms of one field. */
async function answersOf(store: Store): Promise<string> {
  const { manifest, segments } = await openLive(store);
  const terms = [...(await liveTerms(segments, 'name'))].sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([manifest.generation, manifest.watermark, manifest.counts, terms]);
}

/** Every third call, for the time it takes; all of them where TIDEMARK_ALL_FAILPOINTS is set. The simulator crashes at any call besides. */
const STEP = process.env.TIDEMARK_ALL_FAILPOINTS === undefined ? 3 : 1;

describe('a run that is killed', () => {
  const before = sourceOf('before', 1);
  const later = sourceOf('later', 2);
  const open = (uri: string) => openStore({ uri }, systemClock);

  it('leaves the generation before intact at store calls from the first to the last, and the next run completes', async () => {
    const start = join(root, 'start');
    await runWith({ pool, settings: packageSettings({ uri: before }, { uri: start }) });
    const untouched = await answersOf(await open(start));
    const done = join(root, 'done');
    cpSync(start, done, { recursive: true });
    let calls = 0;
    const count = () => {
      calls++;
    };
    await runWith({
      pool,
      settings: packageSettings({ uri: later }, { uri: done }),
      index: failingStore(await open(done), count),
      source: failingStore(await open(later), count),
    });
    const completed = await answersOf(await open(done));
    assert.notEqual(completed, untouched);
    assert(calls > 20, `a run makes more than ${calls} calls`);

    for (let failAt = 0; failAt < calls; failAt += STEP) {
      const index = join(root, 'crashed');
      cpSync(start, index, { recursive: true });
      let seen = 0;
      const crash: FailureHook = (_call, operation, key, side) => {
        if (seen++ >= failAt) throw new Error(`crash ${side} ${operation} of ${key}`);
      };
      const crashing = {
        index: failingStore(await open(index), crash),
        source: failingStore(await open(later), crash),
      };
      const settings = packageSettings({ uri: later }, { uri: index });
      await assert.rejects(runWith({ pool, settings, ...crashing }), /crash/, `failpoint ${failAt}`);
      const left = await answersOf(await open(index));
      assert(
        left === untouched || left === completed,
        `failpoint ${failAt}: a reader sees one generation or the other`,
      );
      if (left === untouched) await runWith({ pool, settings });
      assert.equal(await answersOf(await open(index)), completed, `failpoint ${failAt}: the next run completes`);
      rmSync(index, { recursive: true, force: true });
    }
  });
});
