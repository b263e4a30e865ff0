/** Parquet files: footer first, then ranged reads of the wanted columns of one row group. */
import type { ByteSource } from '../base/bytes.js';
import type { ArrowArray, ArrowType } from './arrow-layout.js';
import { typeName } from './arrow-layout.js';
import { badInput, checkInput, isBadInput, placeError } from './bad-input.js';
import type { Column, ColumnSet } from './columns.js';
import type { ColumnStorage, InputFile, ReadRowsRequest } from './input-file.js';
import { type KeepLast, keepLast } from './keep-last.js';
import { normalizeColumn } from './normalize.js';
import { fetchPaged, type PagedRead } from './paged.js';
import { decodeExcerpt } from './parquet-decoder.js';
import { fetchExcerpt, planExcerpt } from './parquet-excerpt.js';
import { type ParquetFooter, readFooter } from './parquet-footer.js';
import { readPageVersions } from './parquet-pages.js';
import type { ParquetColumn } from './parquet-schema.js';
import { readExactly } from './read-exactly.js';
import {
  blameColumn,
  checkCancelled,
  checkRange,
  emptyAnswer,
  type WantedColumn,
  wantedColumns,
} from './read-request.js';

/** Footer length and magic at the very end. */
const TAIL_BYTES = 8;

type Wanted = WantedColumn<ParquetColumn>;

interface OpenFile {
  readonly source: ByteSource;
  readonly key: string;
  readonly footer: ParquetFooter;
  readonly excerpts: KeepLast<Uint8Array>;
  readonly paged: KeepLast<PagedRead>;
}

/**
 * Opens a file that begins and ends with `PAR1`. `tail` is the end of the file, as much of it as was read to find
 * that out; the footer is fetched only when it is longer.
 */
export async function openParquet(source: ByteSource, key: string, tail: Uint8Array): Promise<InputFile> {
  const footer = await loadFooter(source, tail).catch((error: unknown) => {
    throw placeError(error, key, { object: key });
  });
  const file: OpenFile = { source, key, footer, excerpts: keepLast(), paged: keepLast() };
  const storage = footer.columns.map((column) => columnStorage(footer, column));
  return {
    format: 'parquet',
    rows: footer.groups.reduce((sum, group) => sum + group.rows, 0),
    columns: footer.columns.map(({ name, type, nullable }) => ({ name, type: typeName(type), nullable })),
    rowGroups: footer.groups.map(({ rows, bytes, chunks }) => ({
      rows,
      bytes,
      rawBytes: footer.columns.map(({ firstLeaf, endLeaf }) =>
        chunks.slice(firstLeaf, endLeaf).reduce((sum, { uncompressedBytes }) => sum + uncompressedBytes, 0),
      ),
    })),
    codecs: [...new Set(storage.flatMap((column) => column.codecs))],
    storage,
    createdBy: footer.createdBy,
    pageVersions: async () => {
      try {
        return await readPageVersions(source, footer);
      } catch (error) {
        throw placeError(error, key, { object: key });
      }
    },
    readRows: (request) => readRows(file, request),
    readPages: (request) => readPages(file, request),
    close: () => {
      file.excerpts.clear();
      file.paged.clear();
    },
  };
}

async function loadFooter(source: ByteSource, tail: Uint8Array): Promise<ParquetFooter> {
  const view = new DataView(tail.buffer, tail.byteOffset, tail.byteLength);
  const length = view.getUint32(tail.length - TAIL_BYTES, true);
  const end = source.byteLength - TAIL_BYTES;
  const start = end - length;
  checkInput(start >= 4, `a footer of ${length} bytes does not fit into a file of ${source.byteLength}`);
  const isInTail = length + TAIL_BYTES <= tail.length;
  const bytes = isInTail
    ? tail.subarray(tail.length - TAIL_BYTES - length, tail.length - TAIL_BYTES)
    : await readExactly(source, start, end);
  return readFooter(bytes, start);
}

async function readRows(file: OpenFile, request: ReadRowsRequest): Promise<ColumnSet> {
  const { key, footer } = file;
  const { rowGroup, rowStart, rowEnd } = request;
  checkRange(request, footer.groups);
  const wanted = wantedColumns(key, footer.columns, request.columns);
  checkReachable(key, footer, rowGroup, wanted);
  const answer = emptyAnswer(request.columns, wanted);
  if (rowStart === rowEnd || wanted.length === 0) return answer;
  checkCancelled(request.signal);
  try {
    return { ...answer, ...(await decodeRows(file, request, wanted)) };
  } catch (error) {
    const place = { key, rowGroup, groupWord: 'row group' };
    throw await blameColumn(error, place, wanted, (column) => decodeRows(file, request, [column]));
  }
}

async function readPages(file: OpenFile, request: ReadRowsRequest): Promise<PagedRead> {
  const { key, footer, source } = file;
  const { rowGroup, columns } = request;
  checkRange(request, footer.groups);
  const wanted = wantedColumns(key, footer.columns, columns);
  checkReachable(key, footer, rowGroup, wanted);
  checkCancelled(request.signal);
  const chunks = new Set(
    wanted.flatMap(({ field }) => footer.groups[rowGroup]!.chunks.slice(field.firstLeaf, field.endLeaf)),
  );
  const byteLength = [...chunks].reduce((sum, chunk) => sum + chunk.end - chunk.start, 0);
  const name = JSON.stringify([rowGroup, columns]);
  try {
    return await file.paged.get(name, byteLength, () => fetchPaged(source, footer, rowGroup, wanted));
  } catch (error) {
    if (!isBadInput(error)) throw error;
    // `readRows` meets the same and knows which column is to blame.
    return { columns: [], rest: wanted.map((column) => column.request) };
  }
}

async function decodeRows(file: OpenFile, request: ReadRowsRequest, wanted: readonly Wanted[]): Promise<ColumnSet> {
  const { rowGroup, rowStart, rowEnd, signal } = request;
  const columns = [...new Set(wanted.map(({ field }) => field))].sort((a, b) => a.firstLeaf - b.firstLeaf);
  const plan = planExcerpt(file.footer, rowGroup, columns);
  const excerptKey = [rowGroup, ...columns.map((column) => column.firstLeaf)].join();
  const excerpt = await file.excerpts.get(excerptKey, plan.byteLength, () => fetchExcerpt(file.source, plan));
  checkCancelled(signal);
  return decodeExcerpt(excerpt, rowStart, rowEnd, (arrays) => {
    const decoded: Record<string, Column> = {};
    for (const { field, request: wish } of wanted) {
      const array = declareType(arrays[columns.indexOf(field)]!, field.type);
      decoded[wish.as ?? wish.name] = normalizeColumn(array, 0, rowEnd - rowStart, wish.shape);
    }
    return decoded;
  });
}

function checkReachable(key: string, footer: ParquetFooter, rowGroup: number, wanted: readonly Wanted[]): void {
  for (const { field } of wanted) {
    const chunks = footer.groups[rowGroup]!.chunks.slice(field.firstLeaf, field.endLeaf);
    const obstacle = chunks.find((chunk) => chunk.obstacle !== undefined)?.obstacle;
    if (obstacle === undefined) continue;
    throw badInput(`column '${field.name}' of ${key} cannot be read: ${obstacle}`, {
      where: { object: key, rowGroup, column: field.name },
      fix: 'have its producer write the column in plain into the same file, or drop it from fields',
    });
  }
}

/** The decoder sees INT96 and UUIDs as plain fixed-width bytes and strings as binary; the schema knows better. */
function declareType(array: ArrowArray, declared: ArrowType): ArrowArray {
  if (array.type.kind === 'fixed' && (declared.kind === 'int96' || declared.kind === 'fixed')) {
    return { ...array, type: declared };
  }
  if (array.type.kind === 'list' && declared.kind === 'list' && array.children[0] !== undefined) {
    return { ...array, children: [declareType(array.children[0], declared.child.type)] };
  }
  return array;
}

function columnStorage(footer: ParquetFooter, column: ParquetColumn): ColumnStorage {
  const chunks = footer.groups.flatMap((group) => group.chunks.slice(column.firstLeaf, column.endLeaf));
  return {
    name: column.name,
    codecs: [...new Set(chunks.map((chunk) => chunk.codec))],
    encodings: [...new Set(chunks.flatMap((chunk) => chunk.encodings))],
    compressedBytes: chunks.reduce((sum, chunk) => sum + chunk.end - chunk.start, 0),
    uncompressedBytes: chunks.reduce((sum, chunk) => sum + chunk.uncompressedBytes, 0),
  };
}
