/**
 * The footer of a Parquet file as plain data: schema, row groups, and where each column chunk lies.
 * Spec: parquet-format, parquet.thrift (FileMetaData).
 */
import { badInput, checkInput } from './bad-input.js';
import { type ParquetColumn, parquetColumns } from './parquet-schema.js';
import {
  readThrift,
  type ThriftStruct,
  thriftItems,
  thriftNumber,
  thriftStruct,
  thriftStructs,
  thriftText,
} from './thrift.js';

/** Field numbers of FileMetaData, RowGroup, ColumnChunk and ColumnMetaData. */
export const FILE = { version: 1, schema: 2, rowCount: 3, rowGroups: 4, createdBy: 6 } as const;
export const GROUP = { chunks: 1, totalBytes: 2, rowCount: 3 } as const;
export const CHUNK = { filePath: 1, fileOffset: 2, metadata: 3, crypto: 8 } as const;
export const CHUNK_META = {
  type: 1,
  encodings: 2,
  path: 3,
  codec: 4,
  valueCount: 5,
  uncompressedBytes: 6,
  compressedBytes: 7,
  dataPageOffset: 9,
  dictionaryPageOffset: 11,
} as const;

const CODECS = ['none', 'snappy', 'gzip', 'lzo', 'brotli', 'lz4', 'zstd', 'lz4_raw'];
const ENCODINGS = [
  'PLAIN',
  'GROUP_VAR_INT',
  'PLAIN_DICTIONARY',
  'RLE',
  'BIT_PACKED',
  'DELTA_BINARY_PACKED',
  'DELTA_LENGTH_BYTE_ARRAY',
  'DELTA_BYTE_ARRAY',
  'RLE_DICTIONARY',
  'BYTE_STREAM_SPLIT',
];

/** One column of one row group; its pages are the bytes `[start, end)` of the file. */
export interface ParquetChunk {
  readonly start: number;
  readonly end: number;
  readonly uncompressedBytes: number;
  readonly codec: string;
  readonly encodings: readonly string[];
  /** Why its bytes are out of reach, e.g. encrypted; other columns stay readable. */
  readonly obstacle: string | undefined;
  /** ColumnMetaData as read, for writing it again. */
  readonly metadata: ThriftStruct;
}

export interface ParquetGroup {
  readonly rows: number;
  /** Compressed bytes of all chunks. */
  readonly bytes: number;
  /** One per leaf of the schema, in its order. */
  readonly chunks: readonly ParquetChunk[];
}

export interface ParquetFooter {
  readonly columns: readonly ParquetColumn[];
  readonly elements: readonly ThriftStruct[];
  readonly groups: readonly ParquetGroup[];
  readonly createdBy: string | undefined;
}

/**
 * Reads the footer's thrift bytes. `dataEnd` is where they start in the file: no chunk may reach beyond.
 * Errors: `bad-data` for anything that does not fit together; nothing in it is trusted.
 */
export function readFooter(bytes: Uint8Array, dataEnd: number): ParquetFooter {
  const file = readThrift(bytes);
  const elements = thriftStructs(file, FILE.schema);
  const columns = parquetColumns(elements);
  const leafCount = columns.at(-1)?.endLeaf ?? 0;
  const groups = thriftStructs(file, FILE.rowGroups).map((group) => readGroup(group, leafCount, dataEnd));
  const rowCount = groups.reduce((sum, group) => sum + group.rows, 0);
  checkInput(
    rowCount === thriftNumber(file, FILE.rowCount),
    'the rows of its row groups do not add up to those of the file',
  );
  return { columns, elements, groups, createdBy: thriftText(file, FILE.createdBy) };
}

function readGroup(group: ThriftStruct, leafCount: number, dataEnd: number): ParquetGroup {
  const rows = wholeNumber(group, GROUP.rowCount, 'row count');
  checkInput(rows <= 0x7fffffff, `a row group of ${rows} rows is not possible`);
  const chunks = thriftStructs(group, GROUP.chunks).map((chunk) => readChunk(chunk, dataEnd));
  checkInput(
    chunks.length === leafCount,
    `a row group has ${chunks.length} column chunks where the schema has ${leafCount}`,
  );
  for (const { metadata, obstacle } of chunks) {
    const values = obstacle === undefined ? wholeNumber(metadata, CHUNK_META.valueCount, 'value count') : rows;
    checkInput(values >= rows, `a column chunk of ${values} values cannot fill ${rows} rows`);
  }
  return { rows, bytes: chunks.reduce((sum, chunk) => sum + chunk.end - chunk.start, 0), chunks };
}

function readChunk(chunk: ThriftStruct, dataEnd: number): ParquetChunk {
  const metadata = thriftStruct(chunk, CHUNK.metadata);
  const otherFile = thriftText(chunk, CHUNK.filePath) ?? '';
  if (otherFile !== '') return describeChunk(new Map(), 0, 0, `its pages lie in another file, ${otherFile}`);
  if (chunk.has(CHUNK.crypto)) return describeChunk(metadata ?? new Map(), 0, 0, 'it is encrypted');
  if (metadata === undefined) throw badInput('a column chunk has no metadata');
  const dataPage = wholeNumber(metadata, CHUNK_META.dataPageOffset, 'page offset');
  // Some writers store 0 for "no dictionary".
  const dictionaryPage = thriftNumber(metadata, CHUNK_META.dictionaryPageOffset) ?? 0;
  const start = dictionaryPage > 0 ? Math.min(dictionaryPage, dataPage) : dataPage;
  const end = start + wholeNumber(metadata, CHUNK_META.compressedBytes, 'size');
  checkInput(end <= dataEnd, `a column chunk [${start}, ${end}) reaches beyond the data, which ends at ${dataEnd}`);
  return describeChunk(metadata, start, end, undefined);
}

function describeChunk(metadata: ThriftStruct, start: number, end: number, obstacle: string | undefined): ParquetChunk {
  const codec = thriftNumber(metadata, CHUNK_META.codec) ?? 0;
  const encodings = thriftItems(metadata, CHUNK_META.encodings).map((id) => ENCODINGS[Number(id)] ?? `encoding ${id}`);
  return {
    start,
    end,
    uncompressedBytes: Math.max(0, thriftNumber(metadata, CHUNK_META.uncompressedBytes) ?? 0),
    codec: CODECS[codec] ?? `codec ${codec}`,
    encodings,
    obstacle,
    metadata,
  };
}

function wholeNumber(struct: ThriftStruct, id: number, what: string): number {
  const value = thriftNumber(struct, id);
  checkInput(value !== undefined && value >= 0 && Number.isSafeInteger(value), `a ${what} of ${value} is not possible`);
  return value;
}
