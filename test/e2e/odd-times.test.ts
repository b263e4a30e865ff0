/** Names and clocks that nobody should meet: the daemon goes on, loses nothing, and says what it saw. */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { Clock } from '#src/base/time.js';
import { runDaemon } from '#src/daemon/loop.js';
import { readNewest } from '#src/manifest/newest.js';
import { openStore } from '#src/store/open.js';
import { DEMO_DELTAS, landMinutes, minuteFolder, startCli } from '../support/cli.js';
import { packageSettings, testPool } from '../support/package-index.js';

const root = mkdtempSync(join(tmpdir(), 'tidemark-odd-'));
const pool = testPool(1);
after(async () => {
  await pool.close();
  rmSync(root, { recursive: true, force: true });
});

function configuration(name: string): { readonly path: string; readonly source: string } {
  const source = join(root, name, 'source');
  mkdirSync(source, { recursive: true });
  const path = join(root, name, 'tidemark.yaml');
  writeFileSync(
    path,
    `source: { uri: ${source}, ready: { settle: 0s } }
schema:
  id: package
  version: updated_at
  deleted: deleted
  fields: { name: text, summary: text }
index: { uri: ${join(root, name, 'index')} }
trigger: { every: 100ms, deadline: 30s }
build: { threads: 1 }
`,
  );
  return { path, source };
}

interface Line {
  readonly level: string;
  readonly event: string;
  readonly watermark?: string;
  readonly msg: string;
}

/** Runs the daemon until a line of its log says yes, stops it, and gives all of its lines. */
async function logUntil(path: string, isEnough: (line: Line) => boolean): Promise<Line[]> {
  const daemon = startCli('run', '-c', path);
  const linesOf = (text: string) =>
    text
      .trimEnd()
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Line);
  const look = setInterval(() => {
    if (!linesOf(daemon.stderr()).some(isEnough)) return;
    clearInterval(look);
    daemon.process.kill('SIGTERM');
  }, 20);
  const { code, stderr } = await daemon.ended;
  clearInterval(look);
  assert.equal(code, 0, stderr);
  return linesOf(`${stderr}\n`);
}

describe('odd partitions', () => {
  it('one of 2099 is left alone and named at every tick; those of today are indexed', async () => {
    const { path, source } = configuration('future');
    landMinutes(source, 0);
    cpSync(join(DEMO_DELTAS, minuteFolder(5)), join(source, 'dt=2099-01-01/hour=00/minute=00'), { recursive: true });
    const lines = await logUntil(path, ({ event }) => event === 'idle');
    const committed = lines.find(({ event }) => event === 'committed')!;
    assert.equal(committed.watermark, '2026-05-04T01:00:00.000Z');
    assert.match(committed.msg, /fresh up to 2026-05-04T01:00Z/);
    const words = /2099-01-01T00:00Z lies in the future and is left alone/;
    assert.match(committed.msg, words);
    assert.match(lines.find(({ event }) => event === 'idle')!.msg, words);
  });

  it('a thousand without data are counted in one line and hold nothing up', async () => {
    const { path, source } = configuration('empty');
    landMinutes(source, 0);
    for (let n = 0; n < 1_000; n++) {
      const at = new Date(Date.UTC(2026, 4, 4, 2, n)).toISOString();
      const folder = join(source, `dt=${at.slice(0, 10)}/hour=${at.slice(11, 13)}/minute=${at.slice(14, 16)}`);
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'part-0.parquet'), '');
    }
    const lines = await logUntil(path, ({ event }) => event === 'idle');
    const committed = lines.find(({ event }) => event === 'committed')!;
    assert.equal(committed.watermark, '2026-05-04T01:00:00.000Z');
    const idle = lines.find(({ event }) => event === 'idle')!;
    assert.match(idle.msg, /1,000 partitions hold no data, the newest 2026-05-04T18:39Z/);
    assert.ok(lines.every(({ event }) => event !== 'failed'));
  });
});

const HOUR_MS = 3_600_000;
const EVERY_MS = 1_000;

/** A wall clock that somebody sets, and a monotonic one that nobody can. */
class SettableClock implements Clock {
  #elapsedMs = 0;
  wallMs = 0;

  now(): number {
    return this.wallMs + this.#elapsedMs;
  }

  elapsed(): number {
    return this.#elapsedMs;
  }

  onTick: (tick: number) => void = () => undefined;
  #ticks = 0;

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    this.#elapsedMs += ms;
    this.onTick(++this.#ticks);
    signal?.throwIfAborted();
  }
}

describe('a wall clock that is set back an hour', () => {
  it('moves no tick, loses no document and no watermark, and is told in words', async () => {
    const source = join(root, 'clock/source');
    const index = { uri: join(root, 'clock/index') };
    const plain = packageSettings({ uri: source }, index);
    const ready = { ...plain.source.ready, settleMs: 2 * EVERY_MS, maxFutureSkewMs: 600_000 };
    const settings = { ...plain, source: { ...plain.source, ready } };
    const clock = new SettableClock();
    // Later than the files by as much as they need to settle, since their times are of today.
    landMinutes(source, 0, 5);
    clock.wallMs = Date.now() + 10 * EVERY_MS;
    const stop = new AbortController();
    const lines: string[] = [];
    const note = (_: object, message: string) => void lines.push(message);
    const seen: { readonly watermark: string | null; readonly live: number; readonly committed: boolean }[] = [];
    const stores = { source: await openStore(settings.source.store, clock), index: await openStore(index, clock) };
    clock.onTick = (tick) => {
      if (tick === 2) clock.wallMs -= HOUR_MS;
      if (tick === 4) landMinutes(source, 10);
      // An hour later the clock is where it was.
      if (tick === 6) clock.wallMs += HOUR_MS;
      if (tick === 8) stop.abort();
    };
    const summary = await runDaemon([{ name: 'packages', deps: { ...stores, pool, clock }, settings }], {
      ...{ everyMs: EVERY_MS, deadlineMs: 60 * EVERY_MS, clock, signal: stop.signal },
      log: { info: note, warn: note, error: note },
      onRun: (_, { watermark, live, committed }) => seen.push({ watermark, live, committed }),
    });
    assert.equal(summary.failedRuns, 0, lines.join('\n'));
    const first = seen[0]!;
    assert.equal(first.watermark, '2026-05-04T01:05:00.000Z');
    for (const { watermark, live } of seen) {
      assert.ok(watermark! >= first.watermark!, 'the watermark never falls');
      assert.ok(live >= first.live, 'no document is lost while the clock is wrong');
    }
    const last = await readNewest(stores.index);
    assert.equal(new Date(last!.watermark!).toISOString(), '2026-05-04T01:10:00.000Z');
    assert.ok(
      lines.some((line) => /clock was set back by 3,?600 s/.test(line)),
      lines.join('\n'),
    );
    assert.ok(
      lines.some((line) => /waits: its newest object is -\d+ ms old/.test(line)),
      lines.join('\n'),
    );
  });
});
