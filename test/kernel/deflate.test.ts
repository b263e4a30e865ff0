/** The kernel's DEFLATE encoder: what it writes, two decoders read; the same bytes as the plain reference; the size that was promised. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { inflateSync } from 'fflate';
import { bytesSource } from '#src/base/bytes.js';
import type { BytesColumn } from '#src/decode/columns.js';
import { openInput } from '#src/decode/input.js';
import { Kernel } from '#src/kernel/kernel.js';
import { deflateBlock } from '#src/segment/compress.js';
import { deflateBlocks } from '#src/worker/deflate-blocks.js';
import { readBlocks } from '../support/inflate.js';
import { sized } from '../support/reference-bytes.js';
import { codeLengths, referenceDeflate } from '../support/reference-deflate.js';

const kernel = Kernel.create();

/** Blocks through the encoder, in one call. */
function pack(blocks: readonly Uint8Array[], by = kernel): Uint8Array[] {
  let end = 0;
  const ends = blocks.map(({ length }) => (end += length));
  const { bytes, lengths } = deflateBlocks(by, Buffer.concat(blocks), ends);
  let at = 0;
  return lengths.map((length) => {
    at += length;
    return bytes.slice(at - length, at);
  });
}

const same = (a: Uint8Array, b: Uint8Array) => Buffer.from(a.buffer, a.byteOffset, a.length).equals(b);

/** Packs, and reads back by two decoders that are not ours; returns the packed bytes. */
function holds(raw: Uint8Array): Uint8Array {
  const [packed] = pack([raw]) as [Uint8Array];
  assert(packed.length <= raw.length, `${raw.length} bytes became ${packed.length}`);
  if (packed.length === raw.length) {
    assert(same(packed, raw), 'a kept block is the block');
    return packed;
  }
  assert(same(inflateRawSync(packed), raw), 'zlib reads other bytes');
  assert(same(inflateSync(packed, { out: new Uint8Array(raw.length) }), raw), 'fflate reads other bytes');
  return packed;
}

/** Seeded bytes of `kinds` values. */
function noise(bytes: number, kinds: number, seed: number): Uint8Array {
  let state = seed;
  return Uint8Array.from({ length: bytes }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state >>> 16) % kinds;
  });
}

const repeated = (bytes: number, period: number) => Uint8Array.from({ length: bytes }, (_, i) => (i % period) * 7);
const words = (bytes: number) => {
  const list = ['stream', 'parse', 'react', 'utils', 'json', 'http', 'client', 'a', 'of', 'für', '日本'];
  return Buffer.from([...noise(bytes, list.length, 5)].map((i) => list[i]).join(' ')).subarray(0, bytes);
};

/** Rows of real packages as the stored fields hold them: id, name. */
async function realRows(): Promise<Uint8Array[]> {
  const key = 'demo/data/packages-base/dt=2026-05-04/hour=00/minute=00/part-0000.parquet';
  const file = await openInput(bytesSource(new Uint8Array(readFileSync(key))), { key });
  const columns = ['package', 'name', 'summary'].map((name) => ({ name, shape: 'text' }) as const);
  const rows = await file.readRows({ rowGroup: 0, rowStart: 0, rowEnd: 2_000, columns });
  const [ids, names, summaries] = [rows.package, rows.name, rows.summary] as BytesColumn[] as [
    BytesColumn,
    BytesColumn,
    BytesColumn,
  ];
  const value = ({ offsets, data }: BytesColumn, row: number) => [...data.subarray(offsets[row]!, offsets[row + 1]!)];
  const rowsOf = (make: (row: number) => number[]) =>
    Uint8Array.from(Array.from({ length: 2_000 }, (_, row) => make(row)).flat());
  return [
    rowsOf((row) => sized(value(ids, row))),
    rowsOf((row) => [...sized(value(ids, row)), 1, ...sized(value(names, row))]),
    rowsOf((row) => [...sized(value(ids, row)), 1, ...sized(value(summaries, row))]),
  ].flatMap((all) =>
    Array.from({ length: Math.ceil(all.length / 16_384) }, (_, i) => all.slice(i << 14, (i + 1) << 14)),
  );
}

/** Pieces of any kind, one after the other: repeats near and far, noise, runs of one byte. */
const anyBlock = fc
  .array(
    fc.oneof(
      fc
        .tuple(fc.nat(3_000), fc.integer({ min: 1, max: 256 }), fc.nat(9))
        .map(([n, kinds, seed]) => noise(n, kinds, seed)),
      fc.tuple(fc.nat(4_000), fc.integer({ min: 1, max: 300 })).map(([n, period]) => repeated(n, period)),
      fc.nat(40_000).map((n) => words(n)),
      fc.uint8Array({ maxLength: 40 }),
    ),
    { maxLength: 6 },
  )
  .map((pieces) => new Uint8Array(Buffer.concat(pieces)));

describe('deflateBlocks', () => {
  it('gives back any block', () => {
    fc.assert(
      fc.property(anyBlock, (raw) => void holds(raw)),
      { seed: 21, numRuns: 150 },
    );
  });

  it('equals the reference, byte for byte', () => {
    const equal = (raw: Uint8Array) => assert(same(holds(raw), referenceDeflate(raw)), `${raw.length} bytes differ`);
    fc.assert(fc.property(anyBlock, equal), { seed: 22, numRuns: 25 });
  });

  it('gives back the shortest blocks and those about the length of a chunk', () => {
    for (let length = 0; length <= 40; length++) {
      for (const kinds of [1, 2, 256]) holds(noise(length, kinds, length));
    }
    for (const around of [32_768, 65_536]) {
      for (const length of [-9, -8, -1, 0, 1, 7, 8, 9, 17].map((more) => around + more)) {
        holds(noise(length, 256, 1));
        holds(words(length));
        holds(repeated(length, 1));
      }
    }
  });

  it('uses every type of block where it is the cheapest', () => {
    const typesOf = (raw: Uint8Array) => readBlocks(holds(raw)).map(({ type }) => type);
    assert.deepEqual(typesOf(Buffer.from('abcabcabcabcabcabcabc')), ['fixed']);
    assert.deepEqual(typesOf(words(16_384)), ['dynamic']);
    assert.deepEqual(typesOf(Buffer.concat([noise(32_768, 256, 1), words(32_768)])), ['stored', 'dynamic']);
    assert.deepEqual(typesOf(Buffer.concat([words(32_768), noise(32_768, 256, 1), Buffer.from('end')])), [
      'dynamic',
      'stored',
      'fixed',
    ]);
  });

  it('keeps what would not shrink as it is', () => {
    for (const length of [0, 1, 5, 1_000, 16_384, 100_000]) {
      const raw = noise(length, 256, 3);
      assert(same(holds(raw), raw));
    }
  });

  it('finds matches as far as 32 KiB less one, and of 258 bytes', () => {
    const far = noise(300, 256, 8);
    const gap = (bytes: number) => new Uint8Array(Buffer.concat([far, repeated(bytes - 300, 1), far, far]));
    const distancesOf = (raw: Uint8Array) => readBlocks(holds(raw)).flatMap(({ distances }) => distances);
    assert.equal(Math.max(...distancesOf(gap(32_767))), 32_767);
    assert(Math.max(...distancesOf(gap(32_768))) < 32_768);
    assert(Math.max(...distancesOf(gap(50_000))) < 32_768);
    const lengths = readBlocks(holds(repeated(5_000, 1))).flatMap(({ lengths }) => lengths);
    assert.equal(Math.max(...lengths), 258);
  });

  it('never gives a code more bits than the format allows', () => {
    // Counts that grow as Fibonacci's numbers make the deepest tree there is.
    const counts = [1, 1];
    while (counts.length < 21) counts.push(counts.at(-1)! + counts.at(-2)!);
    const skewed = new Uint8Array(Buffer.concat(counts.map((count, byte) => new Uint8Array(count).fill(byte * 5))));
    // Shuffled, so that matches take few of the rare ones away.
    const [high, low] = [noise(skewed.length, 256, 4), noise(skewed.length, 256, 5)];
    const key = (at: number) => high[at]! * 256 + low[at]!;
    const order = Array.from(skewed.keys()).sort((a, b) => key(a) - key(b));
    const raw = Uint8Array.from(order, (at) => skewed[at]!);
    const blocks = readBlocks(holds(raw.subarray(0, 32_768)));
    assert.equal(Math.max(...blocks.flatMap(({ literalBits }) => literalBits)), 12, 'the limit is met');
    assert(Math.max(...blocks.flatMap(({ distanceBits }) => distanceBits)) <= 15);
    assert.equal(
      codeLengths(counts, 12).reduce((sum, bits) => sum + 2 ** -bits, 0),
      1,
      'no code is left over',
    );
  });

  it('gives the same bytes in any instance, after any other blocks, in any company', () => {
    const blocks = [words(16_384), noise(20_000, 40, 2), repeated(70_000, 33), noise(9, 256, 1), words(700)];
    const alone = blocks.map((block) => pack([block], Kernel.create())[0]!);
    const together = pack(blocks);
    const backwards = pack(blocks.toReversed()).toReversed();
    blocks.forEach((_, i) => {
      assert(same(together[i]!, alone[i]!), `block ${i} depends on those before`);
      assert(same(backwards[i]!, alone[i]!), `block ${i} depends on those before`);
    });
  });

  it('gives back real rows, within 5 % of level 4 of fflate and below a code without matches', async () => {
    const blocks = await realRows();
    const total = (sizes: readonly number[]) => sizes.reduce((sum, size) => sum + size, 0);
    const own = total(blocks.map((raw) => holds(raw).length));
    const fflate = total(blocks.map((raw) => deflateBlock(raw, 4)!.length));
    const plain = total(blocks.map((raw) => deflateRawSync(raw, { strategy: constants.Z_HUFFMAN_ONLY }).length));
    assert(own <= 1.05 * fflate, `${own} bytes against ${fflate}`);
    assert(own < 0.9 * plain, `${own} bytes against ${plain}`);
  });
});
