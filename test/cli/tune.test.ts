/** `tidemark tune` end to end, on the demo's partitions and a tiny budget: no figure is asserted, only what must hold of any. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { parseConfig } from '#src/config/config.js';
import { DEMO_DELTAS, landMinutes, tidemark } from '../support/cli.js';

const root = mkdtempSync(join(tmpdir(), 'tidemark-tune-cli-'));
after(() => rmSync(root, { recursive: true, force: true }));

const FILE = `
source: { uri: ${DEMO_DELTAS} }
schema: { id: package, version: updated_at, deleted: deleted, fields: { name: text, summary: text, keywords: keyword }, stored: [name] }
index: { uri: ${join(root, 'index')} }
`;

interface TuneJson {
  readonly outcome: string;
  readonly training: string;
  readonly holdOut: string;
  readonly build: string;
  readonly advice: { readonly threads: number };
  readonly candidates: readonly {
    readonly pairs: number;
    readonly latencyMs: number;
    readonly isOnFrontier: boolean;
  }[];
  readonly steps: readonly { readonly knob: string }[];
  readonly bounds: readonly { readonly share: number }[];
}

/** A folder of the test's own to build in. */
function scratchFolder(name: string): string {
  const folder = join(root, name);
  mkdirSync(folder);
  return folder;
}

describe('tidemark tune', () => {
  it('tunes by a file: frontier, steps, a section that the configuration takes; no index, no scratch left', async () => {
    const file = join(root, 'tidemark.yaml');
    writeFileSync(file, FILE);
    const [svg, scratch] = [join(root, 'a.svg'), scratchFolder('scratch-a')];
    const words = ['tune', '-c', file, '--budget', '8s', '--svg', svg, '--scratch', scratch, '--json'];
    const { code, stdout, stderr } = await tidemark(...words);
    assert.equal(code, 0, stderr);
    const found = JSON.parse(stdout) as TuneJson;
    assert.ok(['better', 'not-better', 'none', 'too-few'].includes(found.outcome));
    assert.equal(found.training, '2026-05-04T01:55:00.000Z');
    assert.notEqual(found.holdOut, found.training);
    assert.deepEqual(
      found.steps.map(({ knob }) => knob),
      ['threads', 'shardBytes', 'stored'],
    );
    assert.ok(found.candidates.length >= 1 && found.candidates.some(({ isOnFrontier }) => isOnFrontier));
    assert.ok(found.bounds.length >= 1 && found.bounds.every(({ share }) => share > 0 && share <= 1));
    const { build } = parseConfig(`${FILE}${found.build}\n`);
    assert.ok(build.threads === 'auto' || build.threads === found.advice.threads);
    assert.match(readFileSync(svg, 'utf8'), /^<svg [\s\S]*<circle [\s\S]*<\/svg>\n$/);
    assert.deepEqual(readdirSync(scratch), []);
    assert.equal(existsSync(join(root, 'index')), false);
  });

  it('tunes by flags without an index, and prints table, bound, steps, verdict and section', async () => {
    const source = join(root, 'source');
    landMinutes(source, 0);
    const schema = ['--id', 'package', '--text', 'name,summary', '--stored', 'name,summary', '--settle', '0s'];
    const words = ['tune', '--source', source, ...schema, '--objective', 'size', '--budget', '5s'];
    const { code, stdout, stderr } = await tidemark(...words, '--svg', join(root, 'b.svg'));
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^tuned for segment size on the partition of 2026-05-04T01:00:00Z\n/);
    assert.match(stdout, /what bounds it\n {2}\w+ is \d+ % of the run with [\d.]+ of \d+ threads busy: /);
    assert.match(stdout, /what was tried\n {2}codec and level of stored fields: /);
    assert.match(stdout, /\nbuild:\n {2}threads: \w+\n {2}shardBytes: auto\n {2}stored: \{ codec: \w+, level: \d \}\n/);
    assert.match(stderr, /searching stored: \d besides/);
  });

  it('refuses what it cannot do, in words', async () => {
    const flags = ['--source', join(root, 'nowhere'), '--id', 'package'];
    const cases: readonly (readonly [words: readonly string[], code: number, message: RegExp])[] = [
      [[...flags], 3, /there is no partition to tune on/],
      [[...flags, '--budget', '2'], 2, /write a number with a unit, for example 2m/],
      [[...flags, '--objective', 'fun'], 2, /Allowed choices are latency, size, cost/],
      [[...flags, '--slack', '-1'], 2, /write a number of at least 0/],
      [[...flags, '--scratch', join(root, 'no', 'such')], 2, /--scratch: nothing can be written there/],
      [['--source', 'x'], 2, /--id is missing/],
    ];
    for (const [words, code, message] of cases) {
      const result = await tidemark('tune', ...words);
      assert.equal(result.code, code, result.stderr);
      assert.match(result.stderr, message);
    }
  });
});
