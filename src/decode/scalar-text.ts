/**
 * Integers, bools, decimals, dates and times as keyword text, written as ASCII bytes:
 * `-12`, `true`, `-0.05`, `2026-05-04`, `13:45:00.250`, `2026-05-04T13:45:00Z` (fractions in groups of three digits).
 */
import type { ArrowArray, TimeUnit } from './arrow-layout.js';
import { badInput } from './bad-input.js';
import { hasBit } from './bitmap.js';
import type { BytesColumn } from './columns.js';
import { checkSize, sliceValidity } from './normalize-bytes.js';
import { floorDivide, int96ToMicros } from './normalize-numbers.js';
import { bigintReader } from './scalar-readers.js';

/** Enough for all but wide decimals; grows when needed. */
const TYPICAL_TEXT_BYTES = 24;
/** Longest text of one scalar: a 256-bit decimal has 77 digits; scales beyond that are refused as garbled. */
const MAX_TEXT_BYTES = 256;
const MAX_SCALE = 128;

interface AsciiWriter {
  bytes: Uint8Array;
  length: number;
}

type WriteScalar = (out: AsciiWriter, value: bigint) => void;

/** Rows `[start, end)` of a scalar array as text. */
export function scalarsToText(array: ArrowArray, start: number, end: number): BytesColumn {
  const rows = end - start;
  const validity = sliceValidity(array, start, end);
  const read = bigintReader(array);
  const write = scalarWriter(array);
  const offsets = new Int32Array(rows + 1);
  const out: AsciiWriter = { bytes: new Uint8Array(rows * TYPICAL_TEXT_BYTES + MAX_TEXT_BYTES), length: 0 };
  for (let i = 0; i < rows; i++) {
    if (validity === undefined || hasBit(validity, i)) {
      reserve(out, MAX_TEXT_BYTES);
      write(out, read(start + i));
    }
    offsets[i + 1] = out.length;
  }
  return { kind: 'bytes', rows, offsets, data: out.bytes.slice(0, out.length), validity };
}

function reserve(out: AsciiWriter, byteCount: number): void {
  if (out.length + byteCount <= out.bytes.length) return;
  checkSize(out.length + byteCount);
  const grown = new Uint8Array(out.bytes.length * 2 + byteCount);
  grown.set(out.bytes.subarray(0, out.length));
  out.bytes = grown;
}

function scalarWriter(array: ArrowArray): WriteScalar {
  const { type } = array;
  switch (type.kind) {
    case 'int':
      return writeInteger;
    case 'bool':
      return (out, value) => writeAscii(out, value === 0n ? 'false' : 'true');
    case 'decimal':
      if (Math.abs(type.scale) > MAX_SCALE) throw badInput(`a decimal scale of ${type.scale} is out of range`);
      return (out, value) => writeDecimal(out, value, type.scale);
    case 'date':
      return type.unit === 'day'
        ? (out, days) => writeDate(out, Number(days))
        : (out, ms) => writeDate(out, Number(floorDivide(ms, 86_400_000n)));
    case 'time':
      return (out, ticks) => writeTime(out, ticks, TICKS_PER_SECOND[type.unit]);
    case 'timestamp':
      return (out, ticks) => writeInstant(out, ticks, TICKS_PER_SECOND[type.unit]);
    case 'int96':
      return (out, value) => writeInstant(out, int96ToMicros(value), TICKS_PER_SECOND.us);
    default:
      throw badInput(`a ${type.kind} value has no keyword text`);
  }
}

const TICKS_PER_SECOND: Readonly<Record<TimeUnit, bigint>> = { s: 1n, ms: 1000n, us: 1_000_000n, ns: 1_000_000_000n };

function writeAscii(out: AsciiWriter, text: string): void {
  for (let i = 0; i < text.length; i++) out.bytes[out.length++] = text.charCodeAt(i);
}

/** Digits of a whole number, at least `width` of them. */
function writeDigits(out: AsciiWriter, value: number, width: number): void {
  let digitCount = 1;
  for (let rest = value; rest >= 10; rest = Math.floor(rest / 10)) digitCount++;
  const end = out.length + Math.max(digitCount, width);
  let rest = value;
  for (let at = end - 1; at >= out.length; at--) {
    out.bytes[at] = 48 + (rest % 10);
    rest = Math.floor(rest / 10);
  }
  out.length = end;
}

function writeInteger(out: AsciiWriter, value: bigint): void {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) {
    writeAscii(out, value.toString());
    return;
  }
  if (number < 0) out.bytes[out.length++] = 45;
  writeDigits(out, Math.abs(number), 1);
}

function writeDecimal(out: AsciiWriter, unscaled: bigint, scale: number): void {
  if (scale <= 0) {
    writeInteger(out, unscaled * 10n ** BigInt(-scale));
    return;
  }
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, '0');
  const point = digits.length - scale;
  writeAscii(out, `${unscaled < 0n ? '-' : ''}${digits.slice(0, point)}.${digits.slice(point)}`);
}

function writeInstant(out: AsciiWriter, ticks: bigint, perSecond: bigint): void {
  const perDay = 86_400n * perSecond;
  const days = floorDivide(ticks, perDay);
  writeDate(out, Number(days));
  out.bytes[out.length++] = 84;
  writeTime(out, ticks - days * perDay, perSecond);
  out.bytes[out.length++] = 90;
}

/** Ticks since midnight as hh:mm:ss and 0, 3, 6 or 9 digits of fraction. */
function writeTime(out: AsciiWriter, ticks: bigint, perSecond: bigint): void {
  const seconds = Number(floorDivide(ticks, perSecond));
  const nanos = Number((ticks - BigInt(seconds) * perSecond) * (1_000_000_000n / perSecond));
  writeDigits(out, Math.floor(seconds / 3600), 2);
  out.bytes[out.length++] = 58;
  writeDigits(out, Math.floor(seconds / 60) % 60, 2);
  out.bytes[out.length++] = 58;
  writeDigits(out, seconds % 60, 2);
  if (nanos === 0) return;
  out.bytes[out.length++] = 46;
  if (nanos % 1_000_000 === 0) writeDigits(out, nanos / 1_000_000, 3);
  else if (nanos % 1000 === 0) writeDigits(out, nanos / 1000, 6);
  else writeDigits(out, nanos, 9);
}

/**
 * Days since 1970-01-01 as yyyy-mm-dd in the proleptic Gregorian calendar; years outside 0-9999 get a sign and six
 * digits, as in ISO 8601 and JavaScript. Counts in 400-year eras from 1 March, so that leap days come last.
 */
function writeDate(out: AsciiWriter, days: number): void {
  const fromMarch0 = days + 719_468;
  const era = Math.floor(fromMarch0 / 146_097);
  const dayOfEra = fromMarch0 - era * 146_097;
  const leapDays = Math.floor(dayOfEra / 1460) - Math.floor(dayOfEra / 36_524) + Math.floor(dayOfEra / 146_096);
  const yearOfEra = Math.floor((dayOfEra - leapDays) / 365);
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  const isPlain = year >= 0 && year <= 9999;
  if (!isPlain) out.bytes[out.length++] = year < 0 ? 45 : 43;
  writeDigits(out, Math.abs(year), isPlain ? 4 : 6);
  out.bytes[out.length++] = 45;
  writeDigits(out, month, 2);
  out.bytes[out.length++] = 45;
  writeDigits(out, dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1, 2);
}
