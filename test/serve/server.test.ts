import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { systemClock } from '#src/base/time.js';
import type { DaemonView, IndexView } from '#src/serve/daemon-view.js';
import { createApp, type Server, type ServerOptions, startServer } from '#src/serve/server.js';

const counters = { list: 3, get: 5, put: 7, head: 0, delete: 0, retries: 0, readBytes: 11, writtenBytes: 13 };
const ads: IndexView = {
  name: 'ads',
  ticks: 10,
  hinted: 2,
  skipped: { busy: 1, abandoned: 0, paused: 4 },
  outcomes: { met: 3, missed: 1, idle: 8 },
  sinceGoodMs: 500,
  generation: 4,
  watermark: Date.UTC(2026, 4, 4),
  freshnessMs: 1_500,
  live: 42,
  isFenced: false,
  stores: { source: counters, index: undefined },
};
const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const TOKEN = 'a-token-of-some-length';

function options(change: Partial<ServerOptions> = {}, indexes: readonly IndexView[] = [ads], isDraining = false) {
  const woken: (string | undefined)[] = [];
  const view: DaemonView = {
    ...{ staleMs: 1_000, isDraining, indexes },
    wake: (index) => {
      woken.push(index);
      return indexes.map(({ name }) => name).filter((name) => index === undefined || index === name);
    },
  };
  return { woken, host: '127.0.0.1', port: 0, token: undefined, view, clock: systemClock, log, ...change };
}

const call = (
  setup: ReturnType<typeof options>,
  method: 'GET' | 'POST',
  url: string,
  headers: object = {},
  payload = '',
) => createApp(setup).inject({ method, url, headers: { host: '127.0.0.1:7700', ...headers }, payload });

async function bound(server: Server): Promise<void> {
  while (server.address() === undefined) await new Promise((resolve) => setTimeout(resolve, 20));
}

describe('the server of a daemon', () => {
  it('takes a hint for all indexes or one, whatever the notification says', async () => {
    const setup = options();
    const all = await call(setup, 'POST', '/wake', { 'content-type': 'application/json' }, '{"Records": not even json');
    assert.deepEqual([all.statusCode, all.json()], [202, { woken: ['ads'] }]);
    assert.equal((await call(setup, 'POST', '/wake?index=ads')).statusCode, 202);
    assert.equal((await call(setup, 'POST', '/wake?index=bids')).statusCode, 404);
    assert.deepEqual(setup.woken, [undefined, 'ads', 'bids']);
    const huge = await call(setup, 'POST', '/wake', { 'content-type': 'text/plain' }, 'x'.repeat(300_000));
    assert.equal(huge.statusCode, 413);
  });

  it('is alive as long as it answers, and ready while every index has had a good run of late', async () => {
    assert.equal((await call(options(), 'GET', '/healthz')).statusCode, 200);
    assert.equal((await call(options(), 'GET', '/readyz')).statusCode, 200);
    const stale = await call(options({}, [ads, { ...ads, name: 'bids', sinceGoodMs: 61_000 }]), 'GET', '/readyz');
    assert.equal(stale.statusCode, 503);
    assert.deepEqual(stale.json().reasons, { bids: 'no run has ended well for 61 s' });
    for (const [change, reason] of [
      [{ sinceGoodMs: undefined }, 'no run has ended well yet'],
      [{ isFenced: true }, 'another daemon leads'],
    ] as const) {
      const reply = await call(options({}, [{ ...ads, ...change }]), 'GET', '/readyz');
      assert.deepEqual([reply.statusCode, reply.json().reasons], [503, { ads: reason }]);
    }
    assert.deepEqual((await call(options({}, [ads], true), 'GET', '/readyz')).json().reasons, { ads: 'draining' });
  });

  it('asks for its token, but not of probes', async () => {
    const setup = options({ token: TOKEN, host: '0.0.0.0' });
    const headers = { host: 'index.example:7700' };
    assert.equal((await call(setup, 'POST', '/wake', headers)).statusCode, 401);
    assert.equal((await call(setup, 'GET', '/metrics', { ...headers, authorization: 'Bearer wrong' })).statusCode, 401);
    assert.equal((await call(setup, 'GET', '/no-such-page', headers)).statusCode, 401);
    assert.deepEqual(setup.woken, []);
    assert.equal(
      (await call(setup, 'POST', '/wake', { ...headers, authorization: `Bearer ${TOKEN}` })).statusCode,
      202,
    );
    assert.equal((await call(setup, 'GET', '/readyz', headers)).statusCode, 200);
    assert.equal((await call(setup, 'GET', '/healthz', headers)).statusCode, 200);
  });

  it('without a token answers to its own machine only, whatever name a page was made to resolve to it', async () => {
    const setup = options();
    assert.equal((await call(setup, 'POST', '/wake', { host: 'evil.example' })).statusCode, 403);
    assert.equal((await call(setup, 'POST', '/wake', { host: 'localhost:7700' })).statusCode, 202);
    assert.equal((await call(setup, 'POST', '/wake', { host: '[::1]:7700' })).statusCode, 202);
  });

  it('tells figures as they are at the moment, each time anew', async () => {
    const indexes = [{ ...ads }];
    const app = createApp(options({}, indexes));
    const scrape = async () => (await app.inject({ url: '/metrics', headers: { host: 'localhost' } })).body;
    const first = await scrape();
    for (const line of [
      'tidemark_runs_total{index="ads",occasion="tick"} 10',
      'tidemark_runs_total{index="ads",occasion="hint"} 2',
      'tidemark_skipped_ticks_total{index="ads",reason="paused"} 4',
      'tidemark_run_outcomes_total{index="ads",outcome="missed"} 1',
      'tidemark_freshness_seconds{index="ads"} 1.5',
      'tidemark_watermark_timestamp_seconds{index="ads"} 1777852800',
      'tidemark_store_requests_total{index="ads",store="source",kind="get"} 5',
      'tidemark_store_bytes_total{index="ads",store="source",direction="written"} 13',
    ]) {
      assert.ok(first.split('\n').includes(line), `${line} in\n${first}`);
    }
    assert.match(first, /tidemark_watermark_age_seconds\{index="ads"\} \d+/);
    indexes[0] = { ...ads, ticks: 11 };
    assert.ok((await scrape()).includes('tidemark_runs_total{index="ads",occasion="tick"} 11\n'), 'set, not added up');
    await app.close();
  });

  it('takes an address as soon as it is free, and lets go of it', async () => {
    const first = startServer(options());
    await bound(first);
    const port = Number(new URL(first.address()!).port);
    const lines: string[] = [];
    const warn = (_: object, line: string) => lines.push(line);
    const second = startServer(options({ port, log: { ...log, warn } }));
    while (lines.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    assert.match(lines[0]!, /^cannot listen, tried again: .*EADDRINUSE/);
    await first.close();
    await bound(second);
    assert.equal((await fetch(`http://127.0.0.1:${port}/healthz`)).status, 200);
    await second.close();
    await assert.rejects(fetch(`http://127.0.0.1:${port}/healthz`));
  });
});
