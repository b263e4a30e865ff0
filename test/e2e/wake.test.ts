/** Runs that nobody waits a tick for: the next one of these daemons is an hour away. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { type CliProcess, landMinutes, startCli, tidemark } from '../support/cli.js';

let root: string;
let daemon: CliProcess | undefined;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tidemark-wake-'));
});
afterEach(async () => {
  daemon?.process.kill('SIGKILL');
  await daemon?.ended;
  daemon = undefined;
  rmSync(root, { recursive: true, force: true });
});

function write(rest: string, watch: 'auto' | 'never'): string {
  const file = join(root, 'tidemark.yaml');
  writeFileSync(
    file,
    `source: { uri: ${join(root, 'source')}, ready: { settle: 300ms } }
schema: { id: package, version: updated_at, deleted: deleted, fields: { name: text } }
index: { uri: ${join(root, 'index')} }
trigger: { every: 1h, watch: ${watch} }
build: { threads: 1 }
${rest}
`,
  );
  return file;
}

async function logged(pattern: RegExp): Promise<RegExpExecArray> {
  let hasEnded = false;
  void daemon!.ended.then(() => (hasEnded = true));
  for (;;) {
    const match = pattern.exec(daemon!.stderr());
    if (match !== null) return match;
    if (hasEnded) assert.fail(`the daemon ended: ${daemon!.stderr()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('an hour before the next tick', () => {
  it('a partition that lands in a watched source is indexed once it has settled', async () => {
    landMinutes(join(root, 'source'), 0);
    daemon = startCli('run', '-c', write('serve: never', 'auto'));
    // The first tick may find the partition unsettled: then the watch is what brings it in as well.
    await logged(/"event":"idle"|"event":"committed"/);
    landMinutes(join(root, 'source'), 5);
    await logged(/"event":"committed".*"watermark":"2026-05-04T01:05/);
  });

  it('POST /wake brings a partition in, and the token is in no log', async () => {
    const token = 'e3b0c44298fc1c149afbf4c8996fb924';
    writeFileSync(join(root, 'token'), `${token}\n`);
    const serve = `serve: { listen: 127.0.0.1:0, token: { file: ${join(root, 'token')} } }`;
    daemon = startCli('run', '-c', write(serve, 'never'));
    const [, address] = await logged(/"event":"listening","address":"([^"]+)"/);
    await logged(/"event":"idle"/);
    landMinutes(join(root, 'source'), 0);
    const wake = (authorization: string) => fetch(`${address}/wake`, { method: 'POST', headers: { authorization } });
    assert.equal((await wake('Bearer no')).status, 401);
    assert.equal((await wake(`Bearer ${token}`)).status, 202);
    await logged(/"event":"committed"/);
    const metrics = await (await fetch(`${address}/metrics`, { headers: { authorization: `Bearer ${token}` } })).text();
    assert.match(metrics, /tidemark_runs_total\{index="default",occasion="hint"\} 1/);
    assert.equal((await fetch(`${address}/readyz`)).status, 200);
    daemon.process.kill('SIGTERM');
    const { code, stdout, stderr } = await daemon.ended;
    assert.equal(code, 0, stderr);
    assert.ok(!`${stdout}${stderr}${metrics}`.includes(token));
  });

  it('a server that others could reach needs a token, or a word that it does not', async () => {
    const { code, stderr } = await tidemark('run', '-c', write('serve: { listen: 0.0.0.0:0 }', 'never'));
    assert.equal(code, 2, stderr);
    assert.match(stderr, /serve\.listen is 0\.0\.0\.0, which other machines can reach, and there is no token/);
  });
});
