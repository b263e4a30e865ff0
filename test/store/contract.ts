/** What every store must do, as one suite: run against files, against the in-process S3 server and against a real one. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { TidemarkError } from '#src/base/errors.js';
import { compareKeys } from '#src/base/key-order.js';
import { objectSource } from '#src/store/byte-source.js';
import { probeConditionalWrites } from '#src/store/probe.js';
import type { Store } from '#src/store/store.js';
import { describeLists, listAll } from './contract-listing.js';

/** A store whose prefix holds nothing yet. */
export interface OpenedStore {
  readonly store: Store;
  close(): Promise<void>;
}

export interface ContractOptions {
  /** Rounds of the race for one key. */
  readonly raceRounds: number;
  /** Random listings to compare with the model. */
  readonly listingRuns: number;
  /** More than one part of a streamed upload, in bytes. */
  readonly largeBytes: number;
}

const RACER_COUNT = 20;

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const hasCode = (code: string) => (error: unknown) => error instanceof TidemarkError && error.code === code;

/** Bytes that tell a wrong offset: no two 4-byte words are alike. */
export function patternBytes(length: number): Uint8Array {
  const words = new Uint32Array(Math.ceil(length / 4));
  for (let i = 0; i < words.length; i++) words[i] = Math.imul(i + 1, 0x9e3779b1);
  return new Uint8Array(words.buffer, 0, length);
}

export function describeStoreContract(
  name: string,
  open: () => Promise<OpenedStore>,
  { raceRounds, listingRuns, largeBytes }: ContractOptions,
): void {
  describe(`store contract: ${name}`, () => {
    let opened: OpenedStore;
    let store: Store;
    before(async () => {
      opened = await open();
      store = opened.store;
    });
    after(() => opened.close());

    describeObjects(() => store);
    describeReads(() => store);
    describeWriters(() => store, largeBytes);
    describeCreates(() => store, raceRounds);
    describeLists(open, listingRuns);
  });
}

function describeObjects(store: () => Store): void {
  it('gives back what was put, and the same facts by put, stat and list', async () => {
    const put = await store().put('objects/a', bytesOf('first'));
    assert.equal(textOf(await store().read('objects/a')), 'first');
    const stat = await store().stat('objects/a');
    const listed = (await store().list({ prefix: 'objects/a' })).objects[0];
    assert.equal(put.key, 'objects/a');
    assert.equal(put.size, 5);
    assert.notEqual(put.etag, '');
    for (const seen of [stat, listed]) {
      assert.deepEqual({ ...seen, lastModified: 0 }, { ...put, lastModified: 0 });
    }
    assert.ok(Math.abs(stat!.lastModified - put.lastModified) < 60_000);
  });

  it('replaces: new bytes, new etag, and a read pinned to the old one fails as changed', async () => {
    const old = await store().put('objects/b', bytesOf('old'));
    const pinned = objectSource(store(), old);
    assert.equal(textOf(await pinned.slice(1, 3)), 'ld');
    const fresh = await store().put('objects/b', bytesOf('new'));
    assert.notEqual(fresh.etag, old.etag);
    assert.equal(textOf(await store().read('objects/b', { ifMatch: fresh.etag })), 'new');
    await assert.rejects(pinned.slice(0, 3), hasCode('changed'));
    await assert.rejects(pinned.slice(0, 0), hasCode('changed'));
    await assert.rejects(pinned.slice(10, 20), hasCode('changed'));
  });

  it('tells what is missing, and deletes twice without complaint', async () => {
    assert.equal(await store().stat('objects/none'), undefined);
    await assert.rejects(store().read('objects/none'), hasCode('not-found'));
    await assert.rejects(store().read('objects/none', { start: 0, end: 0 }), hasCode('not-found'));
    await assert.rejects(store().read('objects/none', { ifMatch: '"x"' }), hasCode('not-found'));
    await store().put('objects/c', bytesOf('c'));
    await store().delete('objects/c');
    await store().delete('objects/c');
    assert.equal(await store().stat('objects/c'), undefined);
    assert.deepEqual(await listAll(store(), { prefix: 'objects/c' }), []);
  });

  it('takes a prefix for no object', async () => {
    await store().put('folder/in/a', bytesOf('a'));
    assert.equal(await store().stat('folder/in'), undefined);
    await assert.rejects(store().read('folder'), hasCode('not-found'));
    await store().delete('folder/in');
    assert.equal(textOf(await store().read('folder/in/a')), 'a');
  });

  it('refuses what can be no key', async () => {
    for (const key of ['', '/a', 'a/', 'a//b', '..', '../a', 'a/../b', './a', 'a\0b', '\ud800', 'x'.repeat(1025)]) {
      await assert.rejects(store().put(key, bytesOf('x')), hasCode('store'), JSON.stringify(key));
      await assert.rejects(store().read(key), hasCode('store'));
      await assert.rejects(store().putIfAbsent(key, bytesOf('x')), hasCode('store'));
      await assert.rejects(store().createWriter(key), hasCode('store'));
    }
  });

  it('keeps keys with characters that addresses and XML would rather not have', async () => {
    const keys = [
      'odd/a b+c',
      'odd/%41',
      'odd/?x=1&y=<2>',
      'odd/"q\'',
      'odd/é',
      'odd/日本',
      'odd/🚀',
      'odd/a=b,c;d@e:f',
    ];
    for (const key of keys) await store().put(key, bytesOf(key));
    for (const key of keys) assert.equal(textOf(await store().read(key)), key);
    assert.deepEqual(await listAll(store(), { prefix: 'odd/' }), [...keys].sort(compareKeys));
  });

  it('gives up at once when the signal is aborted, with the reason of whoever aborted', async () => {
    const reason = new TidemarkError('deadline', 'the deadline passed');
    const signal = AbortSignal.abort(reason);
    const calls = [
      () => store().stat('objects/a', signal),
      () => store().read('objects/a', { signal }),
      () => store().list({ prefix: '', signal }),
      () => store().put('objects/a', bytesOf('never'), signal),
      () => store().putIfAbsent('objects/never', bytesOf('never'), signal),
      () => store().createWriter('objects/never', signal),
      () => store().delete('objects/a', signal),
    ];
    for (const call of calls) await assert.rejects(call(), (error) => error === reason);
    assert.equal(textOf(await store().read('objects/a')), 'first');
  });

  it('counts requests and bytes', async () => {
    const counters = store().counters!;
    const start = { ...counters };
    await store().put('objects/counted', bytesOf('12345'));
    await store().read('objects/counted', { start: 1, end: 3 });
    await store().stat('objects/counted');
    await store().list({ prefix: 'objects/' });
    await store().delete('objects/counted');
    assert.deepEqual(
      [counters.put, counters.get, counters.head, counters.list, counters.delete].map(
        (count, i) => count - [start.put, start.get, start.head, start.list, start.delete][i]!,
      ),
      [1, 1, 1, 1, 1],
    );
    assert.equal(counters.writtenBytes - start.writtenBytes, 5);
    assert.equal(counters.readBytes - start.readBytes, 2);
  });
}

function describeReads(store: () => Store): void {
  it('reads half-open ranges and clamps them', async () => {
    const bytes = patternBytes(10_000);
    const { etag } = await store().put('reads/a', bytes);
    const ranges: [number | undefined, number | undefined][] = [
      [undefined, undefined],
      [0, 10_000],
      [0, 1],
      [9_999, 10_000],
      [123, 4_567],
      [5_000, undefined],
      [undefined, 5_000],
      [9_990, 20_000],
      [10_000, 10_001],
      [20_000, 30_000],
      [7, 7],
      [9, 3],
    ];
    for (const [start, end] of ranges) {
      const options = {
        ...(start === undefined ? {} : { start }),
        ...(end === undefined ? {} : { end }),
        ifMatch: etag,
      };
      const expected = bytes.slice(start ?? 0, Math.max(start ?? 0, end ?? bytes.length));
      assert.deepEqual(await store().read('reads/a', options), expected, `${start}..${end}`);
    }
  });

  it('hands out memory of its own, so that it can be moved to another thread', async () => {
    await store().put('reads/small', bytesOf('small'));
    const bytes = await store().read('reads/small', { start: 1, end: 4 });
    assert.equal(Object.getPrototypeOf(bytes), Uint8Array.prototype);
    assert.equal(bytes.byteLength, bytes.buffer.byteLength);
  });

  it('reads an empty object', async () => {
    await store().put('reads/empty', new Uint8Array(0));
    assert.equal((await store().read('reads/empty')).length, 0);
    assert.equal((await store().read('reads/empty', { start: 0, end: 10 })).length, 0);
    assert.equal((await store().stat('reads/empty'))!.size, 0);
  });
}

function describeWriters(store: () => Store, largeBytes: number): void {
  it('streams: nothing to be seen before close, all of it after', async () => {
    const bytes = patternBytes(largeBytes);
    const writer = await store().createWriter('writers/large');
    const chunk = new Uint8Array(64 * 1024 + 1);
    for (let at = 0; at < bytes.length; at += chunk.length) {
      const part = bytes.subarray(at, at + chunk.length);
      chunk.set(part);
      await writer.write(chunk.subarray(0, part.length));
      chunk.fill(0xee); // the writer owns nothing of ours once `write` resolves
    }
    assert.equal(await store().stat('writers/large'), undefined);
    assert.deepEqual(await listAll(store(), { prefix: 'writers/large' }), []);
    const info = await writer.close();
    assert.equal(info.size, largeBytes);
    const stat = await store().stat('writers/large');
    assert.equal(stat!.etag, info.etag);
    assert.ok(Buffer.from(bytes).equals(await store().read('writers/large', { ifMatch: info.etag })));
  });

  it('streams one chunk that is larger than all buffers, a short one, and none at all', async () => {
    for (const length of [largeBytes, 3, 0]) {
      const writer = await store().createWriter('writers/sizes');
      if (length > 0) await writer.write(patternBytes(length));
      const info = await writer.close();
      assert.equal(info.size, length);
      assert.ok(Buffer.from(patternBytes(length)).equals(await store().read('writers/sizes', { ifMatch: info.etag })));
    }
  });

  it('aborts: nothing left behind, the object of that name stays', async () => {
    await store().put('writers/kept', bytesOf('kept'));
    for (const length of [10, largeBytes]) {
      const writer = await store().createWriter('writers/kept');
      await writer.write(patternBytes(length));
      await writer.abort();
      await writer.abort();
      await assert.rejects(writer.write(bytesOf('x')), hasCode('internal'));
      await assert.rejects(writer.close(), hasCode('internal'));
    }
    assert.equal(textOf(await store().read('writers/kept')), 'kept');
    assert.equal(await store().abortUnfinishedUploads!('', -60_000), 0);
  });

  it('finds what a crashed writer left under a prefix, if it is old enough', async () => {
    const writer = await store().createWriter('writers/crashed');
    await writer.write(patternBytes(largeBytes));
    assert.equal(await store().abortUnfinishedUploads!('writers/', 3_600_000), 0);
    assert.equal(await store().abortUnfinishedUploads!('elsewhere/', -60_000), 0);
    assert.equal(await store().abortUnfinishedUploads!('writers/', -60_000), 1);
    // A part that was still under way may have landed since; the writer waits for it and takes it along.
    await writer.abort();
    assert.equal(await store().abortUnfinishedUploads!('', -60_000), 0);
    assert.equal(await store().stat('writers/crashed'), undefined);
  });

  it('stops a stream whose signal is aborted and leaves nothing', async () => {
    const stop = new AbortController();
    const writer = await store().createWriter('writers/stopped', stop.signal);
    await writer.write(patternBytes(largeBytes));
    const reason = new Error('enough');
    stop.abort(reason);
    await assert.rejects(writer.close(), (error) => error === reason);
    await writer.abort();
    assert.equal(await store().stat('writers/stopped'), undefined);
    assert.equal(await store().abortUnfinishedUploads!('', -60_000), 0);
  });
}

function describeCreates(store: () => Store, raceRounds: number): void {
  it('creates only where nothing is', async () => {
    assert.equal(await store().putIfAbsent('creates/a', bytesOf('first')), 'created');
    assert.equal(await store().putIfAbsent('creates/a', bytesOf('second')), 'exists');
    assert.equal(textOf(await store().read('creates/a')), 'first');
    await store().delete('creates/a');
    assert.equal(await store().putIfAbsent('creates/a', bytesOf('third')), 'created');
    assert.equal(textOf(await store().read('creates/a')), 'third');
  });

  it(`lets exactly one of ${RACER_COUNT} racers win, in each of ${raceRounds} rounds`, async () => {
    for (let round = 0; round < raceRounds; round++) {
      const key = `creates/race-${round}`;
      const racers = Array.from({ length: RACER_COUNT }, (_, racer) =>
        store().putIfAbsent(key, bytesOf(`racer ${racer}`)),
      );
      const winners = (await Promise.all(racers)).flatMap((answer, racer) => (answer === 'created' ? [racer] : []));
      assert.equal(winners.length, 1, `round ${round}`);
      assert.equal(textOf(await store().read(key)), `racer ${winners[0]}`);
    }
  });

  it('is found to honour conditions, and the probe leaves nothing', async () => {
    assert.equal(await probeConditionalWrites(store()), 'honoured');
    assert.deepEqual(await listAll(store(), { prefix: 'probes/' }), []);
  });
}
