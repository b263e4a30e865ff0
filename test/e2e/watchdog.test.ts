/** The watchdog and its daemons as real processes, told apart by their logs. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { type CliProcess, landMinutes, startCli, tidemarkJson } from '../support/cli.js';

let root: string;
let watchdog: CliProcess | undefined;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tidemark-watchdog-'));
});
afterEach(async () => {
  watchdog?.process.kill('SIGTERM');
  await watchdog?.ended;
  watchdog = undefined;
  rmSync(root, { recursive: true, force: true });
});

interface Line {
  readonly event: string;
  readonly pid?: number;
  readonly to?: number;
  readonly tick?: number;
  readonly ticks?: number;
  readonly reason?: string;
}

/** The log so far: whole lines only. */
function linesOf(process: CliProcess): Line[] {
  const whole = process.stderr().split('\n').slice(0, -1);
  return whole.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as Line);
}

/** Waits for lines that `enough` accepts; fails with the log where the process ended before. */
async function until(process: CliProcess, enough: (lines: readonly Line[]) => boolean): Promise<readonly Line[]> {
  let hasEnded = false;
  void process.ended.then(() => (hasEnded = true));
  for (;;) {
    const lines = linesOf(process);
    if (enough(lines)) return lines;
    if (hasEnded) assert.fail(`the process ended: ${process.stderr()}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

function start(settings: string, ...flags: readonly string[]): CliProcess {
  const file = join(root, 'tidemark.yaml');
  writeFileSync(
    file,
    `source: { uri: ${join(root, 'source')}, ready: { settle: 0s } }
schema: { id: package, version: updated_at, deleted: deleted, fields: { name: text } }
index: { uri: ${join(root, 'index')} }
build: { threads: 1 }
serve: never
${settings}
`,
  );
  watchdog = startCli('watchdog', ...flags, '--', 'tidemark', 'run', '-c', file);
  return watchdog;
}

const count = (lines: readonly Line[], event: string) => lines.filter((line) => line.event === event).length;
const ran = (lines: readonly Line[]) => lines.filter(({ event }) => event === 'idle' || event === 'committed');

describe('the watchdog', () => {
  it('hands over from process to process on one grid: no tick is missed, none is run twice', async () => {
    landMinutes(join(root, 'source'), 0, 5);
    const process = start('trigger: { every: 500ms, deadline: 10s }\nrestart: { every: 1500ms }');
    await until(process, (lines) => {
      const last = lines.findLastIndex(({ event }) => event === 'handed-over');
      return count(lines, 'handed-over') >= 3 && ran(lines.slice(last)).length > 0;
    });
    process.process.kill('SIGTERM');
    assert.equal((await process.ended).code, 0, process.stderr());
    const lines = linesOf(process);
    const ticks = ran(lines).map(({ tick }) => tick!);
    const skipped = lines.filter(({ event }) => event === 'skipped').reduce((sum, { ticks: n }) => sum + n!, 0);
    assert.deepEqual(
      ticks,
      [...new Set(ticks)].sort((a, b) => a - b),
      'numbered upwards, none twice',
    );
    // A machine that is too busy to run in time says so; nothing gets lost without a word.
    assert.equal(ticks.at(-1)! + 1, ticks.length + skipped);
    assert.equal(count(lines, 'launched') - count(lines, 'handed-over') <= 2, true, 'every successor was used');
    assert.equal((await tidemarkJson<{ ok: boolean }>('check', '--index', join(root, 'index'))).ok, true);
  });

  it('kills a daemon whose event loop stands still, says where, and starts it again on the same grid', async () => {
    const process = start('trigger: { every: 200ms }', '--stall', '2s');
    const before = await until(process, (lines) => ran(lines).length > 2);
    globalThis.process.kill(before.find(({ event }) => event === 'launched')!.pid!, 'SIGSTOP');
    const lines = await until(process, (all) => {
      const killed = all.findIndex(({ event }) => event === 'hung');
      return killed >= 0 && ran(all.slice(killed)).length > 0;
    });
    assert.match(lines.find(({ event }) => event === 'hung')?.reason ?? '', /^no heartbeat for .*last seen default in/);
    const ticks = ran(lines).map(({ tick }) => tick!);
    assert.ok(ticks.at(-1)! >= ticks.length, 'ticks that passed meanwhile are not run again');
    assert.ok(lines.some(({ event, reason }) => event === 'skipped' && reason === 'paused'));
  });

  it('starts a killed daemon again, and does not wait for long the first time', async () => {
    landMinutes(join(root, 'source'), 0);
    const process = start('trigger: { every: 200ms, deadline: 10s }');
    const before = await until(process, (lines) => ran(lines).length > 0);
    globalThis.process.kill(before.find(({ event }) => event === 'launched')!.pid!, 'SIGKILL');
    const lines = await until(
      process,
      (all) => count(all, 'started') === 2 && ran(all.slice(before.length)).length > 0,
    );
    assert.deepEqual(
      lines.filter(({ event }) => event === 'ended').map(({ ...line }) => [(line as { signal?: string }).signal]),
      [['SIGKILL']],
    );
  });

  it('does not start a daemon again that cannot work with its configuration', async () => {
    const process = start('trigger: { every: soon }');
    assert.equal((await process.ended).code, 2);
    assert.equal(count(linesOf(process), 'launched'), 1);
  });

  it('gives a daemon up that keeps crashing on start only so fast', async () => {
    watchdog = startCli('watchdog', '--', globalThis.process.execPath, '-e', 'process.exit(9)');
    const lines = await until(watchdog, (all) => count(all, 'ended') >= 3);
    const waits = lines.filter(({ event }) => event === 'ended').map((line) => (line as { waitMs?: number }).waitMs);
    assert.deepEqual(waits.slice(0, 3), [200, 400, 800]);
  });
});
