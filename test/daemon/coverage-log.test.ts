/** Odd partitions under a running daemon: told once, in words, and no reason to stop. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { systemClock } from '#src/base/time.js';
import type { RunReport } from '#src/coordinator/report.js';
import { runDaemon } from '#src/daemon/loop.js';
import { encodeManifest } from '#src/manifest/codec.js';
import { readNewest } from '#src/manifest/newest.js';
import { formatPartition } from '#src/partition/key.js';
import { openStore } from '#src/store/open.js';
import { landMinutes } from '../support/cli.js';
import { FakeClock } from '../support/fake-clock.js';
import { packageSettings, testPool } from '../support/package-index.js';

const root = mkdtempSync(join(tmpdir(), 'tidemark-words-'));
const pool = testPool(1);
after(async () => {
  await pool.close();
  rmSync(root, { recursive: true, force: true });
});

test('a thousand empty partitions and one of the far future are told in words, once each', async () => {
  const folder = join(root, 'source');
  const settings = packageSettings({ uri: folder }, { uri: join(root, 'index') });
  const empty = (time: number) => {
    const path = join(folder, formatPartition(settings.source.partition, time));
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, 'part-0000.parquet'), '');
  };
  for (let i = 1; i <= 1_000; i++) empty(Date.UTC(2026, 4, 4, 0, 60 - i));
  mkdirSync(join(folder, 'dt=2999-01-01/hour=00/minute=00'), { recursive: true });
  writeFileSync(join(folder, 'dt=2999-01-01/hour=00/minute=00/part-0000.parquet'), 'x');
  landMinutes(folder, 0, 5);
  const source = await openStore(settings.source.store, systemClock);
  const index = await openStore(settings.index, systemClock);
  const lines: string[] = [];
  const reports: RunReport[] = [];
  const note = (level: string) => (_: object, message: string) => void lines.push(`${level} ${message}`);
  const clock = new FakeClock(Date.UTC(2026, 4, 5));
  const summary = await runDaemon([{ name: 'packages', deps: { source, index, pool, clock }, settings }], {
    everyMs: 1_000,
    deadlineMs: 60_000,
    maxTicks: 3,
    clock,
    log: { info: note('info'), warn: note('warn'), error: note('error') },
    signal: new AbortController().signal,
    onRun: (_, report) => reports.push(report),
  });
  assert.deepEqual([summary.failedRuns, reports[0]!.committed, reports[2]!.committed], [0, true, false]);
  const future = lines.filter((line) => /^warn .*future/.test(line));
  assert.deepEqual(future, ['warn dt=2999-01-01/hour=00/minute=00/ lies too far in the future and is left alone']);
  const waiting = lines.filter((line) => /^info \d+ partitions? (is|are) not ready/.test(line));
  assert.match(waiting[0]!, /^info 1000 partitions are not ready; the newest: .*it holds 0 objects of at least 1/);
  assert.equal(waiting.filter((line) => line.includes('1000')).length, 1);
  const manifest = (await readNewest(index))!;
  assert.deepEqual([manifest.coverage.skipped.length, manifest.coverage.skippedBefore], [300, 700]);
  assert.equal(manifest.coverage.gap, false, 'an empty partition loses nothing');
  assert(encodeManifest(manifest).length < 64 * 1024);
});
