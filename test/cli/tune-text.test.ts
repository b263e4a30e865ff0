/** What a person reads after a tuning, for every way that it can end. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { buildSection, formatTune, spellSize, type TuneFacts } from '#src/cli/tune-text.js';
import { phaseBounds } from '#src/tune/bound.js';
import type { Candidate } from '#src/tune/candidate.js';
import { type TuneInput, tune } from '#src/tune/tune.js';
import { type SyntheticOptions, SyntheticRig } from '../tune/synthetic-rig.js';

const STANDARD: Candidate = { threads: 2, shardBytes: 'auto', stored: { codec: 'deflate', level: 4 } };
const GROUPS = [{ object: 0, rowGroup: 0, rows: 1_000, bytes: 1_000, textBytes: 1_000 }];

async function textOf(costOf: SyntheticOptions['costOf'], more: Partial<TuneInput> & Partial<TuneFacts> = {}) {
  const rig = new SyntheticRig({ seed: 1, noise: 0.01, costOf });
  const [training, holdOut] = [Date.UTC(2026, 4, 4, 2), Date.UTC(2026, 4, 4, 1)];
  const input = { training, holdOut, objective: 'latency', slack: 0.25, budgetMs: 120_000, ...more } as const;
  const space = { cores: 2, groups: GROUPS };
  const result = await tune({ rig, standard: STANDARD, space, elapsed: rig.elapsed, ...input });
  const bounds = phaseBounds(result.measurements, 2, 2);
  const facts = { ...input, standard: STANDARD, isDefault: true, cores: 2, bounds, svg: 'plot.svg', ...more };
  return formatTune(result, facts);
}

describe('the text of a tuning', () => {
  it('says by how much the choice is better, and on what', async () => {
    const text = await textOf(({ stored }) => ({ latency: stored.level === 1 ? 0.8 : 1 }));
    assert.match(
      text,
      /\n(19|20|21)\.\d % better than the default: latency 0\.\d\d \(0\.\d\d to 0\.\d\d\) of the default \(95 %, 25 pairs\), on the partition of 2026-05-04T01:00:00Z, which the search did not see\. Its segment size 1\.00, its CPU time [01]\.\d\d\. Paste/,
    );
    assert.match(text, /\n\*?> +2 +auto \(4\) +deflate 1 /);
    assert.match(text, /\n\*?= +2 +auto \(4\) +deflate 4 /);
    assert.match(text, /shard bytes: no other value cuts this partition differently/);
    assert.match(text, /5 other values tried, 2 threads, shards auto, deflate 1 is better: 0\.\d\d/);
    assert.match(
      text,
      /\nbuild:\n {2}threads: auto\n {2}shardBytes: auto\n {2}stored: \{ codec: deflate, level: 1 \}\n/,
    );
  });

  it('says plainly that nothing beats the default', async () => {
    const text = await textOf(() => ({}));
    assert.match(text, /\ncannot beat the default: none of the \d+ that could be judged is better beyond the noise\./);
    assert.match(text, /stored: \{ codec: deflate, level: 4 \}/);
    assert.match(await textOf(() => ({}), { isDefault: false }), /\ncannot beat the settings at present: /);
  });

  it('says that the choice did not hold elsewhere', async () => {
    const text = await textOf(({ stored }, partition) => ({
      latency: stored.level === 1 && partition === Date.UTC(2026, 4, 4, 2) ? 0.8 : 1,
    }));
    assert.match(
      text,
      /\ncannot beat the default: 2 threads, shards auto, deflate 1 won the search, but did not hold: latency /,
    );
    assert.match(text, /stored: \{ codec: deflate, level: 4 \}/);
  });

  it('says what the fastest one spoils', async () => {
    const text = await textOf(({ stored }) => (stored.codec === 'none' ? { latency: 0.6, size: 2 } : { latency: 1 }));
    assert.match(text, /none is better beyond the noise: the last one left /);
    assert.match(text, /\n\* +2 +auto \(4\) +none /, 'it stands in the table all the same');
  });

  it('asks for more time where it was too short, and tells of a single partition', async () => {
    const short = await textOf(({ stored }) => ({ latency: stored.level === 1 ? 0.8 : 1 }), { budgetMs: 4_000 });
    assert.match(short, /\nno answer: the time did not suffice; give it more time, for example --budget 1m\./);
    const alone = await textOf(({ stored }) => ({ latency: stored.level === 1 ? 0.8 : 1 }), { holdOut: undefined });
    assert.match(alone, /on the same partition \(there is no other\), by fresh builds/);
  });

  it('spells sizes and threads as the configuration reads them', () => {
    assert.deepEqual([2 ** 16, 8 * 2 ** 20, 1_000].map(spellSize), ['64KiB', '8MiB', '1000B']);
    const section = buildSection({ threads: 3, shardBytes: 2 ** 21, stored: { codec: 'none', level: 0 } }, 2);
    assert.equal(section, 'build:\n  threads: 3\n  shardBytes: 2MiB\n  stored: { codec: none, level: 0 }');
  });
});
