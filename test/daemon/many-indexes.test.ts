/** Several indexes in one daemon, over real stores and one real pool. What one waits for the others is counted, not timed. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, beforeEach, describe, it } from 'node:test';
import { TidemarkError } from '#src/base/errors.js';
import { systemClock } from '#src/base/time.js';
import { type DaemonIndex, type DaemonOptions, runDaemon } from '#src/daemon/loop.js';
import { readNewest } from '#src/manifest/newest.js';
import { poolLanes } from '#src/shard/lanes.js';
import { openStore } from '#src/store/open.js';
import type { Store } from '#src/store/store.js';
import { landMinutes } from '../support/cli.js';
import { packageSettings, testPool } from '../support/package-index.js';

const pool = testPool(2);
after(() => pool.close());
const [fastLane, slowLane] = poolLanes(pool, [9, 0], 64 * 2 ** 20);

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tidemark-many-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

async function anIndex(name: string, lane: typeof fastLane, before?: () => Promise<void> | void): Promise<DaemonIndex> {
  const settings = packageSettings({ uri: join(root, name, 'source') }, { uri: join(root, name, 'index') });
  const source = await openStore(settings.source.store, systemClock);
  const index = await openStore(settings.index, systemClock);
  const list: Store['list'] = async (options) => {
    await before?.();
    return source.list(options);
  };
  const hooked = new Proxy(source, {
    get: (target, member) => {
      const value: unknown = member === 'list' ? list : Reflect.get(target, member);
      return typeof value === 'function' && member !== 'list' ? value.bind(target) : value;
    },
  });
  return { name, deps: { source: hooked, index, pool: lane!, clock: systemClock }, settings };
}

function options(stop: AbortController, lines: string[], change: Partial<DaemonOptions> = {}): DaemonOptions {
  const note = (_: object, message: string) => lines.push(message);
  return {
    ...{ everyMs: 20, deadlineMs: 60_000, clock: systemClock, signal: stop.signal },
    log: { info: note, warn: note, error: note },
    ...change,
  };
}

describe('several indexes in one daemon', () => {
  it('each run on their own: one that is held up holds none of the others up', async () => {
    landMinutes(join(root, 'bids/source'), 0);
    landMinutes(join(root, 'content/source'), 0);
    const stop = new AbortController();
    let go: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (go = resolve));
    const content = await anIndex('content', slowLane, () => held);
    const bids = await anIndex('bids', fastLane);
    const order: string[] = [];
    const onTick = (index: string) => {
      order.push(index);
      if (order.length === 5) go();
      if (index === 'content' && order.length > 5) stop.abort();
    };
    const summary = await runDaemon([bids, content], options(stop, [], { onTick }));
    assert.deepEqual(order.slice(0, 5), Array(5).fill('bids'), 'content was in its first run all along');
    assert.ok(summary.indexes.content!.ticks >= 1);
    assert.ok(summary.indexes.content!.skipped.busy > 0, 'and skipped its ticks');
  });

  it('drop one whose lead is lost, say so, and go on with the others; all lost is the end', async () => {
    landMinutes(join(root, 'bids/source'), 0);
    const stop = new AbortController();
    const lines: string[] = [];
    const lost = () => {
      throw new TidemarkError('fenced', 'generation 9 was committed under epoch 7');
    };
    const fenced = await anIndex('content', slowLane, lost);
    const bids = await anIndex('bids', fastLane);
    let ticks = 0;
    const onTick = (index: string) => {
      if (index === 'bids' && ++ticks === 4) stop.abort();
    };
    const summary = await runDaemon([bids, fenced], options(stop, lines, { onTick }));
    assert.equal(summary.indexes.bids!.ticks, 4);
    assert.ok(lines.some((line) => line.startsWith('index dropped, the others go on: generation 9')));
    await assert.rejects(
      runDaemon([fenced, { ...fenced, name: 'other' }], options(new AbortController(), lines)),
      (error) => error instanceof TidemarkError && error.code === 'fenced',
    );
  });

  it('go on where one of them fails at every tick', async () => {
    landMinutes(join(root, 'bids/source'), 0);
    const stop = new AbortController();
    const away = () => {
      throw new TidemarkError('store', 'the store is away');
    };
    let ticks = 0;
    const onTick = (index: string) => {
      if (index === 'bids' && ++ticks === 4) stop.abort();
    };
    const indexes = [await anIndex('bids', fastLane), await anIndex('content', slowLane, away)];
    const { indexes: tallies } = await runDaemon(indexes, options(stop, [], { onTick }));
    assert.equal(tallies.bids!.failedRuns, 0);
    assert.ok(tallies.content!.failedRuns > 0);
  });

  it('build side by side on one pool and one kernel of the main thread: the same bytes as alone', async () => {
    const digestOf = async ({ deps }: DaemonIndex) =>
      (await readNewest(deps.index))!.delta.segments.map(({ sha256 }) => sha256);
    const build = async (...indexes: DaemonIndex[]) => {
      const stop = new AbortController();
      const done = new Set<string>();
      const onRun: DaemonOptions['onRun'] = (index, { committed }) => {
        if (committed) done.add(index);
        if (done.size === indexes.length) stop.abort();
      };
      for (const { name } of indexes) landMinutes(join(root, name, 'source'), 0, 5, 10);
      await runDaemon(indexes, options(stop, [], { onRun }));
      return Promise.all(indexes.map(digestOf));
    };
    const [bids, content] = await build(await anIndex('bids', fastLane), await anIndex('content', slowLane));
    const [alone] = await build(await anIndex('alone', fastLane));
    assert.deepEqual([bids, content], [alone, alone]);
  });
});
