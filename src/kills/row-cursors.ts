/** Opens the cursors of an index's rows by one of their two keys. */
import { GROUP_FIELD, ID_FIELD } from '../segment/layout.js';
import { DictionaryCursor, type DictionaryCursorOptions } from './dictionary-cursor.js';
import type { SegmentRows } from './segment-rows.js';
import { TombstoneCursor } from './tombstone-cursor.js';

/** The rows of a key are documents of one segment, or its tombstones. */
export type RowCursor = DictionaryCursor | TombstoneCursor;

/** Two cursors a segment: its documents and its tombstones. */
export async function openCursors(
  segments: readonly SegmentRows[],
  key: 'id' | 'group',
  options: DictionaryCursorOptions,
): Promise<RowCursor[]> {
  const field = key === 'id' ? ID_FIELD : GROUP_FIELD;
  const documents = segments.map((segment) => DictionaryCursor.open(segment, field, options));
  const tombstones = segments.map(key === 'id' ? TombstoneCursor.byId : TombstoneCursor.byGroup);
  return [...(await Promise.all(documents)), ...tombstones];
}
