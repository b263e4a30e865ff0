/** Search results as people read them. */
import type { Facet } from '../search/facets.js';
import type { SearchHit, SearchResult } from '../search/search.js';
import { formatCount, formatTable, formatUnit } from './format.js';

/** A hit's fields beyond this many signs are cut, so that a hit stays one line. */
const MAX_FIELDS_LENGTH = 100;

/** Lines of text, the last one ended too. */
export function formatHits({ total, totalRelation, tookMs, hits, next, facets }: SearchResult): string {
  const relation = totalRelation === 'gte' ? 'at least ' : '';
  const title = `${relation}${formatCount(total)} ${total === 1 ? 'hit' : 'hits'} in ${tookMs.toFixed(1)} ms`;
  const more = next === null || total === hits.length ? [] : [`next page: --after ${next}`];
  return `${[title, ...formatHitRows(hits), ...(facets ?? []).flatMap(formatFacet), ...more].join('\n')}\n`;
}

function formatFacet({ field, values, distinct, missing }: Facet): string[] {
  const without = missing === 0 ? '' : `, ${formatCount(missing)} documents without`;
  const rows = values.map(({ value, count }) => [formatCount(count), plain(value)]);
  return [`${field}: ${formatUnit(distinct, 'value')}${without}`, ...formatTable(rows, [0]).map((line) => `  ${line}`)];
}

/** A line a hit: rank, score, id, fields. */
export function formatHitRows(hits: readonly SearchHit[]): string[] {
  const rows = hits.flatMap(({ id, score, fields, members = [] }, i) => [
    [`${i + 1}`, score.toFixed(3), id, fieldsOf(fields)],
    ...members.map((member) => ['', '', `  ${member.id}`, fieldsOf(member.fields)]),
  ]);
  return formatTable(rows, [0, 1]).map((line) => `  ${line}`);
}

function fieldsOf(fields: SearchHit['fields']): string {
  const text = Object.entries(fields)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name}: ${Array.isArray(value) ? value.join(', ') : String(value)}`)
    .join('  ');
  const shown = plain(text);
  return shown.length <= MAX_FIELDS_LENGTH ? shown : `${shown.slice(0, MAX_FIELDS_LENGTH - 1)}…`;
}

/** A line break or an escape sequence out of a document must not reach the terminal. */
export function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]+/gu, ' ');
}
