/**
 * One source, indexed partition by partition in both layouts by processes that remember, and at once by one that does not: the same
 * answers, hit for hit, and kills that a resolution from the rows agrees with.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { systemClock } from '#src/base/time.js';
import { checkIndex } from '#src/cli/check-index.js';
import { mergeAhead } from '#src/coordinator/merge-tiers.js';
import { runOnce } from '#src/coordinator/run.js';
import { RunMemory } from '#src/coordinator/run-memory.js';
import type { IndexSettings } from '#src/coordinator/settings.js';
import { analyze } from '#src/kernel/analyze.js';
import { readNewest } from '#src/manifest/newest.js';
import { openIndex } from '#src/search/index-reader.js';
import { openStore } from '#src/store/open.js';
import { writeNastyObjects } from '../support/nasty-files.js';
import { nastySet } from '../support/nasty-set.js';
import { nastySettings } from '../support/nasty-state.js';
import { testPool } from '../support/package-index.js';

const root = mkdtempSync(join(tmpdir(), 'tidemark-layouts-'));
const pool = testPool(1);
const signal = new AbortController().signal;
after(async () => {
  await pool.close();
  rmSync(root, { recursive: true, force: true });
});

const QUERIES = [
  'node',
  'summary:1',
  'keywords:cli',
  'naïve OR 日本語',
  'downloads:[0 TO 500]',
  'node -keywords:CLI',
  'nam*',
];

type Layout = 'window' | 'tiered';

function settingsOf(source: string, name: string, replace: 'record' | 'group', layout: Layout): IndexSettings {
  return { ...nastySettings(source, join(root, name), replace), delta: { layout, mergeBudgetMs: 1_000 } };
}

/** An index that a process keeps up to date, and what its readers are told. */
async function anIndex(source: string, name: string, replace: 'record' | 'group', layout: Layout, remembers = true) {
  const settings = settingsOf(source, name, replace, layout);
  const memory = new RunMemory();
  const index = await openStore(settings.index, systemClock);
  const deps = { source: await openStore(settings.source.store, systemClock), index, pool, clock: systemClock };
  const run = async () => {
    const options = { base: false, passOver: false };
    const report = await runOnce(remembers ? { ...deps, memory } : deps, settings, options);
    if (layout === 'tiered') while (await mergeAhead(memory, 60_000, signal));
    return report;
  };
  const answers = async () => {
    const reader = await openIndex(index, { analyze });
    const told = [];
    for (const query of QUERIES) told.push(await reader.search(query, { k: 30 }));
    return told.map(({ total, hits }) => ({ total, hits: hits.map(({ id, score }) => [id, score]) }));
  };
  return { run, answers, index };
}

for (const replace of ['record', 'group'] as const) {
  test(`window and tiered answer alike through arrivals, late objects and losses: ${replace}`, async () => {
    const source = join(root, `source-${replace}`);
    const store = await openStore({ uri: source }, systemClock);
    const { initial, late } = nastySet({ seed: 11, partitions: 12 });
    const times = [...new Set(initial.map(({ partitionTime }) => partitionTime))].sort((a, b) => a - b);
    const at = (time: number) => initial.filter(({ partitionTime }) => partitionTime === time);
    // One partition comes in between the others, when they are all there.
    const between = times[5]!;
    const steps: (() => Promise<void>)[] = [
      ...times.filter((time) => time !== between).map((time) => () => writeNastyObjects(store, at(time))),
      () => writeNastyObjects(store, at(between)),
      () => writeNastyObjects(store, late),
      async () => {
        for (const { key } of at(times[3]!)) await store.delete(key);
        for (const { key } of late) if (at(times[3]!).length === 0) await store.delete(key);
      },
    ];
    const [window, tiered] = [
      await anIndex(source, `window-${replace}`, replace, 'window'),
      await anIndex(source, `tiered-${replace}`, replace, 'tiered'),
    ];
    const sizes: number[] = [];
    for (const [i, step] of steps.entries()) {
      await step();
      const [a, b] = [await window.run(), await tiered.run()];
      assert.deepEqual(
        [b.docs, b.live, b.killed, b.moved, b.rejected, b.watermark],
        [a.docs, a.live, a.killed, a.moved, a.rejected, a.watermark],
      );
      sizes.push(b.segments.length);
      if (i % 5 !== 0 && i < times.length - 1) continue;
      assert.deepEqual(await tiered.answers(), await window.answers());
      for (const { index } of [window, tiered]) assert.deepEqual((await checkIndex(index, signal)).defects, []);
    }
    assert(Math.max(...sizes) > 3 && Math.max(...sizes) < 9, `segments ${sizes}`);
    const once = await anIndex(source, `once-${replace}`, replace, 'window', false);
    const [whole, last] = [await once.run(), (await readNewest(window.index))!];
    assert.deepEqual([whole.docs, whole.live, whole.moved], [last.counts.docs, last.counts.live, last.counts.moved]);
    assert.deepEqual(await once.answers(), await tiered.answers());
  });
}
