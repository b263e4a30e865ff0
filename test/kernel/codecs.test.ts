/** Decompression in the kernel: the same bytes as a slow reference, and no byte outside whatever the block says. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Kernel } from '#src/kernel/kernel.js';
import {
  makeLz4,
  makeSnappy,
  type Random,
  randomOf,
  referenceLz4,
  referenceSnappy,
  varint,
} from '../support/byte-codecs.js';

const ROUNDS = 1500;
/** The arena's slack, which a decoder may overwrite. */
const SLACK = 64;
const GUARD = 256;
const kernel = Kernel.create();

interface Codec {
  readonly name: string;
  readonly make: (random: Random) => { readonly block: Uint8Array; readonly rawLength: number };
  readonly decode: 'decodeSnappy' | 'decodeLz4';
  /** The same elements as a block of another length. */
  readonly declare: (block: Uint8Array, rawLength: number) => Uint8Array;
  readonly reference: (block: Uint8Array, rawLength: number) => Uint8Array | undefined;
}

function declareSnappy(block: Uint8Array, rawLength: number): Uint8Array {
  return Uint8Array.from([...varint(rawLength), ...block.subarray(block.findIndex((byte) => byte < 128) + 1)]);
}

const CODECS: readonly Codec[] = [
  { name: 'snappy', make: makeSnappy, decode: 'decodeSnappy', declare: declareSnappy, reference: referenceSnappy },
  { name: 'LZ4', make: makeLz4, decode: 'decodeLz4', declare: (block) => block, reference: referenceLz4 },
];

/** Decodes between two guards; undefined where the kernel refuses. */
function decode(codec: Codec, block: Uint8Array, rawLength: number): Uint8Array | undefined {
  kernel.call.reset();
  const input = kernel.copyIn(block);
  kernel.call.alloc(SLACK);
  const before = kernel.call.alloc(GUARD) >>> 0;
  const to = kernel.call.alloc(rawLength + SLACK) >>> 0;
  const behind = kernel.call.alloc(GUARD) >>> 0;
  kernel.view(before, behind + GUARD - before).fill(0xa5);
  const isSound = kernel.call[codec.decode](input, block.length, to, rawLength) !== 0;
  for (const at of [before, behind]) assert.ok(kernel.view(at, GUARD).every((byte) => byte === 0xa5));
  return isSound ? kernel.copyOut(to, rawLength) : undefined;
}

/** Flipped bits, a cut, bytes behind the end, or another length. */
function damage({ declare }: Codec, block: Uint8Array, rawLength: number, random: Random) {
  const out = block.slice();
  switch (random(5)) {
    case 0:
      return { block: out.subarray(0, random(out.length)), rawLength };
    case 1:
      return { block: Uint8Array.from([...out, random(256)]), rawLength };
    case 2: {
      const other = random(3) === 0 ? random(rawLength) : Math.max(0, rawLength + random(40) - 20);
      return { block: declare(out, other), rawLength: other };
    }
    default:
      for (let i = random(3); i >= 0; i--) out[random(out.length)]! ^= 1 << random(8);
      return { block: out, rawLength };
  }
}

for (const codec of CODECS) {
  test(`${codec.name}: sound blocks come out as the format says`, () => {
    const random = randomOf(1);
    for (let i = 0; i < ROUNDS; i++) {
      const { block, rawLength } = codec.make(random);
      const expected = codec.reference(block, rawLength);
      assert.ok(expected !== undefined);
      assert.deepEqual(decode(codec, block, rawLength), expected, `round ${i}`);
    }
  });

  test(`${codec.name}: damaged blocks are refused where the format refuses them, and nothing is written outside`, () => {
    const random = randomOf(2);
    let refused = 0;
    for (let i = 0; i < ROUNDS; i++) {
      const sound = codec.make(random);
      const { block, rawLength } = damage(codec, sound.block, sound.rawLength, random);
      const found = decode(codec, block, rawLength);
      assert.deepEqual(found, codec.reference(block, rawLength), `round ${i}`);
      if (found === undefined) refused++;
    }
    assert.ok(refused > ROUNDS / 4 && refused < ROUNDS, `${refused} refused`);
  });
}

test('every repeated pattern of a short distance is written out', () => {
  for (let distance = 1; distance <= 40; distance++) {
    for (const length of [1, 15, 16, 17, 63, 64]) {
      const literal = Array.from({ length: distance }, (_, i) => i + 1);
      const rawLength = distance + length;
      const block = Uint8Array.from([rawLength, (distance - 1) << 2, ...literal, ((length - 1) << 2) | 2, distance, 0]);
      assert.deepEqual(decode(CODECS[0]!, block, rawLength), referenceSnappy(block, rawLength), `${distance}`);
    }
  }
});
