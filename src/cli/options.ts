/** Option values that several commands share; a bad one is refused by commander with exit code 2. */
import { readFile } from 'node:fs/promises';
import { InvalidArgumentError } from 'commander';
import { TidemarkError } from '../base/errors.js';
import { type Config, parseConfig } from '../config/config.js';
import { parseDuration, parseTime } from '../config/units.js';

/** `name,summary`, given once or several times. */
export function columnList(text: string, before: readonly string[] = []): readonly string[] {
  const names = text.split(',').map((name) => name.trim());
  if (names.includes('')) throw new InvalidArgumentError('write columns with commas between them, for example a,b');
  return [...before, ...names];
}

/** A whole number of at least `min`. */
export function wholeNumber(min: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^[0-9]+$/.test(text) && Number.isSafeInteger(value) && value >= min) return value;
    throw new InvalidArgumentError(`write a whole number of at least ${min}.`);
  };
}

/** ms since the epoch. */
export function instant(text: string): number {
  const time = parseTime(text);
  if (time !== undefined) return time;
  throw new InvalidArgumentError('write a time in UTC, for example 2026-05-04T01:30:00Z.');
}

/** ms, more than none. */
export function duration(text: string): number {
  const ms = parseDuration(text) ?? 0;
  if (ms > 0) return ms;
  throw new InvalidArgumentError('write a number with a unit, for example 2m (ms, s, m, h or d).');
}

/** From 0 upwards: 0.25 is a quarter. */
export function ratio(text: string): number {
  const value = Number(text);
  if (/^[0-9]+(\.[0-9]+)?$/.test(text)) return value;
  throw new InvalidArgumentError('write a number of at least 0, for example 0.25.');
}

/** Reads `tidemark.yaml`; fails with code `config`. */
export async function readConfig(path: string): Promise<Config> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new TidemarkError('config', `the configuration ${path} cannot be read: ${(cause as Error).message}`, {
      fix: 'name a file that is there',
      cause,
    });
  }
  return parseConfig(text);
}
