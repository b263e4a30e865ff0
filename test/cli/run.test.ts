/** The daemon as a process: one trigger, a strict deadline, a clean end on request; and the demo. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { landMinutes, startCli, tidemark, tidemarkJson } from '../support/cli.js';

const root = mkdtempSync(join(tmpdir(), 'tidemark-run-'));
after(() => rmSync(root, { recursive: true, force: true }));

function configuration(name: string, trigger: string): string {
  const path = join(root, `${name}.yaml`);
  writeFileSync(
    path,
    `source: { uri: ${join(root, 'source')}, ready: { settle: 0s } }
schema:
  id: package
  version: updated_at
  deleted: deleted
  fields: { name: text, summary: text, keywords: keyword, downloads: i64 }
  stored: [name]
index: { uri: ${join(root, name)} }
trigger: ${trigger}
build: { threads: 1 }
`,
  );
  return path;
}

describe('tidemark run', () => {
  before(() => landMinutes(join(root, 'source'), 0));

  it('makes one trigger and prints its report', async () => {
    const path = configuration('once', '{ every: 30s }');
    const words = ['run', '-c', path, '--once', '--strict'];
    const first = await tidemarkJson<{ generation: number; builtDocs: number; outcome: string }>(...words);
    assert.deepEqual([first.generation, first.builtDocs, first.outcome], [1, 1235, 'met']);
    const second = await tidemarkJson<{ generation: number; closeReason: string }>(...words);
    assert.deepEqual([second.generation, second.closeReason], [1, 'empty']);
  });

  it('ends with exit code 5 where a strict deadline was missed, the index committed all the same', async () => {
    const path = configuration('strict', '{ every: 30s, deadline: 1ms }');
    const { code, stdout, stderr } = await tidemark('run', '-c', path, '--once', '--strict', '--json');
    assert.equal(code, 5, stderr);
    assert.equal((JSON.parse(stdout) as { outcome: string }).outcome, 'missed');
    assert.match(stderr, /took longer than its 1 ms/);
    const { total } = await tidemarkJson<{ total: number }>(
      ...['search', '--index', join(root, 'strict'), 'react', '--count'],
    );
    assert.ok(total > 0);
  });

  it('keeps an index up to date, logs each commit as JSON, and ends with 0 when it is asked to', async () => {
    const path = configuration('daemon', '{ every: 100ms, deadline: 30s }');
    const daemon = startCli('run', '-c', path, '--json');
    const stopWhen = setInterval(() => {
      if (!daemon.stderr().includes('"event":"committed"')) return;
      clearInterval(stopWhen); // asked twice, it would not wait
      daemon.process.kill('SIGTERM');
    }, 20);
    const { code, stdout, stderr } = await daemon.ended;
    clearInterval(stopWhen);
    assert.equal(code, 0, stderr);
    const events = stderr
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { event: string; level: string; time: string; phases?: object });
    const committed = events.find(({ event }) => event === 'committed');
    assert.deepEqual(Object.keys(committed!.phases!), ['select', 'read', 'build', 'merge', 'seal', 'commit']);
    assert.equal(events[0]!.event, 'started');
    assert.equal(events.at(-1)!.event, 'stopped');
    assert.ok(events.every(({ time }) => /^\d{4}-.+Z$/.test(time)));
    assert.ok((JSON.parse(stdout) as { ticks: number }).ticks >= 1);
  });
});

describe('tidemark demo', () => {
  const folders = () => readdirSync(tmpdir()).filter((name) => name.startsWith('tidemark-demo-'));

  it('with --once indexes a base and every partition behind it, searches, and leaves nothing behind', async () => {
    const known = folders();
    const demo = await tidemark('demo', '--once');
    assert.equal(demo.code, 0, demo.stderr);
    assert.equal(demo.stderr, '');
    const runs = demo.stdout.split('\n').filter((line) => line.endsWith('Z'));
    assert.equal(runs.length, 13);
    assert.match(runs.at(-1)!, /01:55 +1,350 +22,693 .+2026-05-04T01:55Z$/);
    assert.match(demo.stdout, /^react table {2}.+hits in .+\n {2}1 {2}\d+\.\d{3} {2}\S+ +name: /m);
    assert.match(demo.stdout, /^ {2}keywords:cli +320$/m);
    assert.deepEqual(
      folders().filter((name) => !known.includes(name)),
      [],
    );
  });

  it('lands partitions at its own pace, and ends clean when it is interrupted', async () => {
    const known = folders();
    const demo = startCli('demo');
    const deltaLine = / 01:00 .+2026-05-04T01:00Z\n/;
    const interruptWhen = setInterval(() => {
      if (!deltaLine.test(demo.stdout())) return;
      clearInterval(interruptWhen);
      demo.process.kill('SIGINT');
    }, 20);
    const { code, stdout, stderr } = await demo.ended;
    clearInterval(interruptWhen);
    assert.equal(code, 1);
    assert.equal(stderr, 'stopped on request (SIGINT)\n');
    assert.match(stdout, deltaLine);
    assert.deepEqual(
      folders().filter((name) => !known.includes(name)),
      [],
    );
  });
});
