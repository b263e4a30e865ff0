/**
 * A crash after every write of a run that brings patches, and of one that brings whole groups: a reader sees the generation
 * before or the one after, and no group half of each.
 */
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { systemClock } from '#src/base/time.js';
import { openStore } from '#src/store/open.js';
import { type FailureHook, failingStore } from '../support/failing-store.js';
import { testPool } from '../support/package-index.js';
import { type AdIndex, type AdRow, adIndex, landPatches, landRows, openAds, runAds } from '../support/patched-index.js';

const root = mkdtempSync(join(tmpdir(), 'tidemark-fault-patches-'));
const pool = testPool(1);
after(async () => {
  await pool.close();
  rmSync(root, { recursive: true, force: true });
});

/** Generation, and every live document with its group and what patches may change. */
async function answersOf(index: AdIndex): Promise<string> {
  const reader = await openAds(index);
  const { hits } = await reader.search('*:*', { k: 100, fields: ['group', 'title', 'bid', 'stock'] });
  const { generation, watermark, patches } = reader.snapshot.manifest;
  return JSON.stringify([generation, watermark, patches?.[0]?.watermark, hits.map(({ id, fields }) => [id, fields])]);
}

/** Calls that change the index; between two of them a crash leaves the same behind as at the earlier one. */
const WRITES = new Set(['put', 'putIfAbsent', 'createWriter', 'write', 'close']);

const isWritten = (operation: string, side: string) => side === 'after' && WRITES.has(operation);

/** Crashes a run at each of its writes in turn. */
async function crashEverywhere(
  name: string,
  replace: 'record' | 'group',
  prepare: (index: AdIndex) => void,
  land: (index: AdIndex) => void,
) {
  const at = (folder: string) => adIndex(join(root, name, folder), pool, { replace });
  prepare(at('start'));
  await runAds(at('start'));
  const untouched = await answersOf(at('start'));
  land(at('start'));
  const stores = async (index: AdIndex, hook: FailureHook) => {
    const open = async (uri: string) => failingStore(await openStore({ uri }, systemClock), hook);
    const [source, patches] = [join(index.root, 'rows'), join(index.root, 'patches')];
    return { index: await open(index.settings.index.uri), source: await open(source), patches: await open(patches) };
  };
  const copy = (folder: string) => cpSync(join(root, name, 'start'), join(root, name, folder), { recursive: true });
  copy('done');
  let calls = 0;
  await runAds(
    at('done'),
    {},
    await stores(at('done'), (_, operation, __, side) => void (isWritten(operation, side) && calls++)),
  );
  const completed = await answersOf(at('done'));
  assert.notEqual(completed, untouched);
  assert(calls > 5, `a run makes more than ${calls} writes`);
  for (let failAt = 0; failAt < calls; failAt++) {
    copy('crashed');
    const index = at('crashed');
    let seen = 0;
    const crash: FailureHook = (_, operation, key, side) => {
      if (seen > failAt) throw new Error(`crash ${side} ${operation} of ${key}`);
      if (isWritten(operation, side) && seen++ >= failAt) throw new Error(`crash ${side} ${operation} of ${key}`);
    };
    await assert.rejects(runAds(index, {}, await stores(index, crash)), /crash/, `failpoint ${failAt}`);
    const left = await answersOf(index);
    assert(left === untouched || left === completed, `failpoint ${failAt}: one generation or the other`);
    if (left === untouched) await runAds(index);
    assert.equal(await answersOf(index), completed, `failpoint ${failAt}: the next run completes`);
    rmSync(join(root, name, 'crashed'), { recursive: true });
  }
}

const row = (id: string, group: string, title: string): AdRow => ({
  id,
  group,
  title,
  version: 1n,
  bid: 1,
  stock: 'in',
});

describe('a run that is killed', () => {
  it('while it brings patches leaves no value half patched', async () => {
    await crashEverywhere(
      'patches',
      'record',
      (index) => {
        landRows(index, 1, [row('a', 'g', 'x'), row('b', 'g', 'x')]);
        landPatches(index, 2, [{ id: 'a', version: 2n, bid: 2 }]);
      },
      (index) =>
        landPatches(index, 3, [
          { id: 'a', version: 3n, stock: 'out' },
          { id: 'b', version: 3n, bid: 3 },
        ]),
    );
  });

  it('while it brings rows and whole groups leaves every group all old or all new', async () => {
    await crashEverywhere(
      'groups',
      'group',
      (index) => landRows(index, 1, [row('a', 'g', 'old'), row('b', 'g', 'old'), row('c', 'h', 'old')]),
      (index) => {
        landRows(index, 2, [row('a', 'g', 'new'), row('d', 'g', 'new'), { id: null, group: 'h', deleted: true }]);
        landPatches(index, 2, [{ id: 'd', version: 1n, bid: 9 }]);
      },
    );
  });
});
