/** The listing part of the store contract, against a slow and plain model. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { compareKeys } from '#src/base/key-order.js';
import type { ListOptions, Store } from '#src/store/store.js';
import type { OpenedStore } from './contract.js';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** All pages of a listing, entries in the order of their names; checks what every page must hold to. */
export async function listAll(store: Store, options: ListOptions): Promise<string[]> {
  const names: string[] = [];
  let token: string | undefined;
  do {
    const page = await store.list({ ...options, ...(token === undefined ? {} : { token }) });
    const found = [...page.objects.map((object) => object.key), ...page.prefixes].sort(compareKeys);
    assert.ok(found.length <= (options.limit ?? 1000), 'a page is no longer than asked');
    assert.ok(page.next === undefined || found.length > 0, 'a page that is not the last holds something');
    names.push(...found);
    token = page.next;
  } while (token !== undefined);
  return names;
}

/** The slow, plain reading of `list`. */
function modelList(keys: readonly string[], { prefix, delimiter, startAfter = '' }: ListOptions): string[] {
  const names = keys
    .filter((key) => key.startsWith(prefix) && compareKeys(key, startAfter) > 0)
    .map((key) => {
      const cut = delimiter === undefined ? -1 : key.indexOf(delimiter, prefix.length);
      return cut < 0 ? key : key.slice(0, cut + 1);
    });
  return [...new Set(names)].sort(compareKeys);
}

/** Whether a listing starts inside a folder that it folds: servers differ there, and the interface leaves it open. */
function startsInFolded({ prefix, delimiter, startAfter = '' }: ListOptions): boolean {
  return delimiter !== undefined && startAfter.startsWith(prefix) && startAfter.includes(delimiter, prefix.length);
}

/** Names around the slash (0x2F) and around the surrogates, where byte order and other orders part. */
const NAMES = ['a', 'b', 'a-', 'a.b', 'a0', 'é', '\uff61', '🚀', '日'];
const LEAVES = ['x', 'x-1', 'x.parquet', '\uffee', '🚀z', '_SUCCESS', '.hidden'];

/** Registers the cases; opens a store of its own. */
export function describeLists(open: () => Promise<OpenedStore>, listingRuns: number): void {
  describe('listing', () => {
    const keys = NAMES.flatMap((a) =>
      NAMES.slice(0, 4).flatMap((b, i) => LEAVES.slice(0, 2 + i).map((leaf) => `${a}/${b}${i}/${leaf}`)),
    )
      .concat(LEAVES, 'a/leaf', 'b/leaf')
      .sort(compareKeys);
    let opened: OpenedStore;
    let store: Store;
    before(async () => {
      opened = await open();
      store = opened.store;
      for (let i = 0; i < keys.length; i += 16) {
        await Promise.all(keys.slice(i, i + 16).map((key) => store.put(key, bytesOf(key))));
      }
    });
    after(() => opened.close());

    it('is in the order of UTF-8 bytes, the whole and page by page', async () => {
      assert.deepEqual(await listAll(store, { prefix: '' }), keys);
      assert.deepEqual(await listAll(store, { prefix: '', limit: 7 }), keys);
      assert.deepEqual(await listAll(store, { prefix: 'a/', limit: 1 }), modelList(keys, { prefix: 'a/' }));
    });

    it('tells a folded prefix once, over all pages', async () => {
      for (const prefix of ['', 'a', 'a/', 'é/', 'a/a0/']) {
        for (const limit of [1, 3, 1000]) {
          const options: ListOptions = { prefix, delimiter: '/', limit };
          assert.deepEqual(await listAll(store, options), modelList(keys, options));
        }
      }
    });

    it('finds nothing under a prefix that no key has', async () => {
      for (const prefix of ['zzz', 'a/a0/x/', 'a/zzz/', '/', '//', '../', 'a//', './a']) {
        assert.deepEqual(await listAll(store, { prefix }), [], prefix);
      }
    });

    it('has a date that may be compared with LastModified', async () => {
      const { date, objects } = await store.list({ prefix: 'a/', limit: 1 });
      assert.ok(Math.abs(date - objects[0]!.lastModified) < 3_600_000);
    });

    it('equals a plain model for random prefixes, starts, limits and folding', async () => {
      const somewhere = fc.oneof(
        fc.constantFrom(...keys),
        fc.tuple(fc.constantFrom(...keys), fc.nat(12)).map(([key, length]) => [...key].slice(0, length).join('')),
        fc.constantFrom(...keys).map((key) => `${key.slice(0, key.indexOf('/') + 1)}zz`),
      );
      const listing = fc.record(
        {
          prefix: fc.oneof(fc.constant(''), somewhere),
          startAfter: somewhere,
          limit: fc.integer({ min: 2, max: 40 }),
          delimiter: fc.constant('/' as const),
        },
        { requiredKeys: ['prefix'] },
      );
      await fc.assert(
        fc.asyncProperty(listing, async (options) => {
          fc.pre(!startsInFolded(options));
          assert.deepEqual(await listAll(store, options), modelList(keys, options));
        }),
        { seed: 20_261_124, numRuns: listingRuns },
      );
    });
  });
}
