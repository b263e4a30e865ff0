/** The difference between two generations as people read it. */
import type { DocumentChange, FieldDiff, GenerationDiff } from '../search/diff.js';
import { formatCount, formatTable, formatUnit } from './format.js';
import { plain } from './hits-text.js';

/** Signs of a value that are shown; more would break the line. */
const MAX_VALUE_LENGTH = 40;

const SIGN = { added: '+', removed: '-', changed: '~' } as const;

/** Lines of text, the last one ended too. */
export function formatDiff({ before, after, documents, groups, fields }: GenerationDiff): string {
  const { added, removed, changed, listed } = documents;
  const facts = formatTable([
    ['generations', `${before} to ${after}`],
    ['documents', countsText({ added, removed, changed })],
    ['groups', `${formatUnit(groups.touched, 'group')} touched`],
    ...fields.map((field) => [`terms of ${field.field}`, countsText(field)]),
  ]);
  const rows = listed.map(documentRow);
  const rest = added + removed + changed - listed.length;
  const more = rest > 0 ? [`  and ${formatUnit(rest, 'more document')}; --limit shows them`] : [];
  const moved = fields.flatMap((field) => termLines(field));
  return `${[...facts, ...formatTable(rows).map((row) => `  ${row}`), ...more, ...moved].join('\n')}\n`;
}

function countsText({ added, removed, changed }: Pick<FieldDiff, 'added' | 'removed' | 'changed'>): string {
  return `${formatCount(added)} added, ${formatCount(removed)} removed, ${formatCount(changed)} changed`;
}

function documentRow({ id, change, group, fields }: DocumentChange): string[] {
  const values = Object.entries(fields).map(
    ([name, { before, after }]) => `${name}: ${short(before)} -> ${short(after)}`,
  );
  return [SIGN[change], plain(id), group === null ? '' : `group ${plain(group)}`, values.join('  ')];
}

function termLines({ field, terms }: FieldDiff): string[] {
  if (terms.length === 0) return [];
  const rows = terms.map(({ term, before, after }) => [plain(term), formatCount(before), '->', formatCount(after)]);
  return [
    `terms of ${field} that moved most, by live documents`,
    ...formatTable(rows, [1, 3]).map((row) => `  ${row}`),
  ];
}

function short(value: unknown): string {
  const text = plain(typeof value === 'string' ? value : JSON.stringify(value));
  return text.length <= MAX_VALUE_LENGTH ? text : `${text.slice(0, MAX_VALUE_LENGTH - 1)}…`;
}
