/** Limits that random garbling seldom meets: each would cost memory, the stack or a needless download. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readMessage } from '#src/decode/arrow-metadata.js';
import { fetchRanges } from '#src/decode/byte-ranges.js';
import { decodeLz4Frame } from '#src/decode/lz4-frame.js';
import { readThrift } from '#src/decode/thrift.js';
import { loadBytes } from './fixtures.js';

const KB = 1024;

test('near ranges are fetched together, distant ones apart', async () => {
  const bytes = Uint8Array.from({ length: 900 * KB }, (_, i) => i % 251);
  const reads: number[][] = [];
  const slice = async (start: number, end: number) => {
    reads.push([start, end]);
    return bytes.slice(start, end);
  };
  const ranges = [800 * KB, 10, 100 * KB].map((start) => ({ start, end: start + 10 }));
  const fetched = await fetchRanges({ byteLength: bytes.length, slice }, ranges);
  assert.deepEqual(reads, [
    [10, 100 * KB + 10],
    [800 * KB, 800 * KB + 10],
  ]);
  for (const range of ranges) assert.deepEqual(fetched(range), bytes.slice(range.start, range.end));
});

test('thrift that nests without end is refused, structs and lists alike', () => {
  for (const byte of [0x1c, 0x19]) {
    assert.throws(() => readThrift(new Uint8Array(200_000).fill(byte)), {
      code: 'bad-data',
      message: /nests too deeply/,
    });
  }
});

test('a thrift list longer than its footer is refused before it is built', () => {
  // Field 1, a list of 2^31 - 1 bools.
  assert.throws(() => readThrift(Uint8Array.of(0x19, 0xf1, 0xff, 0xff, 0xff, 0xff, 0x07)), /in the middle of a list/);
});

test('an Arrow message with a garbled count is refused before its elements are built', () => {
  const stream = loadBytes('old-prefix.arrows');
  const view = new DataView(stream.buffer);
  const schemaBytes = view.getUint32(0, true);
  const start = 4 + schemaBytes + 4;
  const message = stream.slice(start, start + view.getUint32(4 + schemaBytes, true));
  const parsed = readMessage(message);
  assert.ok(parsed.kind === 'batch' && parsed.batch.rows === 24);
  const counts = new DataView(message.buffer);
  let patched = 0;
  for (let at = 0; at + 12 <= message.length; at += 4) {
    // The vector of nodes: its length, then the first node with its 24 rows.
    if (counts.getInt32(at, true) !== parsed.batch.nodes.length || counts.getBigInt64(at + 4, true) !== 24n) continue;
    counts.setInt32(at, 0x7fffffff, true);
    patched++;
  }
  assert.equal(patched, 1);
  assert.throws(() => readMessage(message), { code: 'bad-data', message: /impossible count/ });
});

test('lz4 frames that do not fill their buffer, or would overfill it, are refused', () => {
  // One block: token 0x10, one literal; no checksums, no content size.
  const frame = Uint8Array.of(0x04, 0x22, 0x4d, 0x18, 0x40, 0x40, 0xc0, 2, 0, 0, 0, 0x10, 0x61, 0, 0, 0, 0);
  const out = new Uint8Array(1);
  decodeLz4Frame(frame, out);
  assert.deepEqual(out, Uint8Array.of(0x61));
  for (const length of [0, 2]) assert.throws(() => decodeLz4Frame(frame, new Uint8Array(length)), { code: 'bad-data' });
  assert.throws(() => decodeLz4Frame(frame.subarray(0, 13), new Uint8Array(1)), /ends too early/);
});
