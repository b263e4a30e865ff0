import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { pathToFileURL } from 'node:url';
import { TidemarkError } from '#src/base/errors.js';
import { openFileStore } from '#src/store/file.js';
import { fileError } from '#src/store/file-errors.js';
import type { Store } from '#src/store/store.js';
import { failingStore } from '../support/failing-store.js';
import { describeStoreContract } from './contract.js';
import { listAll } from './contract-listing.js';

describeStoreContract(
  'file',
  async () => {
    const root = await mkdtemp(join(tmpdir(), 'tidemark-store-'));
    return { store: openFileStore(root), close: () => rm(root, { recursive: true }) };
  },
  { raceRounds: 50, listingRuns: 500, largeBytes: 5_000_001 },
);

describeStoreContract(
  'file behind failpoints that never fail',
  async () => {
    const root = await mkdtemp(join(tmpdir(), 'tidemark-store-'));
    return { store: failingStore(openFileStore(root), () => undefined), close: () => rm(root, { recursive: true }) };
  },
  { raceRounds: 3, listingRuns: 30, largeBytes: 2_000_001 },
);

async function newRoot(t: TestContext): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'tidemark-store-'));
  t.after(() => rm(root, { recursive: true }));
  return root;
}

const bytes = new TextEncoder().encode('bytes');

/** Directories read by a call. */
async function readsOf(store: Store, call: () => Promise<unknown>): Promise<number> {
  const before = store.counters!.list;
  await call();
  return store.counters!.list - before;
}

describe('file store', () => {
  it('is opened by plain path, file: and file:// alike', async (t) => {
    const root = join(await newRoot(t), 'with space');
    await openFileStore(root).put('a', bytes);
    for (const uri of [`file:${root}`, pathToFileURL(root).href]) {
      assert.deepEqual(await openFileStore(uri).read('a'), bytes);
    }
    for (const uri of ['', 'file:', 'file://host.example/a']) {
      assert.throws(
        () => openFileStore(uri),
        (error) => error instanceof TidemarkError && error.code === 'config' && error.fix !== undefined,
      );
    }
  });

  it('reads only the directories that may hold what is asked', async (t) => {
    const root = await newRoot(t);
    const hours = Array.from({ length: 24 }, (_, hour) => `hour=${String(hour).padStart(2, '0')}`);
    const days = Array.from({ length: 30 }, (_, day) => `dt=2026-05-${String(day + 1).padStart(2, '0')}`);
    for (const day of days) {
      for (const hour of hours) {
        await mkdir(join(root, day, hour), { recursive: true });
        await writeFile(join(root, day, hour, 'part.parquet'), bytes);
      }
    }
    const store = openFileStore(root);
    const list = (options: Parameters<Store['list']>[0]) => () => store.list(options);
    assert.equal(await readsOf(store, list({ prefix: '' })), 1 + 30 + 720);
    assert.equal(await readsOf(store, list({ prefix: '', delimiter: '/' })), 1);
    assert.equal(await readsOf(store, list({ prefix: 'dt=2026-05-3', delimiter: '/' })), 1);
    assert.equal(await readsOf(store, list({ prefix: 'dt=2026-05-09/', delimiter: '/' })), 1);
    assert.equal(await readsOf(store, list({ prefix: 'dt=2026-05-09/hour=07/' })), 1);
    assert.equal(await readsOf(store, list({ prefix: 'dt=2026-05-09/' })), 1 + 24);
    assert.equal(await readsOf(store, list({ prefix: '', startAfter: 'dt=2026-05-30/hour=22/~' })), 1 + 1 + 2);
    assert.equal(await readsOf(store, list({ prefix: '', startAfter: 'dt=2026-05-300' })), 1);
    assert.equal(await readsOf(store, list({ prefix: '', limit: 3 })), 1 + 1 + 4);
    assert.equal(await readsOf(store, list({ prefix: 'dt=2026-06' })), 1);
  });

  it('shows no file under way, not even as a folder', async (t) => {
    const root = await newRoot(t);
    const store = openFileStore(root);
    const writer = await store.createWriter('new/object');
    await writer.write(bytes);
    assert.deepEqual(await listAll(store, { prefix: '' }), []);
    assert.deepEqual(await listAll(store, { prefix: '', delimiter: '/' }), []);
    assert.deepEqual(await listAll(store, { prefix: '.tmp-' }), []);
    await assert.rejects(store.put('.tmp-mine/a', bytes), TidemarkError);
    await writer.close();
    assert.deepEqual(await readdir(join(root, '.tmp-tidemark')), []);
  });

  it('fails a writer whose file was swept away under it', async (t) => {
    const store = openFileStore(await newRoot(t));
    const writer = await store.createWriter('swept');
    assert.equal(await store.abortUnfinishedUploads!('', -60_000), 1);
    await assert.rejects(writer.close(), (error) => error instanceof TidemarkError && error.code === 'store');
    assert.equal(await store.stat('swept'), undefined);
  });

  it('removes a folder with its last object, and survives another writer that does so meanwhile', async (t) => {
    const root = await newRoot(t);
    const store = openFileStore(root);
    await store.put('a/b/c', bytes);
    await store.delete('a/b/c');
    assert.deepEqual(await listAll(store, { prefix: '', delimiter: '/' }), []);
    // Every delete takes the folder along that the next put has just made sure of.
    const inTurn = async (name: string) => {
      for (let round = 0; round < 100; round++) {
        await store.put(`deep/down/${name}`, bytes);
        assert.deepEqual(await store.read(`deep/down/${name}`), bytes);
        await store.delete(`deep/down/${name}`);
      }
    };
    await Promise.all(['a', 'b', 'c'].map(inTurn));
  });

  it('says what to do where a key is an object and a folder at once', async (t) => {
    const store = openFileStore(await newRoot(t));
    await store.put('a', bytes);
    await store.put('b/c', bytes);
    const isStoreError = (error: unknown) =>
      error instanceof TidemarkError && error.code === 'store' && /at once/.test(error.fix ?? '');
    await assert.rejects(store.put('a/b', bytes), isStoreError);
    await assert.rejects(store.put('b', bytes), isStoreError);
    await assert.rejects(store.putIfAbsent('b', bytes), isStoreError);
    assert.equal(await store.stat('a/b'), undefined);
    assert.equal(await store.abortUnfinishedUploads!('', -60_000), 0);
  });

  it('says what to do where the system refuses', async (t) => {
    const store = openFileStore(await newRoot(t));
    const named = (fix: RegExp) => (error: unknown) =>
      error instanceof TidemarkError &&
      error.code === 'store' &&
      fix.test(error.fix ?? '') &&
      error.where.object !== undefined;
    await assert.rejects(store.put('x'.repeat(300), bytes), named(/255 bytes/));
    await assert.rejects(store.putIfAbsent('x'.repeat(300), bytes), named(/255 bytes/));
    await assert.rejects(store.read('x'.repeat(300)), named(/255 bytes/));
    for (const [code, fix] of [
      ['ENOSPC', /free space/],
      ['EACCES', /permission/],
      ['EROFS', /writable/],
    ] as const) {
      const told = fileError(Object.assign(new Error(code), { code }), 'write an object', {
        store: 'file:/x',
        object: 'a',
      });
      assert.ok(named(fix)(told), code);
    }
  });

  it('follows links and passes over those that lead nowhere', async (t) => {
    const root = await newRoot(t);
    const store = openFileStore(join(root, 'store'));
    await store.put('real/a', bytes);
    await symlink(join(root, 'store', 'real'), join(root, 'store', 'linked'));
    await symlink(join(root, 'nowhere'), join(root, 'store', 'dangling'));
    assert.deepEqual(await listAll(store, { prefix: '' }), ['linked/a', 'real/a']);
    assert.deepEqual(await store.read('linked/a'), bytes);
  });

  it('lists an address that does not exist yet as empty', async (t) => {
    const store = openFileStore(join(await newRoot(t), 'later'));
    assert.deepEqual(await listAll(store, { prefix: '' }), []);
  });

  it('never hands out bytes of a file that was rewritten during the read', async (t) => {
    const root = await newRoot(t);
    const store = openFileStore(root);
    const length = 40 << 20;
    const info = await store.put('large', new Uint8Array(length));
    // The read has its file open and its first bytes under way when the rewrite begins, in place and of the same length.
    const [read] = await Promise.allSettled([
      store.read('large', { ifMatch: info.etag }),
      writeFile(join(root, 'large'), new Uint8Array(length).fill(1), { flag: 'r+' }),
    ]);
    if (read.status === 'fulfilled') assert.ok(read.value.every((byte) => byte === 0));
    else assert.ok(read.reason instanceof TidemarkError && read.reason.code === 'changed');
  });
});

describe('failing store', () => {
  it('fails before a call takes effect, or after it did', async (t) => {
    const inner = openFileStore(await newRoot(t));
    for (const when of ['before', 'after'] as const) {
      const calls: string[] = [];
      const store = failingStore(inner, (index, operation, key, at) => {
        calls.push(`${index} ${operation} ${key} ${at}`);
        if (operation === 'close' && at === when) throw new Error('crash');
      });
      const writer = await store.createWriter(when);
      await writer.write(bytes);
      await assert.rejects(writer.close(), /crash/);
      assert.equal((await inner.stat(when)) !== undefined, when === 'after');
      await writer.abort();
      assert.deepEqual(calls.slice(0, 5), [
        `0 createWriter ${when} before`,
        `0 createWriter ${when} after`,
        `1 write ${when} before`,
        `1 write ${when} after`,
        `2 close ${when} before`,
      ]);
    }
  });
});
