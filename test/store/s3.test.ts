import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { after, before, beforeEach, describe, it } from 'node:test';
import { describeError, TidemarkError } from '#src/base/errors.js';
import { type Clock, systemClock } from '#src/base/time.js';
import { openStore } from '#src/store/open.js';
import { probeConditionalWrites } from '#src/store/probe.js';
import { openS3Store } from '#src/store/s3.js';
import type { Store } from '#src/store/store.js';
import { type S3Fault, type S3RequestKind, type S3TestServer, startS3Server } from '../support/s3-handler.js';
import { describeStoreContract, patternBytes } from './contract.js';

const PART_BYTES = 100_000;

/** As the system's, but waits for nothing: retries come at once, and are told. */
function hastyClock(): Clock & { readonly sleeps: number[] } {
  const sleeps: number[] = [];
  const sleep = async (ms: number) => void sleeps.push(ms);
  return { ...systemClock, sleep, sleeps };
}

const hasCode = (code: string) => (error: unknown) => error instanceof TidemarkError && error.code === code;
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

function useCredentials({ credentials }: S3TestServer): void {
  process.env.AWS_ACCESS_KEY_ID = credentials.accessKeyId;
  process.env.AWS_SECRET_ACCESS_KEY = credentials.secretAccessKey;
  process.env.AWS_EC2_METADATA_DISABLED = 'true';
}

for (const integrity of ['auto', 'on'] as const) {
  describeStoreContract(
    `the in-process S3 server, integrity ${integrity}`,
    async () => {
      const server = await startS3Server();
      useCredentials(server);
      const config = { uri: `s3://${server.bucket}/${randomUUID()}`, endpoint: server.endpoint, integrity };
      const store = await openS3Store(config, systemClock, { partBytes: PART_BYTES });
      const close = async () => {
        store.close();
        await server.close();
      };
      return { store, close };
    },
    { raceRounds: 10, listingRuns: 200, largeBytes: 7 * PART_BYTES + 123 },
  );
}

describe('S3 store under faults', () => {
  let server: S3TestServer;
  let store: Store;
  const clock = hastyClock();
  before(async () => {
    server = await startS3Server();
    useCredentials(server);
    const config = { uri: `s3://${server.bucket}/p`, endpoint: server.endpoint };
    store = await openS3Store(config, clock, { partBytes: PART_BYTES, maxSockets: 4 });
  });
  beforeEach(() => {
    server.setFaults(undefined);
    clock.sleeps.length = 0;
    server.log.length = 0;
  });
  after(async () => {
    store.close();
    await server.close();
  });

  /** The first `count` requests of a kind fail so. */
  const failFirst = (count: number, wanted: S3RequestKind, fault: S3Fault) =>
    server.setFaults((kind, _, nth) => (kind === wanted && nth <= count ? fault : undefined));

  it('says exists after its own lost answer, with its own bytes stored', async () => {
    for (const [i, fault] of (['lost-answer', { status: 500, when: 'after' }] as const).entries()) {
      failFirst(1, 'put', fault);
      assert.equal(await store.putIfAbsent(`lost-${i}`, bytesOf('mine')), 'exists');
      assert.deepEqual(await store.read(`lost-${i}`), bytesOf('mine'));
    }
  });

  it('tries a conditional create again after a conflict, a bounded number of times', async () => {
    failFirst(1, 'put', { status: 409, when: 'before' });
    assert.equal(await store.putIfAbsent('conflict', bytesOf('x')), 'created');
    assert.equal(clock.sleeps.length, 1);
    failFirst(1_000, 'put', { status: 409, when: 'before' });
    server.log.length = 0;
    await assert.rejects(store.putIfAbsent('conflict-2', bytesOf('x')), hasCode('store'));
    assert.equal(server.log.length, 6);
    assert.equal(await store.stat('conflict-2'), undefined);
  });

  it('tells a taken key from a failure: 412 is never tried again', async () => {
    failFirst(1, 'put', { status: 412, when: 'before' });
    assert.equal(await store.putIfAbsent('taken', bytesOf('x')), 'exists');
    assert.deepEqual(server.log, ['put p/taken']);
  });

  it('comes back after it was asked to slow down twice, whatever the request', async () => {
    await store.put('slow', bytesOf('slow'));
    const calls: [S3RequestKind, () => Promise<unknown>][] = [
      ['put', () => store.put('slow', bytesOf('slow'))],
      ['get', () => store.read('slow')],
      ['head', () => store.stat('slow')],
      ['list', () => store.list({ prefix: '' })],
      ['delete', () => store.delete('slow-2')],
    ];
    for (const fault of [{ status: 503, when: 'before' }, { status: 500, when: 'before' }, 'dropped'] as const) {
      for (const [kind, call] of calls) {
        failFirst(2, kind, fault);
        const retriesBefore = store.counters!.retries;
        await call();
        assert.equal(store.counters!.retries - retriesBefore, 2, `${kind} ${JSON.stringify(fault)}`);
      }
    }
  });

  it('waits longer each time, at random, and longer still when asked to slow down', async () => {
    const waits = async (status: 500 | 503) => {
      clock.sleeps.length = 0;
      failFirst(1_000, 'head', { status, when: 'before' });
      await assert.rejects(store.stat('waits'), hasCode('store'));
      return [...clock.sleeps];
    };
    for (const [status, base] of [
      [500, 50],
      [503, 400],
    ] as const) {
      const sleeps = await waits(status);
      assert.equal(sleeps.length, 5);
      for (const [i, ms] of sleeps.entries()) assert.ok(ms >= 0 && ms <= Math.min(5_000, base * 2 ** i));
    }
  });

  it('asks again for a body that was cut, and never gives short bytes', async () => {
    const bytes = patternBytes(300_000);
    const { etag } = await store.put('cut', bytes);
    const config = { uri: store.uri, endpoint: server.endpoint };
    // With checksums on, the SDK puts a stream of its own between the socket and us.
    for (const integrity of ['off', 'on'] as const) {
      const reader = await openS3Store({ ...config, integrity }, clock);
      for (const cutAt of [0, 1, 100_000, 299_999]) {
        failFirst(1, 'get', { cutAt });
        assert.ok(Buffer.from(bytes).equals(await reader.read('cut', { ifMatch: etag })), `cut at ${cutAt}`);
        failFirst(1_000, 'get', { cutAt });
        await assert.rejects(reader.read('cut'), hasCode('store'));
        await assert.rejects(reader.read('cut', { start: 0, end: 300_000 }), hasCode('store'));
      }
      reader.close();
    }
    failFirst(1, 'list', { cutAt: 60 });
    assert.equal((await store.list({ prefix: 'cut' })).objects.length, 1);
  });

  it('refuses a store that sends the whole object for a range, or does not say how much it sends', async () => {
    await store.put('ranges', patternBytes(1_000));
    failFirst(1_000, 'get', 'plain-range');
    await assert.rejects(store.read('ranges', { start: 10, end: 20 }), hasCode('store'));
    await assert.rejects(store.read('ranges', { start: 0, end: 20 }), hasCode('store'));
    assert.equal((await store.read('ranges', { start: 0, end: 5_000 })).length, 1_000);
    failFirst(1, 'get', 'no-length');
    await assert.rejects(store.read('ranges'), /does not say how long/);
  });

  it('leaks no socket over 200 failed reads with four sockets', async () => {
    await store.put('leak', patternBytes(500_000));
    const reads = Array.from({ length: 200 }, () => store.read('leak', { ifMatch: '"other"' }));
    for (const read of await Promise.allSettled(reads)) {
      assert.ok(read.status === 'rejected' && hasCode('changed')(read.reason));
    }
    failFirst(1_000, 'get', 'plain-range');
    await Promise.allSettled(Array.from({ length: 40 }, () => store.read('leak', { start: 5, end: 6 })));
    server.setFaults(undefined);
    assert.equal((await store.read('leak')).length, 500_000);
    assert.ok((await server.connectionCount()) <= 4);
  });

  it('stops at once when the signal is aborted: waiting for an answer, in a body, and between attempts', async () => {
    await store.put('hang', patternBytes(100_000));
    const reason = new TidemarkError('deadline', 'the deadline passed');
    const abortedWhile = async (fault: S3Fault, call: (signal: AbortSignal) => Promise<unknown>) => {
      const stop = new AbortController();
      // The server has the request when the hook is asked, so the abort always meets a call under way.
      server.setFaults(() => {
        setImmediate(() => stop.abort(reason));
        return fault;
      });
      await assert.rejects(call(stop.signal), (error) => error === reason);
    };
    const abortedInBody = async (key: string, length: number) => {
      const stop = new AbortController();
      server.setFaults(() => ({ stallAt: length / 2 }));
      const readBefore = store.counters!.readBytes;
      const read = store.read(key, { signal: stop.signal });
      while (store.counters!.readBytes < readBefore + length / 2) await new Promise(setImmediate);
      stop.abort(reason);
      await assert.rejects(read, (error) => error === reason);
    };
    await abortedWhile('hang', (signal) => store.read('hang', { signal }));
    await abortedWhile('hang', (signal) => store.list({ prefix: '', signal }));
    await abortedWhile('hang', (signal) => store.put('hang-2', bytesOf('x'), signal));
    await abortedWhile('hang', (signal) => store.putIfAbsent('hang-2', bytesOf('x'), signal));
    await abortedWhile('hang', (signal) => store.stat('hang', signal));
    await abortedInBody('hang', 100_000);
    const patient = await openS3Store(
      { uri: `s3://${server.bucket}/p`, endpoint: server.endpoint },
      { ...systemClock, sleep: (_, signal) => systemClock.sleep(3_600_000, signal) },
    );
    await abortedWhile({ status: 503, when: 'before' }, (signal) => patient.stat('hang', signal));
    patient.close();
  });

  it('lets many requests share one signal without a warning of leaks', async () => {
    const warnings: string[] = [];
    const note = (warning: Error) => void warnings.push(warning.name);
    process.on('warning', note);
    const { signal } = new AbortController();
    await Promise.all(Array.from({ length: 40 }, () => store.stat('shared', signal)));
    await new Promise(setImmediate);
    process.off('warning', note);
    assert.deepEqual(warnings, []);
  });

  it('retries parts, and leaves no upload behind when one fails for good', async () => {
    const bytes = patternBytes(6 * PART_BYTES + 5);
    server.setFaults((kind, _, nth) => (kind === 'put-part' && nth % 3 === 1 ? 'lost-answer' : undefined));
    const writer = await store.createWriter('parts');
    for (let at = 0; at < bytes.length; at += 33_333) await writer.write(bytes.subarray(at, at + 33_333));
    await writer.close();
    server.setFaults(undefined);
    assert.ok(Buffer.from(bytes).equals(await store.read('parts')));

    failFirst(1_000, 'put-part', { status: 403, when: 'before' });
    const broken = await store.createWriter('broken');
    await assert.rejects(async () => {
      await broken.write(bytes);
      await broken.close();
    }, hasCode('store'));
    assert.equal(await store.stat('broken'), undefined);
    assert.equal(server.content.uploads.size, 0);
    await assert.rejects(broken.close(), hasCode('internal'));
  });

  it('fails a writer whose upload was swept away under it', async () => {
    const writer = await store.createWriter('swept');
    await writer.write(patternBytes(4 * PART_BYTES));
    assert.equal(await store.abortUnfinishedUploads!('', -60_000), 1);
    await assert.rejects(writer.close(), hasCode('store'));
    assert.equal(await store.stat('swept'), undefined);
  });

  it('never completes an upload that lacks a part', async () => {
    for (const lacking of [1, 4]) {
      server.setFaults((kind, _, nth) =>
        kind === 'put-part' && nth === lacking ? { status: 403, when: 'before' } : undefined,
      );
      const writer = await store.createWriter('lacking');
      await assert.rejects(async () => {
        await writer.write(patternBytes(4 * PART_BYTES));
        await writer.close();
      }, hasCode('store'));
      assert.equal(await store.stat('lacking'), undefined);
      assert.equal(server.content.uploads.size, 0);
    }
  });

  it('finds its object when the answer to the completion was lost', async () => {
    const bytes = patternBytes(3 * PART_BYTES);
    failFirst(1, 'complete-upload', 'lost-answer');
    const writer = await store.createWriter('completed');
    await writer.write(bytes);
    const info = await writer.close();
    assert.equal(info.size, bytes.length);
    assert.deepEqual(await store.stat('completed'), info);
  });

  it('refuses answers without an ETag', async () => {
    await store.put('etag', bytesOf('x'));
    for (const kind of ['put', 'head', 'list'] as const) {
      failFirst(1, kind, 'no-etag');
      const calls = {
        put: () => store.put('etag', bytesOf('x')),
        head: () => store.stat('etag'),
        list: () => store.list({ prefix: '' }),
      };
      await assert.rejects(calls[kind](), (error) => hasCode('store')(error) && /ETag/.test((error as Error).message));
    }
  });

  it('is found out when it ignores conditions', async () => {
    server.setFaults(() => 'ignore-conditions');
    assert.equal(await probeConditionalWrites(store), 'ignored');
    assert.deepEqual((await store.list({ prefix: 'probes/' })).objects, []);
  });

  it('counts every attempt, and dates a listing by the answer', async () => {
    failFirst(2, 'list', { status: 500, when: 'before' });
    const listsBefore = store.counters!.list;
    const page = await store.list({ prefix: '' });
    assert.equal(store.counters!.list - listsBefore, 3);
    assert.equal(page.date % 1_000, 0, 'a Date header has whole seconds');
  });

  it('lets a store that is down fail fast once the budget for retries is used up', async () => {
    const fragile = await openS3Store({ uri: `s3://${server.bucket}/p`, endpoint: server.endpoint }, clock);
    failFirst(1_000, 'head', 'dropped');
    for (let i = 0; i < 25; i++) await assert.rejects(fragile.stat('down'), hasCode('store'));
    assert.equal(fragile.counters!.retries, 100);
    server.setFaults(undefined);
    assert.equal(await fragile.stat('down'), undefined);
    fragile.close();
  });
});

describe('opening a store', () => {
  it('refuses addresses that cannot work, without repeating what may be a secret', async () => {
    const endpoint = 'http://127.0.0.1:1';
    const configs = [
      { uri: 's3://' },
      { uri: 's3://key:hunter2@bucket/prefix' },
      { uri: 's3://bucket--usw2-az1--x-s3/prefix' },
      { uri: 's3://bucket/a//b' },
      { uri: 'gs://bucket/prefix' },
      { uri: 'http://bucket/prefix' },
      { uri: 's3://bucket', endpoint: 'http://user:hunter2@127.0.0.1:1' },
      { uri: 's3://bucket', endpoint: 'http://hunter2@127.0.0.1:1' },
      { uri: 's3://bucket', endpoint: '127.0.0.1:7070' },
      { uri: 's3://bucket', endpoint: `${endpoint}/path` },
    ];
    for (const config of configs) {
      await assert.rejects(openStore(config), (error) => {
        assert.ok(hasCode('config')(error), String(error));
        assert.notEqual((error as TidemarkError).fix, undefined);
        assert.doesNotMatch(describeError(error), /hunter2/);
        return true;
      });
    }
    const store = await openStore({ uri: 's3://bucket/prefix/', endpoint });
    assert.equal(store.uri, 's3://bucket/prefix');
    store.close();
  });

  it('says so when the credentials are wrong, and repeats none of them', async () => {
    const server = await startS3Server();
    useCredentials(server);
    process.env.AWS_SECRET_ACCESS_KEY = 'hunter2';
    const store = await openStore({ uri: `s3://${server.bucket}`, endpoint: server.endpoint });
    await assert.rejects(store.list({ prefix: '' }), (error) => {
      assert.ok(hasCode('store')(error));
      assert.match(describeError(error), /SignatureDoesNotMatch.*status 403.*secret key/);
      assert.doesNotMatch(describeError(error), /hunter2|TESTACCESSKEY/);
      return true;
    });
    store.close();
    await server.close();
  });

  it('loads the S3 client for s3 addresses only', () => {
    const program = `
      import { createRequire } from 'node:module';
      import { openStore } from '#src/store/open.js';
      const { cache } = createRequire(import.meta.url);
      const isLoaded = () => Object.keys(cache).some((file) => file.includes('client-s3'));
      await openStore({ uri: '.' });
      const before = isLoaded();
      await openStore({ uri: 's3://bucket', endpoint: 'http://127.0.0.1:1' });
      console.log(JSON.stringify([before, isLoaded()]));`;
    const out = execFileSync(process.execPath, ['--no-warnings', '--input-type=module', '--eval', program]);
    assert.deepEqual(JSON.parse(out.toString()), [false, true]);
  });
});
