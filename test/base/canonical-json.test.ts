import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { canonicalJson } from '#src/base/canonical-json.js';

test('one spelling per value, whatever order its keys were set in', () => {
  assert.equal(
    canonicalJson({ b: [1, undefined, { z: null, y: 'é"' }], a: undefined, A: true }),
    '{"A":true,"b":[1,null,{"y":"é\\"","z":null}]}',
  );
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      const text = canonicalJson(value);
      assert.equal(text, canonicalJson(Object.fromEntries(Object.entries(value).reverse())));
      assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(value)));
    }),
    { seed: 9, numRuns: 500 },
  );
});

test('what JSON cannot say is refused, not dropped', () => {
  for (const value of [Number.NaN, { a: Number.POSITIVE_INFINITY }, () => 1, { a: 1n }]) {
    assert.throws(() => canonicalJson(value), TypeError);
  }
});
