/**
 * The values that configuration keys take. Every schema's message reads on from "X is not ..": it names what the value
 * should be and what to write; `explain.ts` puts path and value before it.
 */
import { z } from 'zod';
import {
  DURATION_PATTERN,
  isEndpoint,
  isPlace,
  LISTEN_PATTERN,
  parseDuration,
  parseListen,
  parseSize,
  parseTime,
  SIZE_PATTERN,
  TIME_PATTERN,
} from './units.js';

/** What a key means, for the reference page and the JSON Schema. */
interface Doc {
  readonly description: string;
}

/** Text that `read` turns into a value; undefined is refused with `expected`. */
function read<T>(parse: (text: string) => T | undefined, expected: string, meta: z.GlobalMeta) {
  return z
    .string({ error: expected })
    .meta(meta)
    .transform((text, context): T => {
      const value = parse(text);
      if (value !== undefined) return value;
      context.addIssue({ code: 'custom', message: expected });
      return z.NEVER;
    });
}

const DURATION = 'a duration; write a number with a unit, for example 30s (ms, s, m, h or d)';

/** ms */
export const duration = ({ description }: Doc) =>
  read(parseDuration, DURATION, { title: 'duration', description, pattern: DURATION_PATTERN.source });

/** ms, more than none */
export const period = ({ description }: Doc) =>
  read((text) => parseDuration(text) || undefined, DURATION, {
    title: 'duration',
    description,
    pattern: DURATION_PATTERN.source,
  });

/** ms, or `never` */
export const periodOrNever = ({ description }: Doc) =>
  read(
    (text) => (text === 'never' ? ('never' as const) : parseDuration(text) || undefined),
    'a duration or never; write a number with a unit, for example 6h',
    { title: 'duration or never', description, pattern: `${DURATION_PATTERN.source}|^never$` },
  );

/** bytes */
export const size = ({ description }: Doc) =>
  read(parseSize, 'a size; write a number with a unit, for example 2GiB (B, KiB, MiB, GiB, KB, MB or GB)', {
    title: 'size',
    description,
    pattern: SIZE_PATTERN.source,
  });

/** bytes from `min` to `max`, or `auto` */
export const sizeOrAuto = ({ description }: Doc, min: string, max: string) =>
  read(
    (text) => {
      if (text === 'auto') return 'auto' as const;
      const bytes = parseSize(text) ?? 0;
      return bytes >= parseSize(min)! && bytes <= parseSize(max)! ? bytes : undefined;
    },
    `a size from ${min} to ${max}, or auto; write for example 8MiB`,
    { title: 'size or auto', description, pattern: `${SIZE_PATTERN.source}|^auto$` },
  );

/** bytes, or `never` */
export const sizeOrNever = ({ description }: Doc) =>
  read(
    (text) => (text === 'never' ? ('never' as const) : parseSize(text) || undefined),
    'a size or never; write a number with a unit, for example 256MiB',
    { title: 'size or never', description, pattern: `${SIZE_PATTERN.source}|^never$` },
  );

/** ms since the epoch */
export const instant = ({ description }: Doc) =>
  read(parseTime, 'a time; write it in UTC, for example 2026-05-04T00:00:00Z', {
    title: 'time',
    description,
    pattern: TIME_PATTERN.source,
  });

export const listen = ({ description }: Doc) =>
  read(parseListen, 'an address to listen on; write host:port, for example 127.0.0.1:7700', {
    title: 'host:port',
    description,
    pattern: LISTEN_PATTERN.source,
  });

export const place = ({ description }: Doc) =>
  read(
    (text) => (isPlace(text) ? text : undefined),
    'a place; write s3://bucket/prefix, file:path or a plain path (credentials come from the environment, never from here)',
    { title: 'place', description },
  );

export const endpoint = ({ description }: Doc) =>
  read(
    (text) => (isEndpoint(text) ? text : undefined),
    'an endpoint; write http://host:port or https://host (credentials come from the environment, never from here)',
    { title: 'URL', description },
  );

/** A name or a text that may not be empty. */
export const text = ({ description }: Doc, expected: string, title = 'text') =>
  z.string({ error: expected }).min(1, { error: expected }).meta({ title, description });

/** The name of an input column. */
export const column = (doc: Doc) => text(doc, 'a column name; write the name of a column of the input', 'column');

export const columns = ({ description }: Doc) =>
  z
    .array(column({ description: 'A column of the input.' }), { error: 'a list of columns; write [name, other]' })
    .meta({ title: 'list of columns', description });

/** A whole number of at least `min`. */
export const whole = ({ description }: Doc, min: number, max = Number.MAX_SAFE_INTEGER) => {
  const error = `a whole number ${max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`}; write for example ${Math.max(min, 1)}`;
  return z.int({ error }).min(min, { error }).max(max, { error }).meta({ title: 'whole number', description });
};

/** From 0 to 1. */
export const ratio = ({ description }: Doc) => {
  const error = 'a ratio; write a number from 0 to 1, for example 0.5';
  return z.number({ error }).min(0, { error }).max(1, { error }).meta({ title: 'ratio', description });
};

/** One of a few words. */
export const oneOf = <const T extends readonly [string, ...string[]]>({ description }: Doc, words: T) =>
  z.enum(words, { error: `one of ${words.join(', ')}; write one of them` }).meta({ description });

/** A block of keys; unknown ones are refused. */
export const block = <S extends z.core.$ZodLooseShape>({ description }: Doc, shape: S) =>
  z.strictObject(shape, { error: 'a block; write its keys, indented below it' }).meta({ description });
