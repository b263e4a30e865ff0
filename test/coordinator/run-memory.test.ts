/** What a daemon keeps between its runs must never keep it from going on, nor stand against what another writer has seen since. */
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { systemClock } from '#src/base/time.js';
import { runOnce } from '#src/coordinator/run.js';
import { RunMemory } from '#src/coordinator/run-memory.js';
import type { IndexSettings } from '#src/coordinator/settings.js';
import { readNewest } from '#src/manifest/newest.js';
import { openStore } from '#src/store/open.js';
import { DEMO_DELTAS, landMinutes, minuteFolder } from '../support/cli.js';
import { packageSettings, testPool } from '../support/package-index.js';

const root = mkdtempSync(join(tmpdir(), 'tidemark-memory-'));
const pool = testPool(1);
after(async () => {
  await pool.close();
  rmSync(root, { recursive: true, force: true });
});

/** Ten minutes are looked at in every run; what is older is swept. */
async function setUp(name: string) {
  const folder = join(root, name, 'source');
  const plain = packageSettings({ uri: folder }, { uri: join(root, name, 'index') });
  const settings: IndexSettings = {
    ...plain,
    source: { ...plain.source, coverage: { mode: 'windowed', spanMs: 10 * 60_000, onGap: 'widen' } },
  };
  const source = await openStore(settings.source.store, systemClock);
  const index = await openStore(settings.index, systemClock);
  const run = (memory: RunMemory) =>
    runOnce({ source, index, pool, clock: systemClock, memory }, settings, { base: false, passOver: false });
  return { folder, index, run };
}

/** An object comes late into a partition: its rows leave the segments of the run before. */
const change = (folder: string, minute: number) =>
  cpSync(join(DEMO_DELTAS, minuteFolder(30), 'part-0000.parquet'), join(folder, minuteFolder(minute), 'late.parquet'));

describe('a run after another one of the same process', () => {
  it('goes on where another writer has put a segment again, with the same bytes', async () => {
    const { folder, index, run } = await setUp('rewritten');
    const memory = new RunMemory();
    landMinutes(folder, 0, 5);
    await run(memory);
    landMinutes(folder, 10);
    await run(memory);
    for (const { name } of (await readNewest(index))!.delta.segments) await index.put(name, await index.read(name));
    change(folder, 5);
    assert.equal((await run(memory)).committed, true);
  });

  it('looks at everything where another process has committed meanwhile', async () => {
    const { folder, index, run } = await setUp('two');
    const [one, other] = [new RunMemory(), new RunMemory()];
    landMinutes(folder, 0, 5, 10, 15);
    await run(one);
    // The other one has listed all of the source by now; then an object comes late into what it only sweeps.
    for (let i = 0; i < 3; i++) await run(other);
    change(folder, 0);
    assert.equal((await run(one)).late.length, 1);
    landMinutes(folder, 20);
    await run(one);
    const whole = (await readNewest(index))!;
    landMinutes(folder, 25);
    await run(other);
    const next = (await readNewest(index))!;
    assert.equal(next.generation, whole.generation + 1);
    assert.deepEqual(next.coverage.partitions[0]!.part, whole.coverage.partitions[0]!.part);
  });
});
