/** Two daemons on one index, one of them stopped while the other takes over: one line of commits, and the late one leaves as fenced. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { EXIT_CODES } from '#src/base/errors.js';
import { type CliProcess, landMinutes, startCli, tidemarkJson } from '../support/cli.js';

let root: string;
const started: CliProcess[] = [];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tidemark-two-'));
});
afterEach(async () => {
  for (const { process } of started) process.kill('SIGKILL');
  await Promise.all(started.splice(0).map(({ ended }) => ended));
  rmSync(root, { recursive: true, force: true });
});

function daemon(): CliProcess {
  const file = join(root, 'tidemark.yaml');
  writeFileSync(
    file,
    `source: { uri: ${join(root, 'source')}, ready: { settle: 400ms } }
schema: { id: package, version: updated_at, deleted: deleted, fields: { name: text } }
index: { uri: ${join(root, 'index')} }
trigger: { every: 100ms, deadline: 30s }
build: { threads: 1 }
serve: never
`,
  );
  const process = startCli('run', '-c', file);
  started.push(process);
  return process;
}

async function untilLogged(process: CliProcess, wanted: RegExp, times = 1): Promise<void> {
  let hasEnded = false;
  void process.ended.then(() => (hasEnded = true));
  while ((process.stderr().match(new RegExp(wanted, 'g')) ?? []).length < times) {
    if (hasEnded) assert.fail(`the daemon ended: ${process.stderr()}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

interface Line {
  readonly generation: number;
  readonly epoch: number;
  readonly watermark: number | string;
}

const manifests = (): Line[] =>
  readdirSync(join(root, 'index/manifests'))
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => JSON.parse(readFileSync(join(root, 'index/manifests', name), 'utf8')) as Line);

describe('two daemons on one index', () => {
  it('commit one line, where the first was stopped while the second took over', async () => {
    const source = join(root, 'source');
    landMinutes(source, 0);
    const first = daemon();
    await untilLogged(first, /"event":"committed"/);
    first.process.kill('SIGSTOP');
    landMinutes(source, 5);
    const second = daemon();
    await untilLogged(second, /"event":"committed"/);
    landMinutes(source, 10);
    await untilLogged(second, /"event":"committed"/, 2);
    first.process.kill('SIGCONT');
    landMinutes(source, 15);
    const { code, stderr } = await first.ended;
    assert.equal(code, EXIT_CODES.fenced, stderr);
    await untilLogged(second, /"event":"committed"/, 3);
    second.process.kill('SIGTERM');
    assert.equal((await second.ended).code, 0);
    assert.deepEqual(
      manifests().map(({ generation, epoch }) => [generation, epoch]),
      [
        [1, 1],
        [2, 2],
        [3, 2],
        [4, 2],
      ],
    );
    const { ok } = await tidemarkJson<{ ok: boolean }>('check', '--index', join(root, 'index'));
    assert.equal(ok, true);
  });
});
