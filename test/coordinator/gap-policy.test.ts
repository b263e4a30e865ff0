/** What a gap in the window does, by policy and mode, through whole runs: outages that are longer than the window included. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { TidemarkError } from '#src/base/errors.js';
import { systemClock } from '#src/base/time.js';
import { runOnce } from '#src/coordinator/run.js';
import { RunMemory } from '#src/coordinator/run-memory.js';
import { encodeManifest } from '#src/manifest/codec.js';
import { readNewest } from '#src/manifest/newest.js';
import type { CoverageRule, OnGap } from '#src/partition/coverage.js';
import { openStore } from '#src/store/open.js';
import { landMinutes } from '../support/cli.js';
import { aManifest, aSegment } from '../support/manifest-fixture.js';
import { packageSettings, testPool } from '../support/package-index.js';

const root = mkdtempSync(join(tmpdir(), 'tidemark-gap-'));
const pool = testPool(1);
after(async () => {
  await pool.close();
  rmSync(root, { recursive: true, force: true });
});

const minute = (iso: number | undefined) => (iso === undefined ? undefined : new Date(iso).getUTCMinutes());

/** A base up to minute 0, a delta of minute 5, then silence until minute 40: longer than the window of ten minutes. */
async function afterOutage(name: string, coverage: CoverageRule) {
  const folder = join(root, name, 'source');
  const plain = packageSettings({ uri: folder }, { uri: join(root, name, 'index') });
  const settings = { ...plain, source: { ...plain.source, coverage } };
  const index = await openStore(settings.index, systemClock);
  const deps = { source: await openStore(settings.source.store, systemClock), index, pool, clock: systemClock };
  const memory = new RunMemory();
  const run = (base = false) => runOnce({ ...deps, memory }, settings, { base, passOver: false });
  landMinutes(folder, 0);
  await run(true);
  landMinutes(folder, 5);
  await run();
  landMinutes(folder, 40, 45);
  const outcome = await run().catch((error: TidemarkError) => error);
  return { outcome, manifest: (await readNewest(index))!, run, folder };
}

const rules: readonly { rule: (onGap: OnGap) => CoverageRule; widen: number[]; publish: number[]; refuses: boolean }[] =
  [
    { rule: (onGap) => ({ mode: 'disjoint', onGap }), widen: [5, 40, 45], publish: [5, 40, 45], refuses: false },
    {
      rule: (onGap) => ({ mode: 'windowed', spanMs: 600_000, onGap }),
      widen: [5, 40, 45],
      publish: [40, 45],
      refuses: true,
    },
    // Each partition holds ten minutes: nothing holds what lies between 5 and 30, whatever is read.
    {
      rule: (onGap) => ({ mode: 'cumulative', spanMs: 600_000, onGap }),
      widen: [5, 40, 45],
      publish: [5, 40, 45],
      refuses: true,
    },
  ];

describe('an outage longer than the window', () => {
  for (const { rule, widen, publish, refuses } of rules) {
    const { mode } = rule('widen');
    for (const onGap of ['widen', 'publish', 'refuse'] as const) {
      it(`${mode}, ${onGap}`, async () => {
        const { outcome, manifest } = await afterOutage(`${mode}-${onGap}`, rule(onGap));
        const read = manifest.coverage.partitions.map(({ time }) => minute(time));
        if (onGap === 'refuse' && refuses) {
          assert(outcome instanceof TidemarkError && outcome.code === 'gate', String(outcome));
          assert.match(outcome.message, /leave a gap/);
          assert.deepEqual(read, [5], 'the generation before stays');
          return;
        }
        assert(!(outcome instanceof Error), String(outcome));
        assert.deepEqual(read, onGap === 'publish' ? publish : widen);
        const isGap = mode === 'cumulative' || (mode === 'windowed' && onGap === 'publish');
        assert.deepEqual([manifest.coverage.gap, manifest.coverage.gaps.length > 0], [isGap, isGap]);
        const skipped = manifest.coverage.skipped.map(({ time, reason }) => [minute(time), reason]);
        assert.deepEqual(skipped, mode === 'windowed' && onGap === 'publish' ? [[5, 'outside-window']] : []);
      });
    }
  }

  it('builds the newest parts first, and commits when all are there', async () => {
    const { folder, run } = await afterOutage('newest-first', { mode: 'disjoint', onGap: 'widen' });
    landMinutes(folder, 10, 15, 20);
    const report = await run();
    assert.deepEqual([report.committed, report.late.length], [true, 0]);
    const parts = await openStore({ uri: join(root, 'newest-first', 'index') }, systemClock);
    const manifest = (await readNewest(parts))!;
    const times = await Promise.all(
      [10, 15, 20].map(async (at) => {
        const { part } = manifest.coverage.partitions.find(({ time }) => minute(time) === at)!;
        return (await parts.stat(`parts/${part}.tms`))!.lastModified;
      }),
    );
    assert(times[0]! >= times[1]! && times[1]! >= times[2]!, 'the newest was written first');
  });
});

it('a manifest of a week of five-minute partitions in tiers, with skipped ones, keeps its bound', () => {
  const partitions = Array.from({ length: 2_016 }, (_, i) => ({
    time: Date.UTC(2026, 4, 4) + i * 300_000,
    part: 'a'.repeat(32),
    state: 'read' as const,
  }));
  const skipped = Array.from({ length: 300 }, (_, i) => ({
    time: Date.UTC(2026, 4, 12) + i * 300_000,
    reason: 'not-ready' as const,
    detail: 'it holds 0 objects of at least 1',
  }));
  const segments = Array.from({ length: 24 }, (_, i) =>
    aSegment({ name: `segments/${String(i).padStart(32, '0')}.tms` }),
  );
  const manifest = aManifest({
    coverage: { ...aManifest().coverage, partitions, skipped, skippedBefore: 1_000 },
    delta: { segments },
    counts: { docs: 240, live: 240, killed: 0, rejected: 0, moved: 0 },
  });
  assert(encodeManifest(manifest).length < 256 * 1024);
});
