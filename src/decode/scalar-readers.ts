/** Random access to one scalar of an array; the width is decided once, outside the loop over rows. */
import type { ArrowArray } from './arrow-layout.js';
import { badInput, checkInput } from './bad-input.js';
import { hasBit } from './bitmap.js';
import { viewElements } from './typed-views.js';

type BigintReader = (row: number) => bigint;
type FloatReader = (row: number) => number;

/** Reads stored values as they are: unscaled decimals, days, ticks of a unit, 0 and 1 for bools. */
export function bigintReader(array: ArrowArray): BigintReader {
  const { type, offset, buffers, length } = array;
  const data = buffers[0];
  switch (type.kind) {
    case 'bool': {
      checkInput(data !== undefined && data.length * 8 >= offset + length, 'a bool buffer ends before its last row');
      return (row) => (hasBit(data, offset + row) ? 1n : 0n);
    }
    case 'int':
      return intReader(array, type.bits, type.signed);
    case 'date':
      return intReader(array, type.unit === 'day' ? 32 : 64, true);
    case 'time':
      return intReader(array, type.unit === 's' || type.unit === 'ms' ? 32 : 64, true);
    case 'timestamp':
      return intReader(array, 64, true);
    case 'decimal':
      return type.bits <= 64 ? intReader(array, type.bits === 32 ? 32 : 64, true) : wideReader(array, type.bits / 32);
    case 'int96':
      return wideReader(array, 3);
    default:
      throw badInput(`a ${type.kind} array holds no whole numbers`);
  }
}

function intReader(array: ArrowArray, bits: 8 | 16 | 32 | 64, signed: boolean): BigintReader {
  const { offset, length } = array;
  const data = array.buffers[0];
  if (bits === 64) {
    const values = signed
      ? viewElements(BigInt64Array, data, offset, length)
      : viewElements(BigUint64Array, data, offset, length);
    return (row) => values[row]!;
  }
  const values = smallInts(data, bits, signed, offset, length);
  return (row) => BigInt(values[row]!);
}

function smallInts(data: Uint8Array | undefined, bits: 8 | 16 | 32, signed: boolean, offset: number, length: number) {
  switch (bits) {
    case 8:
      return signed ? viewElements(Int8Array, data, offset, length) : viewElements(Uint8Array, data, offset, length);
    case 16:
      return signed ? viewElements(Int16Array, data, offset, length) : viewElements(Uint16Array, data, offset, length);
    case 32:
      return signed ? viewElements(Int32Array, data, offset, length) : viewElements(Uint32Array, data, offset, length);
  }
}

/** Two's complement of `wordCount` 32-bit words, lowest first. */
function wideReader(array: ArrowArray, wordCount: number): BigintReader {
  const words = viewElements(Uint32Array, array.buffers[0], array.offset * wordCount, array.length * wordCount);
  return (row) => {
    let value = BigInt(words[row * wordCount + wordCount - 1]! | 0);
    for (let i = wordCount - 2; i >= 0; i--) value = (value << 32n) | BigInt(words[row * wordCount + i]!);
    return value;
  };
}

/** Reads any number as a float, decimals as the float nearest to their exact value. */
export function floatReader(array: ArrowArray): FloatReader {
  const { type, offset, length } = array;
  const data = array.buffers[0];
  if (type.kind === 'float') {
    if (type.bits === 16) {
      const halves = viewElements(Uint16Array, data, offset, length);
      return (row) => halfToFloat(halves[row]!);
    }
    const values =
      type.bits === 32
        ? viewElements(Float32Array, data, offset, length)
        : viewElements(Float64Array, data, offset, length);
    return (row) => values[row]!;
  }
  if (type.kind === 'int' && type.bits !== 64) {
    const values = smallInts(data, type.bits, type.signed, offset, length);
    return (row) => values[row]!;
  }
  const read = bigintReader(array);
  if (type.kind !== 'decimal') return (row) => Number(read(row));
  // Dividing by a power of ten would round twice; reading the decimal notation rounds once.
  return (row) => Number(`${read(row)}e${-type.scale}`);
}

/** IEEE 754 half precision. */
function halfToFloat(half: number): number {
  const sign = half >> 15 === 0 ? 1 : -1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
