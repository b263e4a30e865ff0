import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import type { ByteSource } from '#src/base/bytes.js';
import { TidemarkError } from '#src/base/errors.js';
import type { ColumnRequest } from '#src/decode/columns.js';
import { openInput } from '#src/decode/input.js';
import { decodeExcerpt } from '#src/decode/parquet-decoder.js';
import { columnValues, loadBytes, openBytes } from './fixtures.js';

const NAME = [{ name: 'name', shape: 'text' }] as const;
const MB = 2 ** 20;

/** Memory of the decoder in use (views handed to `use` lie in it), after a file with a hole of `holeBytes`. */
function decoderBytes(holeBytes = 0): number {
  const excerpt = withHole(loadBytes('codec-none-v1-plain.parquet'), holeBytes);
  return decodeExcerpt(excerpt, 0, 1, (columns) => columns[0]!.buffers[0]!.buffer.byteLength);
}

/** A source that notes what is read. */
function watchedSource(bytes: Uint8Array): { source: ByteSource; reads: (readonly [number, number])[] } {
  const reads: (readonly [number, number])[] = [];
  const slice = async (start: number, end: number) => {
    reads.push([start, end]);
    return bytes.slice(start, end);
  };
  return { source: { byteLength: bytes.length, slice }, reads };
}

/** The file with a hole of `byteCount` zeroes between its pages and its footer: offsets stay, only the footer moves. */
function withHole(bytes: Uint8Array, byteCount: number): Uint8Array {
  const footerBytes = new DataView(bytes.buffer).getUint32(bytes.length - 8, true) + 8;
  const out = new Uint8Array(bytes.length + byteCount);
  out.set(bytes.subarray(0, bytes.length - footerBytes));
  out.set(bytes.subarray(bytes.length - footerBytes), out.length - footerBytes);
  return out;
}

test('a large file is read by ranges: head, tail, then the wanted pages alone', async () => {
  const file = 'pages-small-v1.parquet';
  const { source, reads } = watchedSource(withHole(loadBytes(file), 3 * MB));
  const input = await openInput(source, { key: file });
  assert.deepEqual(
    reads.map(([start, end]) => end - start).sort((a, b) => a - b),
    [16, 64 * 1024],
  );
  reads.length = 0;
  const { name } = await input.readRows({ rowGroup: 1, rowStart: 0, rowEnd: 10, columns: NAME });
  assert.equal(name?.rows, 10);
  assert.equal(reads.length, 1);
  const stored = input.storage.find((column) => column.name === 'name')!;
  assert.ok(reads[0]![1] - reads[0]![0] < stored.compressedBytes!, 'only one row group of one column is read');
  await input.readRows({ rowGroup: 1, rowStart: 10, rowEnd: 20, columns: NAME });
  assert.equal(reads.length, 1, 'the next rows of the same row group come from what was read');
});

test('a small file is read in one request', async () => {
  const { source, reads } = watchedSource(loadBytes('pages-small-v1.parquet'));
  const input = await openInput(source, { key: 'small' });
  await input.readRows({ rowGroup: 0, rowStart: 0, rowEnd: 10, columns: NAME });
  assert.equal(reads.length, 1);
});

test('a column that the file lacks is undefined in the answer', async () => {
  for (const file of ['rows-one.parquet', 'long-lz4.arrow', 'long-zstd.arrows']) {
    const input = await openBytes(loadBytes(file), file);
    const columns = [...NAME, { name: 'absent', shape: 'i64' }] as const;
    const answer = await input.readRows({ rowGroup: 0, rowStart: 0, rowEnd: 1, columns });
    assert.deepEqual(Object.keys(answer).sort(), ['absent', 'name']);
    assert.equal(answer.absent, undefined);
    assert.equal(answer.name?.rows, 1);
  }
});

test('one encrypted column leaves the others readable', async () => {
  const file = 'bad-encrypted-column.parquet';
  const input = await openBytes(loadBytes(file), file);
  const { id } = await input.readRows({
    rowGroup: 0,
    rowStart: 0,
    rowEnd: 2,
    columns: [{ name: 'id', shape: 'text' }],
  });
  assert.deepEqual(columnValues(id!), ['pkg-000', 'pkg-001']);
});

test('a decoder that trapped is never used again; one that gave an error is', async () => {
  const read = async (file: string, columns: readonly ColumnRequest[]) => {
    const input = await openBytes(loadBytes(file), file);
    return input.readRows({ rowGroup: 0, rowStart: 0, rowEnd: 3, columns });
  };
  const grown = decoderBytes(8 * MB);
  assert.ok(grown > 8 * MB);
  await assert.rejects(read('bad-pages.parquet', NAME), /column 'name'/);
  assert.equal(decoderBytes(), grown);
  await assert.rejects(read('bad-trap.parquet', [{ name: 'id', shape: 'text' }]), /stopped in the middle/);
  assert.ok(decoderBytes() < grown);
});

test('a trapped decoder is replaced, and files opened before go on', async () => {
  const good = await openBytes(loadBytes('types-strings.parquet'), 'good');
  const rows = { rowGroup: 0, rowStart: 0, rowEnd: 3, columns: [{ name: 'text', shape: 'text' }] } as const;
  const before = columnValues((await good.readRows(rows)).text!);
  for (let i = 0; i < 3; i++) {
    const bad = await openBytes(loadBytes('bad-trap.parquet'), 'bad');
    const reading = bad.readRows({ rowGroup: 0, rowStart: 0, rowEnd: 3, columns: [{ name: 'id', shape: 'text' }] });
    await assert.rejects(reading, /the decoder stopped in the middle of it/);
    assert.deepEqual(columnValues((await good.readRows(rows)).text!), before);
  }
});

test('reads side by side, one of them failing, do not disturb each other', async () => {
  const files = ['pages-small-v1.parquet', 'pages-small-v2.parquet', 'bad-trap.parquet', 'codec-zstd-v1-plain.parquet'];
  const inputs = await Promise.all(files.map((file) => openBytes(loadBytes(file), file)));
  const read = (i: number) =>
    inputs[i]!.readRows({ rowGroup: 0, rowStart: 2, rowEnd: 6, columns: [{ name: 'id', shape: 'text' }] });
  const alone = await Promise.allSettled(files.map((_, i) => read(i)));
  assert.deepEqual(
    alone.map(({ status }) => status),
    ['fulfilled', 'fulfilled', 'rejected', 'fulfilled'],
  );
  for (let round = 0; round < 5; round++) {
    const together = await Promise.allSettled(files.flatMap((_, i) => [read(i), read(i)]));
    together.forEach((outcome, i) => {
      if (outcome.status === 'fulfilled') {
        assert.deepEqual(outcome.value, (alone[i >> 1] as PromiseFulfilledResult<unknown>).value);
      } else assert.equal(i >> 1, 2);
    });
  }
});

test('memory of the decoder stays flat over many files', async () => {
  const file = 'pages-small-v2.parquet';
  const bytes = loadBytes(file);
  const readOnce = async () => {
    const input = await openBytes(bytes, file);
    const columns = [...NAME, { name: 'tags', shape: 'keyword' }] as const;
    await input.readRows({ rowGroup: 0, rowStart: 0, rowEnd: 130, columns });
    input.close();
  };
  for (let i = 0; i < 20; i++) await readOnce();
  const before = decoderBytes();
  for (let i = 0; i < 500; i++) await readOnce();
  assert.equal(decoderBytes(), before);
});

test('a read is stopped on request, before and while bytes are fetched', async () => {
  const bytes = loadBytes('pages-small-v1.parquet');
  const stop = new AbortController();
  const slice = async (start: number, end: number) => {
    if (start > 16) stop.abort();
    return bytes.slice(start, end);
  };
  const padded = withHole(bytes, 3 * MB);
  const { source } = watchedSource(padded);
  const input = await openInput(
    { byteLength: padded.length, slice: (a, b) => (a > MB || b <= 16 ? source.slice(a, b) : slice(a, b)) },
    { key: 'x' },
  );
  const request = { rowGroup: 1, rowStart: 0, rowEnd: 5, columns: NAME, signal: stop.signal };
  const isCancelled = (error: unknown) => error instanceof TidemarkError && error.code === 'cancelled';
  await assert.rejects(input.readRows(request), isCancelled);
  assert.ok(stop.signal.aborted);
  await assert.rejects(input.readRows(request), isCancelled);
  const { name } = await input.readRows({ ...request, signal: undefined });
  assert.equal(name?.rows, 5);
});

test('errors of the source pass through as they are', async () => {
  const padded = withHole(loadBytes('pages-small-v1.parquet'), 3 * MB);
  const gone = new TidemarkError('changed', 'the object was rewritten');
  const slice = async (start: number, end: number) => {
    if (start > 16 && start < MB) throw gone;
    return padded.slice(start, end);
  };
  const input = await openInput({ byteLength: padded.length, slice }, { key: 'x' });
  const reading = input.readRows({ rowGroup: 1, rowStart: 0, rowEnd: 5, columns: NAME });
  await assert.rejects(reading, (error) => error === gone);
});

test('columns decoded in worker threads arrive moved, not copied', async () => {
  const workers = [0, 1].map(() => new Worker(new URL('./decode-worker.js', import.meta.url)));
  try {
    const answers = await Promise.all(
      workers.map(
        (worker) =>
          new Promise<{ text: string; leftBytes: number; movedBytes: number }>((resolve, reject) => {
            let movedBytes = 0;
            worker.once('error', reject).on('message', (message) => {
              if (message.moved === undefined) resolve({ ...message, movedBytes });
              else movedBytes = message.moved.byteLength;
            });
          }),
      ),
    );
    for (const { text, leftBytes, movedBytes } of answers) {
      assert.equal(text, 'twelve bytesthirteen bytes日本語');
      assert.deepEqual([leftBytes, movedBytes], [0, Buffer.byteLength(text)]);
    }
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
});
