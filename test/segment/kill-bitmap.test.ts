import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { TidemarkError } from '#src/base/errors.js';
import { countBits, decodeKillBitmap, encodeKillBitmap, isKilled } from '#src/segment/kill-bitmap.js';

const SHA = 'ab'.repeat(32);

function bitsOf(docs: number, killed: readonly number[]): Uint8Array {
  const bits = new Uint8Array(Math.ceil(docs / 8));
  for (const docId of killed) bits[docId >> 3]! |= 1 << (docId & 7);
  return bits;
}

test('what is encoded comes back, in both encodings', () => {
  const encodings = new Set<number>();
  const killedOf = (docs: number) => fc.uniqueArray(fc.nat(docs - 1), { maxLength: docs, size: 'max' });
  const drawn = fc.integer({ min: 1, max: 400 }).chain((docs) => killedOf(docs).map((killed) => ({ docs, killed })));
  const property = fc.property(drawn, ({ docs, killed }) => {
    const bytes = encodeKillBitmap(SHA, docs, bitsOf(docs, killed));
    encodings.add(bytes[12]!);
    const payload = bytes.length - 64;
    assert.ok(payload <= Math.ceil(docs / 8) && payload <= killed.length * 2);
    const decoded = decodeKillBitmap(bytes, {}, { sha256: SHA, docs });
    assert.equal(decoded.killed, killed.length);
    assert.equal(countBits(decoded.bits), killed.length);
    for (let docId = 0; docId < docs; docId++) assert.equal(isKilled(decoded.bits, docId), killed.includes(docId));
  });
  fc.assert(property, { seed: 20260504, numRuns: 200 });
  assert.deepEqual([...encodings].sort(), [0, 1]);
});

test('every flipped byte and every cut is found', () => {
  for (const killed of [[1, 5, 99], Array.from({ length: 60 }, (_, i) => i * 2)]) {
    const bytes = encodeKillBitmap(SHA, 120, bitsOf(120, killed));
    for (let at = 0; at < bytes.length; at++) {
      const flipped = bytes.slice();
      flipped[at]! ^= 1 << (at % 8);
      assert.throws(() => decodeKillBitmap(flipped, {}), isCorrupt, `byte ${at}`);
      assert.throws(() => decodeKillBitmap(bytes.subarray(0, at), {}), isCorrupt, `cut at ${at}`);
    }
  }
});

test('a bitmap is refused for any segment but its own', () => {
  const bytes = encodeKillBitmap(SHA, 10, bitsOf(10, [3]));
  assert.throws(() => decodeKillBitmap(bytes, {}, { sha256: 'cd'.repeat(32), docs: 10 }), isCorrupt);
  assert.throws(() => decodeKillBitmap(bytes, {}, { sha256: SHA, docs: 11 }), isCorrupt);
});

function isCorrupt(error: unknown): boolean {
  return error instanceof TidemarkError && error.code === 'corrupt';
}
