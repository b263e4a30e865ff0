/** Shards built and merged by the kernel, against the plain reference writer: the same bytes, however the rows are cut. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { bytesSource, concatBytes } from '#src/base/bytes.js';
import { Kernel } from '#src/kernel/kernel.js';
import type { SegmentInput } from '#src/merge/input.js';
import { partInput } from '#src/merge/part-input.js';
import { shardInput } from '#src/merge/shard-input.js';
import { writeSegment } from '#src/merge/write-segment.js';
import { DEFAULT_STORED_COMPRESSION } from '#src/segment/compress.js';
import { openSegment } from '#src/segment/reader.js';
import { documentsOf, REFERENCE_SCHEMA as schema, segmentsOf } from '../support/reference-documents.js';
import { type ReferenceDocument, type ReferenceSegment, writeReferenceSegment } from '../support/reference-segment.js';
import { localRunner, NO_CANCEL, planOf, shardOf } from '../support/reference-shards.js';
import { referenceTokens } from '../support/reference-tokenizer.js';

/** What `worker/compress.ts` packs stored blocks by. */
const STORED_LEVEL = 'fast';

const kernel = Kernel.create();
const files = new Map<string, Uint8Array>();
const runner = localRunner(async ({ key }, start, end) => files.get(key)!.slice(start, end));

async function write(inputs: readonly SegmentInput[], rangeBytes?: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  const context = {
    pool: runner,
    kernel,
    store: { uri: 'nowhere' },
    stored: DEFAULT_STORED_COMPRESSION,
    cancel: NO_CANCEL,
    ...(rangeBytes === undefined ? {} : { rangeBytes }),
  };
  await writeSegment(context, planOf(schema), schema.fingerprint, inputs, async (chunk) => {
    chunks.push(chunk.slice());
  });
  return concatBytes(chunks);
}

/** Cuts documents into shards of at most `size`. */
function cut<T>(docs: readonly T[], size: number): T[][] {
  const pieces: T[][] = [];
  for (let at = 0; at < docs.length; at += size) pieces.push(docs.slice(at, at + size));
  return pieces.length > 0 ? pieces : [[]];
}

const analyze = (analyzer: keyof typeof referenceTokens, text: string) => referenceTokens[analyzer](text);

function assertSameBytes(actual: Uint8Array, expected: Uint8Array): void {
  const at = expected.findIndex((byte, i) => actual[i] !== byte);
  assert(
    at < 0 && actual.length === expected.length,
    `bytes differ from ${at}; ${actual.length} and ${expected.length} long`,
  );
}

describe('a segment by the kernel', () => {
  const holds = async (segment: ReferenceSegment, size: number) => {
    const shards = [];
    for (const docs of cut(segment.docs, size)) shards.push(await shardOf(kernel, schema, docs));
    const partitions = segment.partitions.map(({ time, objects }) => ({ time, objects }));
    const inputs = shards.map((shard) => shardInput(shard, partitions));
    const tombstones = (segment.tombstones ?? []).map(({ id, group, version, ...row }) => ({
      id: id === undefined ? undefined : new TextEncoder().encode(id),
      group: group === undefined ? undefined : new TextEncoder().encode(group),
      version,
      ...row,
    }));
    inputs[0] = { ...inputs[0]!, tombstones };
    const { partEnds: _, ...whole } = segment;
    assertSameBytes(await write(inputs), writeReferenceSegment({ ...whole, level: STORED_LEVEL, analyze }));
  };

  it('equals the reference for small random segments in shards of any size', () =>
    fc.assert(fc.asyncProperty(segmentsOf(40), fc.integer({ min: 1, max: 50 }), holds), { seed: 11, numRuns: 120 }));

  it('equals it where a document and a position do not share 32 bits, and tokens are as dense as they can be', async () => {
    const letters = Array.from({ length: 21_000 }, (_, i) => 'abc'[i % 3]).join(' ');
    const docs = Array.from({ length: 2_100 }, (_, i): ReferenceDocument => {
      const values = { body: i === 1_000 ? [letters, 'red'] : ['red a'] };
      return { id: `d${i}`, object: 0, rowGroup: 0, row: i, values };
    });
    const partitions = [{ time: 1, objects: ['a'] }];
    await holds(
      { schema, docs, partitions, partEnds: [docs.length], analyze: (name, text) => analyze(name, text) },
      2_100,
    );
  });

  it('equals it for segments of many blocks', () =>
    fc.assert(fc.asyncProperty(segmentsOf(2_500), fc.integer({ min: 90, max: 900 }), holds), { seed: 12, numRuns: 6 }));
});

describe('a segment merged from parts', () => {
  const partOf = async (name: string, docs: readonly ReferenceDocument[], time: number, key: string) => {
    const shard = await shardOf(kernel, schema, docs);
    const bytes = await write([shardInput(shard, [{ time, objects: [key] }])]);
    files.set(name, bytes);
    return partInput({ key: name, size: bytes.length, etag: '"1"' }, await openSegment(bytesSource(bytes), name));
  };

  it('equals the reference over all documents', () =>
    fc.assert(
      fc.asyncProperty(documentsOf(900), async (docs) => {
        const first = docs.filter(({ object }) => object === 0);
        const second = docs.filter(({ object }) => object === 1).map((document) => ({ ...document, object: 0 }));
        const inputs = [await partOf('one', first, 1, 'a'), await partOf('two', second, 2, 'b')];
        const partitions = [
          { time: 1, objects: ['a'] },
          { time: 2, objects: ['b'] },
        ];
        const partEnds = [first.length, docs.length];
        const expected = writeReferenceSegment({ schema, docs, partitions, partEnds, level: STORED_LEVEL, analyze });
        assertSameBytes(await write(inputs), expected);
      }),
      { seed: 13, numRuns: 12 },
    ));

  /** Parts of these sizes end at edges of blocks, beside them, and far from them; more of them than one group of cursors. */
  const SIZES = [128, 256, 1, 127, 100, 28, 130, 0, 300, ...Array.from({ length: 24 }, (_, i) => 3 + (i % 5)), 128];
  /** Every word's lists end somewhere else: some in all documents, some in one part alone, some alike for long. */
  const wordsOf = (i: number) => [
    'all',
    i % 3 === 0 ? 'third third' : '',
    i < 384 ? 'early' : '',
    i >= 384 && i < 512 ? 'block' : '',
    `alike-${'x'.repeat(12)}-${i % 97}`,
    i % 200 === 0 ? `once${i} ${'many '.repeat(40)}` : '',
  ];

  it('equals it for many parts whose lists end at edges of blocks, however the terms are cut into ranges', async () => {
    const count = SIZES.reduce((sum, size) => sum + size, 0);
    const all = Array.from({ length: count }, (_, i): ReferenceDocument => {
      const tags = ['every', i % 2 === 0 ? 'even' : 'odd', `tag${i % 150}`];
      const values = { body: wordsOf(i).join(' '), title: i % 5 === 0 ? null : `t${i} of all`, tags };
      return { id: `package-number-${i * 7919}`, object: 0, rowGroup: 0, row: i, group: 'g', values };
    });
    const inputs: SegmentInput[] = [];
    const docs: ReferenceDocument[] = [];
    let at = 0;
    for (const [i, size] of SIZES.entries()) {
      const own = all.slice(at, at + size);
      at += size;
      docs.push(...own.map((document) => ({ ...document, object: i })));
      inputs.push(await partOf(`many-${i}`, own, i, 'a'));
    }
    const partitions = SIZES.map((_, time) => ({ time, objects: ['a'] }));
    const partEnds = SIZES.map((_, i) => SIZES.slice(0, i + 1).reduce((sum, size) => sum + size, 0));
    const expected = writeReferenceSegment({ schema, docs, partitions, partEnds, level: STORED_LEVEL, analyze });
    for (const rangeBytes of [1_000, 20_000, undefined]) assertSameBytes(await write(inputs, rangeBytes), expected);
  });
});
