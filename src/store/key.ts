/** Keys: which texts may be one. */
import { TidemarkError } from '../base/errors.js';

/** S3's limit for a whole key, in UTF-8 bytes. */
const MAX_KEY_BYTES = 1024;

/** With the u flag a pair is one code point, so only a half that stands alone matches. */
const LONE_SURROGATE = /\p{Surrogate}/u;

/**
 * Fails with code `store` unless the text can be the key of an object in any store: relative, no `.`, `..` or empty
 * segment, no NUL, no half of a surrogate pair, at most 1,024 bytes.
 */
export function requireKey(key: string): void {
  const reason = whyNoKey(key);
  if (reason === undefined) return;
  throw new TidemarkError('store', `a key ${reason}`, {
    where: { object: JSON.stringify(key.slice(0, 200)) },
    fix: 'use names divided by single slashes, relative to the store',
  });
}

function whyNoKey(key: string): string | undefined {
  if (key === '') return 'may not be empty';
  if (key.includes('\0')) return 'may not hold a NUL character';
  if (LONE_SURROGATE.test(key)) return 'must be well-formed Unicode';
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) return `may not be longer than ${MAX_KEY_BYTES} bytes`;
  for (const name of key.split('/')) {
    if (name === '') return 'may not start or end with a slash, nor hold two in a row';
    if (name === '.' || name === '..') return `may not hold the segment '${name}'`;
  }
  return undefined;
}
