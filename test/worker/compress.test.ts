/** The compress task: what codec and level do to blocks. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Kernel } from '#src/kernel/kernel.js';
import { type CompressionLevel, inflateBlock, type StoredCodec } from '#src/segment/compress.js';
import { compressBlocks } from '#src/worker/compress.js';
import { NO_CANCEL } from '../support/reference-shards.js';

const text = new TextEncoder().encode('a package for tables, a package for trees, a package for tests; '.repeat(200));

const kernel = Kernel.create();

const compress = (raw: Uint8Array, ends: readonly number[], codec: StoredCodec, level: CompressionLevel) =>
  compressBlocks({ kind: 'compress', raw, ends, codec, level, cancel: NO_CANCEL }, kernel);

describe('compressing stored blocks', () => {
  it('gives back the block itself for none, and a smaller one at every level of deflate', () => {
    assert.deepEqual(compress(text, [text.length], 'none', 0).bytes, text);
    for (let level = 1; level <= 9; level++) {
      const { bytes } = compress(text, [text.length], 'deflate', level as CompressionLevel);
      assert.ok(bytes.length < text.length / 4, `level ${level}: ${bytes.length}`);
      assert.deepEqual(inflateBlock(bytes, text.length, {}), text);
    }
  });

  it('keeps a block as it is where deflate would make it larger', () => {
    const noise = Uint8Array.from({ length: 64 }, (_, i) => (i * 167 + 13) & 255);
    for (const level of [1, 9] as const) assert.deepEqual(compress(noise, [64], 'deflate', level).bytes, noise);
  });

  it("cuts the task at its ends and follows the task's codec", () => {
    const ends = [5_000, text.length];
    assert.deepEqual(compress(text, ends, 'none', 0).lengths, [5_000, text.length - 5_000]);
    for (const level of [1, 6] as const) {
      const { bytes, lengths } = compress(text, ends, 'deflate', level);
      assert.deepEqual(inflateBlock(bytes.slice(0, lengths[0]), 5_000, {}), text.slice(0, 5_000));
      assert.deepEqual(inflateBlock(bytes.slice(lengths[0]), text.length - 5_000, {}), text.slice(5_000));
    }
  });
});
