/** Arrow IPC files and streams: record batches as row groups, ranged reads of the wanted columns' buffers. */
import type { ByteSource } from '../base/bytes.js';
import { batchBytes, type Dictionaries, loadColumns } from './arrow-batch.js';
import { loadDictionaries, type StoredDictionary } from './arrow-dictionaries.js';
import { type ArrowArray, type ArrowField, typeName } from './arrow-layout.js';
import { type ArrowContents, readFileContents, readStreamContents } from './arrow-messages.js';
import { checkInput, placeError } from './bad-input.js';
import type { Column, ColumnSet } from './columns.js';
import type { ColumnStorage, InputFile, InputFormat, ReadRowsRequest } from './input-file.js';
import { type KeepLast, keepLast } from './keep-last.js';
import { normalizeColumn } from './normalize.js';
import {
  blameColumn,
  checkCancelled,
  checkRange,
  emptyAnswer,
  type WantedColumn,
  wantedColumns,
} from './read-request.js';

interface OpenFile {
  readonly source: ByteSource;
  readonly key: string;
  readonly contents: ArrowContents;
  readonly rowCounts: readonly { readonly rows: number }[];
  readonly loaded: KeepLast<readonly ArrowArray[]>;
  readonly dictionaries: Map<StoredDictionary, Promise<ArrowArray>>;
}

type Wanted = WantedColumn<ArrowField>;

/** Opens an Arrow IPC file or stream; `tail` is its end, as far as it was read to tell the format. */
export async function openArrow(
  source: ByteSource,
  key: string,
  format: Exclude<InputFormat, 'parquet'>,
  tail: Uint8Array,
): Promise<InputFile> {
  const reading = format === 'arrow-file' ? readFileContents(source, tail) : readStreamContents(source);
  const contents = await reading.catch((error: unknown) => {
    throw placeError(error, key, { object: key });
  });
  const rowCounts = contents.batches.map(({ layout }) => ({ rows: layout.rows }));
  const loaded = keepLast<readonly ArrowArray[]>();
  const file: OpenFile = { source, key, contents, rowCounts, loaded, dictionaries: new Map() };
  const codecs = [...new Set(contents.batches.map(({ layout }) => layout.codec))];
  return {
    format,
    rows: rowCounts.reduce((sum, { rows }) => sum + rows, 0),
    columns: contents.fields.map(({ name, type, nullable }) => ({ name, type: typeName(type), nullable })),
    rowGroups: contents.batches.map(({ layout, bytes }) => ({ rows: layout.rows, bytes, rawBytes: undefined })),
    codecs,
    storage: contents.fields.map((field) => columnStorage(field, codecs)),
    createdBy: undefined,
    pageVersions: async () => contents.fields.map(() => []),
    readRows: (request) => readRows(file, request),
    close: () => {
      loaded.clear();
      file.dictionaries.clear();
    },
  };
}

async function readRows(file: OpenFile, request: ReadRowsRequest): Promise<ColumnSet> {
  const { key, contents } = file;
  const { rowGroup, rowStart, rowEnd } = request;
  checkRange(request, file.rowCounts);
  const wanted = wantedColumns(key, contents.fields, request.columns);
  const answer = emptyAnswer(request.columns, wanted);
  if (rowStart === rowEnd || wanted.length === 0) return answer;
  checkCancelled(request.signal);
  try {
    return { ...answer, ...(await decodeRows(file, request, wanted)) };
  } catch (error) {
    const place = { key, rowGroup, groupWord: 'record batch' };
    throw await blameColumn(error, place, wanted, (column) => decodeRows(file, request, [column]));
  }
}

async function decodeRows(file: OpenFile, request: ReadRowsRequest, wanted: readonly Wanted[]): Promise<ColumnSet> {
  const { fields } = file.contents;
  const { rowGroup, rowStart, rowEnd, signal } = request;
  const indices = [...new Set(wanted.map(({ field }) => fields.indexOf(field)))].sort((a, b) => a - b);
  const batch = file.contents.batches[rowGroup]!;
  const byteLength = batchBytes(batch, fields, indices);
  const arrays = await file.loaded.get([rowGroup, ...indices].join(), byteLength, async () => {
    const dictionaries = await loadAllDictionaries(file, rowGroup, indices);
    return loadColumns(file.source, batch, fields, indices, dictionaries);
  });
  checkCancelled(signal);
  const decoded: Record<string, Column> = {};
  for (const { field, request: wish } of wanted) {
    const array = arrays[indices.indexOf(fields.indexOf(field))]!;
    checkInput(
      array.length === file.rowCounts[rowGroup]!.rows,
      `a column has ${array.length} rows unlike its record batch`,
    );
    decoded[wish.as ?? wish.name] = normalizeColumn(array, rowStart, rowEnd, wish.shape);
  }
  return decoded;
}

async function loadAllDictionaries(
  file: OpenFile,
  rowGroup: number,
  indices: readonly number[],
): Promise<Dictionaries> {
  const all = new Map<number, readonly ArrowArray[]>();
  for (const index of indices) {
    const { type } = file.contents.fields[index]!;
    const some = await loadDictionaries(file.source, file.contents.dictionaries, type, rowGroup, file.dictionaries);
    for (const [id, arrays] of some) all.set(id, arrays);
  }
  return all;
}

/** The format keeps no sizes per column and no encodings but the dictionary's. */
function columnStorage(field: ArrowField, codecs: readonly string[]): ColumnStorage {
  const encodings = field.type.kind === 'dictionary' ? ['dictionary'] : [];
  return {
    name: field.name,
    codecs,
    encodings,
    compressedBytes: undefined,
    uncompressedBytes: undefined,
  };
}
