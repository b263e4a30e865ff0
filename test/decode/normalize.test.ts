import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ArrowArray, ArrowType } from '#src/decode/arrow-layout.js';
import { normalizeColumn } from '#src/decode/normalize.js';
import { brokenPromise, columnValues } from './fixtures.js';

const SEED = 20260504;

function arrayOf(
  type: ArrowType,
  length: number,
  buffers: readonly ArrayBufferView[],
  extra: Partial<ArrowArray> = {},
): ArrowArray {
  const bytes = buffers.map(
    ({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength),
  );
  return { type, length, offset: 0, validity: undefined, buffers: bytes, children: [], dictionary: [], ...extra };
}

const utf8 = { kind: 'utf8', offsets: 32 } as const;
const bytesOf = (text: string) => new TextEncoder().encode(text);

test('bytes under a null are dropped, so that a null row has an empty range', () => {
  const array = arrayOf(utf8, 3, [Int32Array.of(0, 1, 3, 4), bytesOf('abbc')], { validity: Uint8Array.of(0b101) });
  const column = normalizeColumn(array, 0, 3, 'text');
  assert.equal(brokenPromise(column), undefined);
  assert.deepEqual(columnValues(column), ['a', null, 'c']);
});

test('list elements under a null list are dropped', () => {
  const child = arrayOf(utf8, 4, [Int32Array.of(0, 1, 2, 3, 4), bytesOf('abcd')]);
  const type = { kind: 'list', offsets: 32, child: { name: '', nullable: true, type: utf8 } } as const;
  const array = arrayOf(type, 3, [Int32Array.of(0, 1, 3, 4)], { children: [child], validity: Uint8Array.of(0b101) });
  const column = normalizeColumn(array, 0, 3, 'keyword');
  assert.equal(brokenPromise(column), undefined);
  assert.deepEqual(columnValues(column), [['a'], null, ['d']]);
});

test('values that are UTF-8 only together are invalid one by one', () => {
  const array = arrayOf(utf8, 3, [Int32Array.of(0, 1, 3, 4), bytesOf('日x')]);
  assert.deepEqual(columnValues(normalizeColumn(array, 0, 3, 'text')), [{ invalid: true }, { invalid: true }, 'x']);
});

test('a garbled row count costs a message and no memory', () => {
  const rows = 2 ** 41;
  const list = { kind: 'fixed-list', size: 0, child: { name: '', nullable: true, type: utf8 } } as const;
  const child = arrayOf(utf8, 0, []);
  const arrays = [
    arrayOf({ kind: 'null' }, rows, []),
    arrayOf(utf8, rows, [new Int32Array(2), new Uint8Array(2)]),
    arrayOf({ kind: 'utf8', offsets: 'view' }, rows, [new Int32Array(4)]),
    arrayOf({ kind: 'fixed', width: 0, uuid: false }, rows, [new Uint8Array()]),
    arrayOf({ kind: 'int', bits: 64, signed: true }, rows, [new Uint8Array(8)]),
    arrayOf({ kind: 'dictionary', id: 0, index: { kind: 'int', bits: 8, signed: true }, value: utf8 }, rows, [
      new Uint8Array(8),
    ]),
    arrayOf(list, rows, [], { children: [child] }),
  ];
  for (const array of arrays) {
    assert.throws(() => normalizeColumn(array, 0, rows, 'keyword'), { code: 'bad-data' }, array.type.kind);
  }
});

test('a row count just too large for its offsets is noticed too', () => {
  const array = arrayOf(utf8, 3, [Int32Array.of(0, 1, 2), bytesOf('ab')]);
  assert.throws(() => normalizeColumn(array, 0, 3, 'text'), /ends before element 4/);
});

test('instants round down, before 1970 too', () => {
  const values = BigInt64Array.of(-1n, -1000n, -1001n, 999n, 1000n);
  const array = arrayOf({ kind: 'timestamp', unit: 'ns', zone: '' }, 5, [values]);
  assert.deepEqual(columnValues(normalizeColumn(array, 0, 5, 'timestamp')), ['-1', '-1', '-2', '0', '1']);
});

test('dates read as JavaScript writes them', () => {
  const days = fc.integer({ min: -100_000_000, max: 100_000_000 });
  fc.assert(
    fc.property(fc.array(days, { minLength: 1, maxLength: 20 }), (values) => {
      const array = arrayOf({ kind: 'date', unit: 'day' }, values.length, [Int32Array.from(values)]);
      const expected = values.map((day) => new Date(day * 86_400_000).toISOString().split('T')[0]);
      assert.deepEqual(columnValues(normalizeColumn(array, 0, values.length, 'keyword')), expected);
    }),
    { seed: SEED, numRuns: 200 },
  );
});

test('decimal text keeps every digit of the scale', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n }), fc.nat({ max: 20 }), (unscaled, scale) => {
      const array = arrayOf({ kind: 'decimal', bits: 64, precision: 18, scale }, 1, [BigInt64Array.of(unscaled)]);
      const [text] = columnValues(normalizeColumn(array, 0, 1, 'keyword')) as readonly string[];
      assert.equal(BigInt(text!.replace('.', '')), unscaled);
      assert.equal(text!.split('.')[1]?.length ?? 0, scale);
      assert.match(text!, /^-?(0|[1-9]\d*)(\.\d+)?$/);
    }),
    { seed: SEED, numRuns: 200 },
  );
});

test('half floats widen exactly', () => {
  const halves = Uint16Array.of(0x0000, 0x8000, 0x3c00, 0xc000, 0x7bff, 0x0001, 0x03ff, 0x7c00, 0x7e00);
  const array = arrayOf({ kind: 'float', bits: 16 }, halves.length, [halves]);
  const expected = [0, -0, 1, -2, 65504, 2 ** -24, 1023 * 2 ** -24, 'Infinity', 'NaN'];
  assert.deepEqual(columnValues(normalizeColumn(array, 0, halves.length, 'f64')), expected);
});
