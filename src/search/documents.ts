/** Documents by id, all of them, and sums over them. */
import { orderedToFloat } from '../segment/column.js';
import { type DocId, ID_FIELD } from '../segment/layout.js';
import { NO_MORE_DOCS } from '../segment/postings.js';
import { type FieldValues, readFields } from './fields.js';
import { numbersOf } from './overlays.js';
import { requireNumeric } from './resolve.js';
import { isLive, type LiveSegment, type Snapshot } from './snapshot.js';

/** A live document with where it lies. */
export interface FoundDocument {
  readonly id: string;
  readonly segment: LiveSegment;
  readonly docId: DocId;
  readonly fields: FieldValues;
}

/** Stored fields and every numeric field, unless told. */
export function shownFields({ stored, fields }: Snapshot): string[] {
  const numeric = [...fields.values()].filter(({ type }) => type !== 'text' && type !== 'keyword');
  return [...new Set([...stored, ...numeric.map(({ name }) => name)])];
}

/** The live document of an id; undefined where there is none. */
export async function findDocument(snapshot: Snapshot, id: string): Promise<FoundDocument | undefined> {
  const term = new TextEncoder().encode(id);
  for (const segment of snapshot.segments) {
    const info = await (await segment.reader.dictionary(ID_FIELD)).seekExact(term);
    if (info === undefined) continue;
    const list = await segment.reader.postings(ID_FIELD, info);
    for (let docId = list.next(); docId !== NO_MORE_DOCS; docId = list.next()) {
      if (!isLive(segment, docId)) continue;
      return { id, segment, docId, fields: await readFields(snapshot, segment, docId, shownFields(snapshot)) };
    }
  }
  return undefined;
}

/** Every live document, segment by segment in document order. */
export async function* liveDocuments(snapshot: Snapshot): AsyncGenerator<FoundDocument> {
  const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
  const shown = shownFields(snapshot);
  for (const segment of snapshot.segments) {
    const stored = await segment.reader.stored();
    for (let docId = 0; docId < segment.docs; docId++) {
      if (!isLive(segment, docId)) continue;
      const fields = await readFields(snapshot, segment, docId, shown);
      yield { id: utf8.decode(await stored.id(docId)), segment, docId, fields };
    }
  }
}

/** Sum of a numeric field over live documents: exact for integers, in document order for floats. */
export async function sumColumn(snapshot: Snapshot, name: string): Promise<bigint | number> {
  if (snapshot.segments.length === 0) return 0n;
  const isFloat = requireNumeric(snapshot.fields, name).type === 'f64';
  let integers = 0n;
  let floats = 0;
  for (const segment of snapshot.segments) {
    const column = await numbersOf(segment, name);
    for (let docId = 0; docId < segment.docs; docId++) {
      if (!isLive(segment, docId) || !column.has(docId)) continue;
      if (isFloat) floats += orderedToFloat(column.value(docId));
      else integers += column.value(docId);
    }
  }
  return isFloat ? floats : integers;
}
