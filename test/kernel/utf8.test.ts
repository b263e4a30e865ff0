// UTF-8 validation against TextDecoder, and its place of the first broken byte against a plain search.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { firstBadByte } from '../support/tokenizer.js';

const decoder = new TextDecoder('utf-8', { fatal: true });

function isValid(bytes: Uint8Array): boolean {
  try {
    decoder.decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** The longest valid prefix: where the first broken sequence begins. */
function slowFirstBadByte(bytes: Uint8Array): number {
  if (isValid(bytes)) return -1;
  let at = bytes.length;
  while (!isValid(bytes.subarray(0, at))) at--;
  return at;
}

/** Bytes at which the rules of UTF-8 turn. */
const EDGE_BYTES = [
  0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef,
  0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xf8, 0xff,
];

it('validates every sequence of up to three edge bytes, and every one of four behind a lead byte', () => {
  let count = 0;
  const check = (bytes: number[]) => {
    assert.equal(firstBadByte(Uint8Array.from(bytes)), slowFirstBadByte(Uint8Array.from(bytes)), `${bytes}`);
    count++;
  };
  check([]);
  for (const a of EDGE_BYTES) {
    check([a]);
    for (const b of EDGE_BYTES) {
      check([a, b]);
      for (const c of EDGE_BYTES) {
        check([a, b, c]);
        if (a >= 0xf0) for (const d of [0x41, 0x7f, 0x80, 0xbf, 0xc0]) check([a, b, c, d]);
      }
    }
  }
  assert.ok(count > 18_000);
});

it('finds the first broken byte wherever it stands in a longer text', () => {
  const text = fc.array(fc.oneof(fc.string({ maxLength: 90 }), fc.string({ unit: 'binary', maxLength: 20 })), {
    maxLength: 4,
  });
  const change = fc.record({ at: fc.nat(), byte: fc.constantFrom(...EDGE_BYTES) });
  fc.assert(
    fc.property(text, fc.array(change, { maxLength: 2 }), fc.nat(3), (parts, changes, cut) => {
      const whole = new TextEncoder().encode(parts.join(''));
      const bytes = whole.slice(0, Math.max(0, whole.length - cut));
      for (const { at, byte } of changes) if (bytes.length > 0) bytes[at % bytes.length] = byte;
      assert.equal(firstBadByte(bytes), slowFirstBadByte(bytes));
    }),
    { seed: 20_260_504, numRuns: 3_000 },
  );
});
