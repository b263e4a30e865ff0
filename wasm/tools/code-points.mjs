// What the generator knows about single code points: property sets of a fixed Unicode version, from its npm package.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** One past the last code point. */
export const CODE_POINT_END = 0x110000;

/**
 * Reads one property set, such as `('12.1.0', 'Word_Break/ALetter')`, as half-open ranges.
 * @returns {Promise<{begin: number, end: number}[]>}
 */
export async function readSet(version, property) {
  const { default: ranges } = await import(require.resolve(`@unicode/unicode-${version}/${property}/ranges.mjs`));
  return ranges.map(({ begin, end }) => ({ begin, end }));
}

/**
 * Reads one property set as a membership array, one byte (0 or 1) per code point.
 * @returns {Promise<Uint8Array>}
 */
export async function readMembers(version, property) {
  const members = new Uint8Array(CODE_POINT_END);
  for (const { begin, end } of await readSet(version, property)) members.fill(1, begin, end);
  return members;
}

/**
 * Simple (one to one) lower-case mappings of a version, ascending.
 * @returns {Promise<[from: number, to: number][]>}
 */
export async function readLowerCase(version) {
  const path = `@unicode/unicode-${version}/Simple_Case_Mapping/Lowercase/code-points.mjs`;
  const { default: map } = await import(require.resolve(path));
  return [...map].sort((a, b) => a[0] - b[0]);
}
