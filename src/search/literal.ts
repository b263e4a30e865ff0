/** Numbers, dates and truth values of a query, as ranges of a column's ordered 64-bit form. */
import { TidemarkError } from '../base/errors.js';
import { floatToOrdered } from '../segment/column.js';
import type { FieldType } from '../segment/layout.js';

export const MIN_I64 = -(2n ** 63n);
export const MAX_I64 = 2n ** 63n - 1n;

/** What a literal covers, both ends inclusive: a date without time covers its day. */
export interface Interval {
  readonly min: bigint;
  readonly max: bigint;
}

const ISO = /^(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6}))?)?(Z|[+-]\d{2}:\d{2})?)?$/;

/** Reads a literal for a numeric field; fails with code `usage`. */
export function parseLiteral(text: string, field: string, type: FieldType): Interval {
  if (type === 'timestamp') return parseTimestamp(text, field);
  if (type === 'bool') return parseBool(text, field);
  if (type === 'f64') {
    const value = Number(text);
    if (text.trim() === '' || Number.isNaN(value)) throw unreadable(text, field, 'a number');
    return point(floatToOrdered(value));
  }
  if (!/^[+-]?\d+$/.test(text)) throw unreadable(text, field, 'a whole number');
  const value = BigInt(text.replace('+', ''));
  if (value < MIN_I64 || value > MAX_I64) throw unreadable(text, field, 'a 64-bit integer');
  return point(value);
}

function point(value: bigint): Interval {
  return { min: value, max: value };
}

function parseBool(text: string, field: string): Interval {
  if (text === 'true' || text === '1') return point(1n);
  if (text === 'false' || text === '0') return point(0n);
  throw unreadable(text, field, 'true or false');
}

/** Microseconds; a literal covers as long as its last written unit is. UTC unless an offset is written. */
function parseTimestamp(text: string, field: string): Interval {
  const parts = ISO.exec(text);
  if (parts === null) throw unreadable(text, field, 'a date such as 2026-05-04 or 2026-05-04T12:00:00Z');
  const [, year, month, day, hour, minute, second, fraction, zone] = parts;
  const seconds = `${year}-${month}-${day}T${hour ?? '00'}:${minute ?? '00'}:${second ?? '00'}${zone ?? 'Z'}`;
  const ms = Date.parse(seconds);
  const isReal =
    !Number.isNaN(ms) && new Date(Date.UTC(Number(year), Number(month) - 1, Number(day))).getUTCDate() === Number(day);
  if (!isReal) throw unreadable(text, field, 'a date that exists');
  const min = BigInt(ms) * 1000n + BigInt((fraction ?? '').padEnd(6, '0'));
  return { min, max: min + lengthMicros(hour, second, fraction) - 1n };
}

function lengthMicros(hour: string | undefined, second: string | undefined, fraction: string | undefined): bigint {
  if (hour === undefined) return 86_400_000_000n;
  if (second === undefined) return 60_000_000n;
  return fraction === undefined ? 1_000_000n : 10n ** BigInt(6 - fraction.length);
}

function unreadable(text: string, field: string, wanted: string): TidemarkError {
  return new TidemarkError('usage', `'${text}' is not ${wanted}`, {
    where: { field },
    fix: `field ${field} takes ${wanted}`,
  });
}
