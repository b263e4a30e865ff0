/** What all scenarios have in common: names, smoke sizes, flags. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { optionsOf, parseFlags } from '../../bench/harness/command.js';
import { keepFiles } from '../../bench/harness/index-run.js';
import { scenario } from '../../bench/harness/scenario.js';
import { PLAN } from '../../bench/headline/plan.js';
import { listScenarios } from '../../bench/list.js';

const example = scenario({
  name: 'example',
  describe: '',
  defaults: { docs: 10, sizes: [1, 2], names: ['a'], file: '' },
  smoke: { docs: 1 },
  run: async () => ({ tables: [], plots: [], figures: {}, notes: [] }),
});

test('flags are read by the type of their default', () => {
  const { options } = parseFlags(example, ['--docs', '7', '--sizes', '3,4', '--names', 'x,y', '--file', 'f']);
  assert.deepEqual(options, { docs: 7, sizes: [3, 4], names: ['x', 'y'], file: 'f' });
  assert.deepEqual(parseFlags(example, []).options, example.defaults);
  assert.throws(() => parseFlags(example, ['--docs', 'many']), /--docs is 'many'/);
  assert.throws(() => parseFlags(example, ['--dcos', '7']), /dcos/);
});

test('a smoke run is small, but for what is given', () => {
  assert.equal(parseFlags(example, ['--smoke']).options.docs, 1);
  assert.deepEqual(optionsOf(example, true, { docs: 5 }), { ...example.defaults, docs: 5 });
});

test('every scenario is found, and the headline plan names only such, with flags that they know', async () => {
  const listed = await listScenarios();
  for (const name of [
    'build',
    'sweep',
    'open-loop',
    'increments',
    'linearity',
    'shapes',
    'window',
    'deadline',
    'cold',
  ]) {
    assert.ok(listed.has(name), name);
  }
  for (const { scenario: one } of listed.values()) {
    for (const option of Object.keys(one.smoke)) assert.ok(option in one.defaults, `${one.name}: ${option}`);
  }
  for (const { name, flags } of PLAN) assert.ok(parseFlags(listed.get(name)!.scenario, flags));
});

test('files that came later are removed again, but for those spared', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-keep-'));
  try {
    mkdirSync(join(folder, 'sub'));
    writeFileSync(join(folder, 'sub/old'), '');
    const restore = keepFiles(folder);
    for (const name of ['new', 'sub/new', 'sub/spared']) writeFileSync(join(folder, name), '');
    restore((path) => path.endsWith('spared'));
    assert.deepEqual(readdirSync(join(folder, 'sub')).sort(), ['old', 'spared']);
    restore();
    assert.deepEqual(readdirSync(folder, { recursive: true }).sort(), ['sub', join('sub', 'old')]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
