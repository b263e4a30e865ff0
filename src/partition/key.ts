/** Object key <-> partition time. Times are read as numbers; keys are never compared as text to tell their order. */
import { type PartitionTemplate, type SlotUnit, type TemplateLevel, UNIT_WIDTH, type Unit } from './template.js';

/** The numbers read from a key so far. */
export type TimeFields = Readonly<Partial<Record<Unit, number>>>;

/** Half-open range of instants, ms since the epoch. */
export interface TimeRange {
  readonly from: number;
  readonly to: number;
}

export type LevelMatch =
  | { readonly ok: true; readonly fields: TimeFields; readonly range: TimeRange }
  | { readonly ok: false; readonly reason: string };

export type ParsedKey =
  | {
      readonly ok: true;
      /** Start of the slot, ms since the epoch. */
      readonly time: number;
      /** The partition's folder, ending in `/`. */
      readonly prefix: string;
    }
  | {
      readonly ok: false;
      readonly reason: string;
      /** The shortest folder (ending in `/`) that rules the key out, or the key itself: all below it is no partition either. */
      readonly at: string;
    };

/** Partition times reach from 1970 to the end of year 9999. */
export const ALL_TIME: TimeRange = { from: 0, to: Date.UTC(10_000, 0) };

const UNIT_NAMES: Readonly<Record<Unit, string>> = {
  Y: 'year',
  m: 'month',
  d: 'day',
  j: 'day of the year',
  H: 'hour',
  M: 'minute',
  S: 'second',
  s: 'seconds since 1970',
};

/** Half-open ranges of what each directive may say; days of the month are checked against the calendar. */
const UNIT_RANGE: Readonly<Record<Unit, readonly [number, number]>> = {
  Y: [1970, 10_000],
  m: [1, 13],
  d: [1, 32],
  j: [1, 367],
  H: [0, 24],
  M: [0, 60],
  S: [0, 60],
  s: [0, 10 ** 10],
};

/** Reads the partition of a key (or of a folder) relative to the source prefix, or says why it belongs to none. */
export function parsePartition(template: PartitionTemplate, key: string): ParsedKey {
  let fields: TimeFields = {};
  let range = ALL_TIME;
  let start = 0;
  for (const level of template.levels) {
    const end = key.indexOf('/', start);
    if (end < 0) return { ok: false, reason: `no folder ${level.text}`, at: key };
    const match = matchLevel(level, key.slice(start, end), fields);
    if (!match.ok) return { ok: false, reason: match.reason, at: key.slice(0, end + 1) };
    ({ fields, range } = match);
    start = end + 1;
  }
  return { ok: true, time: range.from, prefix: key.slice(0, start) };
}

/** Spells a partition's folder for the slot that holds `time`, ending in `/`. */
export function formatPartition(template: PartitionTemplate, time: number): string {
  return template.levels.map((level) => `${formatLevel(level, time)}/`).join('');
}

/** Spells one folder name of the slot that holds `time`. */
export function formatLevel(level: TemplateLevel, time: number): string {
  return level.tokens
    .map((token) =>
      token.kind === 'literal' ? token.text : String(unitOf(time, token.unit)).padStart(UNIT_WIDTH[token.unit], '0'),
    )
    .join('');
}

/** Reads one folder name under folders that said `known`; `range` is where times below it can lie. */
export function matchLevel(level: TemplateLevel, name: string, known: TimeFields): LevelMatch {
  const fields: Partial<Record<Unit, number>> = { ...known };
  const refuse = (why: string): LevelMatch => ({ ok: false, reason: `"${name}" is no ${level.text}: ${why}` });
  let at = 0;
  for (const token of level.tokens) {
    if (token.kind === 'literal') {
      if (!name.startsWith(token.text, at)) return refuse(`expected "${token.text}" at position ${at + 1}`);
      at += token.text.length;
      continue;
    }
    const { unit } = token;
    const width = UNIT_WIDTH[unit];
    const digits = name.slice(at, at + width);
    if (!/^[0-9]+$/.test(digits) || digits.length < width)
      return refuse(`expected ${width} digits at position ${at + 1}`);
    const value = Number(digits);
    const [low, high] = UNIT_RANGE[unit];
    if (value < low || value >= high) return refuse(`there is no ${UNIT_NAMES[unit]} ${digits}`);
    if (fields[unit] !== undefined && fields[unit] !== value)
      return refuse(`the ${UNIT_NAMES[unit]} was ${fields[unit]} before`);
    fields[unit] = value;
    at += width;
  }
  if (at < name.length) return refuse(`"${name.slice(at)}" is left over`);
  const range = rangeOf(fields);
  const wrong = contradiction(fields, range);
  return wrong === undefined ? { ok: true, fields, range } : refuse(wrong);
}

/** Start of the slot that holds `time`. */
export function slotStart(slot: SlotUnit, time: number): number {
  const date = new Date(time);
  const year = date.getUTCFullYear();
  switch (slot) {
    case 'year':
      return Date.UTC(year, 0);
    case 'month':
      return Date.UTC(year, date.getUTCMonth());
    default:
      return time - (((time % SLOT_MS[slot]) + SLOT_MS[slot]) % SLOT_MS[slot]);
  }
}

/** Start of the slot after the one that holds `time`. */
export function nextSlot(slot: SlotUnit, time: number): number {
  const date = new Date(time);
  const year = date.getUTCFullYear();
  switch (slot) {
    case 'year':
      return Date.UTC(year + 1, 0);
    case 'month':
      return Date.UTC(year, date.getUTCMonth() + 1);
    default:
      return slotStart(slot, time) + SLOT_MS[slot];
  }
}

/** Length of a slot in ms; of a month or year the longest, which is what a window wants. Leap seconds do not exist in POSIX time. */
export const SLOT_MS: Readonly<Record<SlotUnit, number>> = {
  year: 366 * 86_400_000,
  month: 31 * 86_400_000,
  day: 86_400_000,
  hour: 3_600_000,
  minute: 60_000,
  second: 1_000,
};

/** The instants that agree with the fields, as far as their coarse-to-fine chain reaches. */
function rangeOf(fields: TimeFields): TimeRange {
  if (fields.s !== undefined) return slotRange('second', fields.s * 1_000);
  if (fields.Y === undefined) return ALL_TIME;
  const dayOfYear = fields.j;
  if (dayOfYear === undefined && fields.m === undefined) return slotRange('year', Date.UTC(fields.Y, 0));
  if (dayOfYear === undefined && fields.d === undefined) return slotRange('month', Date.UTC(fields.Y, fields.m! - 1));
  const day = dayOfYear === undefined ? Date.UTC(fields.Y, fields.m! - 1, fields.d) : Date.UTC(fields.Y, 0, dayOfYear);
  if (fields.H === undefined) return slotRange('day', day);
  const hour = day + fields.H * SLOT_MS.hour;
  if (fields.M === undefined) return slotRange('hour', hour);
  const minute = hour + fields.M * SLOT_MS.minute;
  if (fields.S === undefined) return slotRange('minute', minute);
  return slotRange('second', minute + fields.S * SLOT_MS.second);
}

const slotRange = (slot: SlotUnit, time: number): TimeRange => ({ from: time, to: nextSlot(slot, time) });

/** Units whose value is one and the same all over a slot of this kind. */
const DECIDED: readonly { readonly slot: SlotUnit; readonly units: readonly Unit[] }[] = [
  { slot: 'year', units: ['Y'] },
  { slot: 'month', units: ['m'] },
  { slot: 'day', units: ['d', 'j'] },
  { slot: 'hour', units: ['H'] },
  { slot: 'minute', units: ['M'] },
  { slot: 'second', units: ['S', 's'] },
];

/** Finds a field that the calendar, or another field, contradicts: 30 February, day 366 of a common year, %s on another day. */
function contradiction(fields: TimeFields, range: TimeRange): string | undefined {
  const lengthMs = range.to - range.from;
  for (const { slot, units } of DECIDED) {
    if (lengthMs > SLOT_MS[slot]) break;
    for (const unit of units) {
      const said = fields[unit];
      const is = unitOf(range.from, unit);
      if (said === undefined || said === is) continue;
      if (unit === 'm' || unit === 'd' || unit === 'j' || unit === 'Y') return 'there is no such date';
      return `the ${UNIT_NAMES[unit]} ${said} is not that of the rest, ${is}`;
    }
  }
  return undefined;
}

function unitOf(time: number, unit: Unit): number {
  const date = new Date(time);
  switch (unit) {
    case 'Y':
      return date.getUTCFullYear();
    case 'm':
      return date.getUTCMonth() + 1;
    case 'd':
      return date.getUTCDate();
    case 'j':
      return Math.floor((time - Date.UTC(date.getUTCFullYear(), 0)) / SLOT_MS.day) + 1;
    case 'H':
      return date.getUTCHours();
    case 'M':
      return date.getUTCMinutes();
    case 'S':
      return date.getUTCSeconds();
    case 's':
      return Math.floor(time / 1_000);
  }
}
