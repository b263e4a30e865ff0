/** Search results as people read them. */
import type { SearchHit, SearchResult } from '../search/search.js';
import { formatCount, formatTable } from './format.js';

/** A hit's fields beyond this many signs are cut, so that a hit stays one line. */
const MAX_FIELDS_LENGTH = 100;

/** Lines of text, the last one ended too. */
export function formatHits({ total, totalRelation, tookMs, hits }: SearchResult): string {
  const relation = totalRelation === 'gte' ? 'at least ' : '';
  const title = `${relation}${formatCount(total)} ${total === 1 ? 'hit' : 'hits'} in ${tookMs.toFixed(1)} ms`;
  return `${[title, ...formatHitRows(hits)].join('\n')}\n`;
}

/** A line a hit: rank, score, id, fields. */
export function formatHitRows(hits: readonly SearchHit[]): string[] {
  const rows = hits.map(({ id, score, fields }, i) => [`${i + 1}`, score.toFixed(3), id, fieldsOf(fields)]);
  return formatTable(rows, [0, 1]).map((line) => `  ${line}`);
}

function fieldsOf(fields: SearchHit['fields']): string {
  const text = Object.entries(fields)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name}: ${Array.isArray(value) ? value.join(', ') : String(value)}`)
    .join('  ');
  // A line break or an escape sequence out of a document must not reach the terminal.
  const plain = text.replace(/[\p{Cc}\p{Cf}]+/gu, ' ');
  return plain.length <= MAX_FIELDS_LENGTH ? plain : `${plain.slice(0, MAX_FIELDS_LENGTH - 1)}…`;
}
