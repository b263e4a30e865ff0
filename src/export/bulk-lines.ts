/** Actions as lines of the engines that take them. Fields that are null are left out: a document is replaced whole. */
import type { BulkAction } from './bulk.js';

export const BULK_FORMATS = ['opensearch', 'solr'] as const;

export type BulkFormat = (typeof BULK_FORMATS)[number];

/** One action, its last line ended. `opensearch`: for `_bulk` (Elasticsearch too); `solr`: commands for `/update`. */
export function bulkLines(action: BulkAction, format: BulkFormat): string {
  const { id } = action;
  if (format === 'opensearch') {
    if (action.kind === 'delete') return `${JSON.stringify({ delete: { _id: id } })}\n`;
    return `${JSON.stringify({ index: { _id: id } })}\n${JSON.stringify(documentOf(action))}\n`;
  }
  if (action.kind === 'delete') return `${JSON.stringify({ delete: { id } })}\n`;
  return `${JSON.stringify({ add: { doc: documentOf(action) } })}\n`;
}

/** `id` and `group` are the keys; fields of these names give way. */
function documentOf({ id, group, fields }: Extract<BulkAction, { kind: 'add' }>): Record<string, unknown> {
  const values = Object.entries(fields).filter(([, value]) => value !== null);
  return { ...Object.fromEntries(values), id, ...(group === undefined ? {} : { group }) };
}
