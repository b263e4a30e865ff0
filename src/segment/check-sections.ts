import type { Report } from './check.js';
import {
  type FieldEntry,
  GROUP_FIELD,
  hasTerms,
  ID_FIELD,
  type SectionEntry,
  type SegmentFooter,
  VERSION_FIELD,
} from './layout.js';
import { sectionTitle } from './section-cache.js';

/** The sections a footer's fields ask for, in file order. */
export function expectedSections(fields: readonly FieldEntry[]): Pick<SectionEntry, 'name' | 'field'>[] {
  const terms = fields.filter(({ type }) => hasTerms(type));
  const numeric = fields.filter(({ type }) => !hasTerms(type));
  return [
    ...terms.flatMap(({ name: field, type }) => [
      { name: 'postings' as const, field },
      { name: 'terms' as const, field },
      { name: 'termIndex' as const, field },
      ...(type === 'text' ? [{ name: 'norms' as const, field }] : []),
      ...(type === 'keyword' && field !== ID_FIELD ? [{ name: 'ordinals' as const, field }] : []),
    ]),
    ...numeric.map(({ name: field }) => ({ name: 'column' as const, field })),
    { name: 'stored' },
    { name: 'storedIndex' },
    { name: 'sources' },
    { name: 'tombstones' },
  ];
}

/** Fields and sections that belong together, each once, in the format's order. */
export function checkSections(footer: SegmentFooter, report: Report): void {
  const expected = expectedSections(footer.fields).map(sectionTitle);
  const found = footer.sections.map(sectionTitle);
  if (expected.join('\n') !== found.join('\n'))
    report('footer', 'the sections are not those of the fields, in their order');
  const names = footer.fields.map(({ name }) => name);
  if (new Set(names).size !== names.length) report('footer', 'a field stands twice');
  const internal = footer.group ? [ID_FIELD, GROUP_FIELD] : [ID_FIELD];
  if (internal.some((name, i) => names[i] !== name)) report('footer', 'the key fields do not come first');
  const version = footer.fields.find(({ name }) => name === footer.version);
  if (footer.version !== null && (version === undefined || hasTerms(version.type))) {
    report('footer', `the version ${footer.version} is no numeric field`);
  }
  if (names.includes(VERSION_FIELD) && names.at(-1) !== VERSION_FIELD)
    report('footer', 'the version does not come last');
}
