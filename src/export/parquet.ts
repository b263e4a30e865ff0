/** An index as Parquet: its live documents with every field that can be read back, or the postings of one field. */
import { type FieldOverlay, numbersOf } from '../search/overlays.js';
import { isLive, type LiveSegment, type Snapshot } from '../search/snapshot.js';
import { orderedToFloat } from '../segment/column.js';
import { type DocId, type FieldType, GROUP_FIELD, hasTerms } from '../segment/layout.js';
import { requireTermsField } from './fields.js';
import { liveLists, numberLive } from './live-lists.js';
import { type ColumnValues, type ParquetColumn, parquetBytes } from './parquet-file.js';

/** Rows of a row group: some MiB of usual documents, and what DuckDB gives one thread. */
const GROUP_ROWS = 100_000;

const NUMBER_TYPES = { i64: 'i64', f64: 'f64', bool: 'bool', timestamp: 'micros' } as const;

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** Reads one value of a document. */
type ReadValue = (segment: LiveSegment, docId: DocId) => Promise<unknown>;

interface DocumentColumn extends ParquetColumn {
  readonly read: ReadValue;
}

/** Live documents, one row each: `id`, `group` where there are groups, stored fields, keywords and numbers by their names. */
export function documentsParquet(snapshot: Snapshot): AsyncGenerator<Uint8Array> {
  const columns = documentColumns(snapshot);
  return parquetBytes(columns, documentGroups(snapshot, columns));
}

/** One row a posting: `term`, `id` of the document, `freq`. Ordered by term, then by document. */
export function postingsParquet(snapshot: Snapshot, field: string): AsyncGenerator<Uint8Array> {
  requireTermsField(snapshot, field);
  const columns: ParquetColumn[] = [
    { name: 'term', type: 'string', nullable: false },
    { name: 'id', type: 'string', nullable: false },
    { name: 'freq', type: 'i32', nullable: false },
  ];
  return parquetBytes(columns, postingGroups(snapshot, field));
}

function documentColumns({ fields, stored, hasGroups }: Snapshot): DocumentColumn[] {
  const columns: DocumentColumn[] = [{ name: 'id', type: 'string', nullable: false, read: readId }];
  if (hasGroups)
    columns.push({ name: 'group', type: 'string', nullable: true, read: keywordReader(GROUP_FIELD, false) });
  const taken = new Set(columns.map(({ name }) => name));
  const add = (column: DocumentColumn) => {
    // A field called like a key keeps its values, under a name that says what it is.
    const name = taken.has(column.name) ? `field_${column.name}` : column.name;
    taken.add(name);
    columns.push({ ...column, name });
  };
  const isNumber = (name: string) => fields.has(name) && !hasTerms(fields.get(name)!.type);
  const texts = stored.filter((name) => !isNumber(name));
  for (const name of texts) {
    const isList = fields.get(name)?.type === 'keyword';
    add({
      name,
      type: isList ? 'strings' : 'string',
      nullable: true,
      read: storedReader(name, stored.indexOf(name), isList),
    });
  }
  for (const { name, type } of fields.values()) {
    if (name.startsWith('_') || type === 'text' || texts.includes(name)) continue;
    if (type === 'keyword') add({ name, type: 'strings', nullable: true, read: keywordReader(name, true) });
    else add({ name, type: NUMBER_TYPES[type], nullable: true, read: numberReader(name, type) });
  }
  return columns;
}

async function readId({ reader }: LiveSegment, docId: DocId): Promise<string> {
  return utf8.decode(await (await reader.stored()).id(docId));
}

function storedReader(name: string, at: number, isList: boolean): ReadValue {
  return async ({ reader, overlays }, docId) => {
    const patched = patchedKeywords(overlays.get(name), docId);
    if (patched !== undefined) return patched;
    const value = (await reader.storedDocument(docId)).values[at] ?? null;
    if (isList) return value === null || Array.isArray(value) ? value : [value];
    return Array.isArray(value) ? JSON.stringify(value) : value;
  };
}

function keywordReader(name: string, isList: boolean): ReadValue {
  return async ({ reader, overlays }, docId) => {
    const patched = patchedKeywords(overlays.get(name), docId);
    if (patched !== undefined) return patched;
    const [ordinals, dictionary] = await Promise.all([reader.ordinals(name), reader.dictionary(name)]);
    const terms: string[] = [];
    for (let i = ordinals.start(docId); i < ordinals.end(docId); i++)
      terms.push(utf8.decode(await dictionary.termAt(ordinals.at(i))));
    if (!isList) return terms[0] ?? null;
    return terms.length === 0 ? null : terms;
  };
}

function numberReader(name: string, type: FieldType): ReadValue {
  return async (segment, docId) => {
    const column = await numbersOf(segment, name);
    if (!column.has(docId)) return null;
    const value = column.value(docId);
    if (type === 'f64') return orderedToFloat(value);
    return type === 'bool' ? value !== 0n : value;
  };
}

/** A field of lists; undefined where no patch has set it. */
function patchedKeywords(overlay: FieldOverlay | undefined, docId: DocId): string[] | undefined {
  if (!overlay?.has(docId)) return undefined;
  return (overlay.valueOf(docId) as readonly Uint8Array[]).map((term) => utf8.decode(term));
}

async function* documentGroups(
  { segments }: Snapshot,
  columns: readonly DocumentColumn[],
): AsyncGenerator<ColumnValues[]> {
  let values: unknown[][] = columns.map(() => []);
  for (const segment of segments) {
    for (let docId = 0; docId < segment.docs; docId++) {
      if (!isLive(segment, docId)) continue;
      for (const [i, { read }] of columns.entries()) values[i]!.push(await read(segment, docId));
      if (values[0]!.length < GROUP_ROWS) continue;
      yield values;
      values = columns.map(() => []);
    }
  }
  if (values[0]!.length > 0) yield values;
}

async function* postingGroups(snapshot: Snapshot, field: string): AsyncGenerator<ColumnValues[]> {
  const numbering = numberLive(snapshot);
  const ids: string[] = [];
  for (const segment of snapshot.segments) {
    for (let docId = 0; docId < segment.docs; docId++)
      if (isLive(segment, docId)) ids.push(await readId(segment, docId));
  }
  let rows: [string[], string[], number[]] = [[], [], []];
  for await (const { term, docs, freqs } of liveLists(snapshot, field, numbering)) {
    const text = utf8.decode(term);
    for (let i = 0; i < docs.length; i++) {
      rows[0].push(text);
      rows[1].push(ids[docs[i]!]!);
      rows[2].push(freqs[i]!);
      if (rows[0].length < GROUP_ROWS) continue;
      yield rows;
      rows = [[], [], []];
    }
  }
  if (rows[0].length > 0) yield rows;
}
