/**
 * The whole package data: base, 24 partitions one by one, and in one jump. The expected numbers were computed apart from this
 * code, with Lucene 10.6's StandardAnalyzer without stop words.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, describe, it } from 'node:test';
import { systemClock } from '#src/base/time.js';
import { openStore } from '#src/store/open.js';
import { liveSum, liveTerms, openLive } from '../support/live-index.js';
import { packageSettings, runWith, testPool } from '../support/package-index.js';

const data = resolve(process.env.TIDEMARK_SHARED ?? '../shared', 'data');
const skip = existsSync(join(data, 'packages-base')) ? false : `there is no ${data}`;

const DOC_FREQS: readonly (readonly [field: string, term: string, docFreq: number])[] = [
  ['name', 'react', 11_186],
  ['summary', 'react', 12_757],
  ['summary', 'server', 3_029],
  ['summary', 'node.js', 4_892],
  ['summary', "don't", 94],
  ['summary', 'typescript', 5_784],
  ['summary', 'a', 36_550],
  ['summary', '2.0', 265],
  ['summary', '日', 28],
  ['summary', '🚀', 65],
  ['name', 'types', 1_092],
  ['keywords', 'react', 11_186],
  ['keywords', 'cli', 2_132],
  ['keywords', 'babel', 1_036],
];

async function assertFinalState(index: string): Promise<void> {
  const store = await openStore({ uri: index }, systemClock);
  const { manifest, segments } = await openLive(store);
  assert.equal(manifest.counts.live, 152_166);
  const name = await liveTerms(segments, 'name');
  const summary = await liveTerms(segments, 'summary');
  const keywords = await liveTerms(segments, 'keywords');
  const fields: Readonly<Record<string, typeof name>> = { name, summary, keywords };
  for (const [field, term, docFreq] of DOC_FREQS) {
    assert.equal(fields[field]!.get(term)?.docFreq, docFreq, `${field}:${term}`);
  }
  assert.equal(name.size + summary.size, 101_293);
  let tokens = 0;
  for (const terms of [name, summary]) for (const { totalTermFreq } of terms.values()) tokens += totalTermFreq;
  assert.equal(tokens, 1_700_385);
  assert.equal(await liveSum(segments, 'downloads'), 377_939_705_366n);
}

describe('the package data', { skip }, () => {
  const root = mkdtempSync(join(tmpdir(), 'tidemark-acceptance-'));
  const pool = testPool(2);
  after(async () => {
    await pool.close();
    rmSync(root, { recursive: true, force: true });
  });
  const build = async (index: string, steps: readonly (number | undefined)[]) => {
    const base = packageSettings({ uri: join(data, 'packages-base') }, { uri: index });
    await runWith({ pool, settings: base }, { base: true });
    const settings = packageSettings({ uri: join(data, 'packages') }, { uri: index });
    for (const until of steps) await runWith({ pool, settings }, { until });
  };

  it('ends in the known state in one jump', async () => {
    await build(join(root, 'jump'), [undefined]);
    await assertFinalState(join(root, 'jump'));
  });

  it('ends in the same state partition by partition', async () => {
    const first = Date.parse('2026-05-04T01:00:00Z');
    const steps = Array.from({ length: 24 }, (_, i) => first + i * 5 * 60_000);
    await build(join(root, 'steps'), steps);
    await assertFinalState(join(root, 'steps'));
  });
});
