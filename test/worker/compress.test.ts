/** The compress task: what codec and level do to blocks. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type CompressionLevel, inflateBlock, type StoredCodec } from '#src/segment/compress.js';
import { compressBlock, compressBlocks } from '#src/worker/compress.js';
import { NO_CANCEL } from '../support/reference-shards.js';

const text = new TextEncoder().encode('a package for tables, a package for trees, a package for tests; '.repeat(200));

describe('compressing stored blocks', () => {
  it('gives back the block itself for none, and a smaller one at every level of deflate', () => {
    assert.equal(compressBlock(text, 'none', 0), text);
    for (let level = 1; level <= 9; level++) {
      const packed = compressBlock(text, 'deflate', level as CompressionLevel);
      assert.ok(packed.length < text.length / 4, `level ${level}: ${packed.length}`);
      assert.deepEqual(inflateBlock(packed, text.length, {}), text);
    }
  });

  it('keeps a block as it is where deflate would make it larger', () => {
    const noise = Uint8Array.from({ length: 64 }, (_, i) => (i * 167 + 13) & 255);
    assert.equal(compressBlock(noise, 'deflate', 9), noise);
  });

  it("cuts the task at its ends and follows the task's codec", () => {
    const task = (codec: StoredCodec, level: CompressionLevel) =>
      compressBlocks({ kind: 'compress', raw: text, ends: [5_000, text.length], codec, level, cancel: NO_CANCEL });
    assert.deepEqual(task('none', 0).lengths, [5_000, text.length - 5_000]);
    assert.deepEqual(task('none', 0).bytes, text);
    const { bytes, lengths } = task('deflate', 6);
    assert.deepEqual(inflateBlock(bytes.slice(0, lengths[0]), 5_000, {}), text.slice(0, 5_000));
    assert.deepEqual(inflateBlock(bytes.slice(lengths[0]), text.length - 5_000, {}), text.slice(5_000));
  });
});
