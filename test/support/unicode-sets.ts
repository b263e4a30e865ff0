/** Sets of code points as the Unicode data packages publish them, for the tests' own reading of the rules. */

const CODE_POINT_END = 0x110000;
const loaded = new Map<string, Uint8Array>();

interface Range {
  readonly begin: number;
  readonly end: number;
}

/** Whether a code point lies in a property set such as `12.1.0/Word_Break/ALetter`; `loadSets` must have named it before. */
export function isIn(name: string, codePoint: number): boolean {
  const members = loaded.get(name);
  if (members === undefined) throw new Error(`${name} is not loaded`);
  return members[codePoint] === 1;
}

/** Reads property sets, each named `version/property/value`. */
export async function loadSets(names: readonly string[]): Promise<void> {
  for (const name of names) {
    const module = (await import(`@unicode/unicode-${name}/ranges.mjs`)) as { default: readonly Range[] };
    const members = new Uint8Array(CODE_POINT_END);
    for (const { begin, end } of module.default) members.fill(1, begin, end);
    loaded.set(name, members);
  }
}
