/**
 * A Parquet file cut down to some columns of one row group: what the decoder gets instead of the whole file.
 * So only the wanted bytes are read, in few requests, and decoding is one synchronous call: a trap is an
 * exception here and not an unhandled one inside somebody's promise.
 */
import type { ByteSource } from '../base/bytes.js';
import { badInput } from './bad-input.js';
import { fetchRanges } from './byte-ranges.js';
import { CHUNK, CHUNK_META, FILE, GROUP, type ParquetChunk, type ParquetFooter } from './parquet-footer.js';
import { ELEMENT, type ParquetColumn, PHYSICAL } from './parquet-schema.js';
import { THRIFT, type ThriftStruct, type ThriftValue, thriftNumber, thriftStruct, writeThrift } from './thrift.js';

const MAGIC = new TextEncoder().encode('PAR1');
/** The decoder's memory is 4 GiB at most and holds the input beside its output. */
const MAX_EXCERPT_BYTES = 1.5 * 2 ** 30;
const INT96_BYTES = 12;
/** Annotations that the decoder would act on beyond what is wanted: see `leafElement`. */
const ANNOTATIONS: ReadonlySet<number> = new Set([ELEMENT.convertedType, ELEMENT.logicalType]);

/** The plan of one read: plain data, made before any byte moves. */
export interface ExcerptPlan {
  readonly chunks: readonly ParquetChunk[];
  /** Of all chunks together. */
  readonly byteLength: number;
  readonly footer: Uint8Array;
}

/** Plans the read of `columns` (top-level, in schema order) of one row group. */
export function planExcerpt(footer: ParquetFooter, groupIndex: number, columns: readonly ParquetColumn[]): ExcerptPlan {
  const group = footer.groups[groupIndex]!;
  const chunks = columns.flatMap((column) => group.chunks.slice(column.firstLeaf, column.endLeaf));
  const byteLength = chunks.reduce((sum, chunk) => sum + chunk.end - chunk.start, 0);
  if (byteLength > MAX_EXCERPT_BYTES) {
    throw badInput(`its wanted columns take ${byteLength} bytes, more than the ${MAX_EXCERPT_BYTES} of one read`, {
      fix: 'write smaller row groups',
    });
  }
  const elements = columns.flatMap((column) => footer.elements.slice(column.firstElement, column.endElement));
  const root = footer.elements[0]!;
  const schema = [withField(root, ELEMENT.childCount, THRIFT.i32, columns.length), ...elements.map(leafElement)];
  return { chunks, byteLength, footer: writeFooter(schema, chunks, group.rows) };
}

/** Fetches what the plan asks for and puts the small file together. */
export async function fetchExcerpt(source: ByteSource, plan: ExcerptPlan): Promise<Uint8Array> {
  const { chunks, byteLength, footer } = plan;
  const fetched = await fetchRanges(source, chunks);
  const file = new Uint8Array(2 * MAGIC.length + byteLength + footer.length + 4);
  file.set(MAGIC, 0);
  let at = MAGIC.length;
  for (const chunk of chunks) {
    file.set(fetched(chunk), at);
    at += chunk.end - chunk.start;
  }
  file.set(footer, at);
  new DataView(file.buffer).setUint32(at + footer.length, footer.length, true);
  file.set(MAGIC, at + footer.length + 4);
  return file;
}

/**
 * The schema element as the decoder shall see it. Strings become plain bytes: it would refuse a whole column for one
 * broken value, we reject that row. INT96 becomes 12 plain bytes: it would wrap around beyond the year 2262.
 */
function leafElement(element: ThriftStruct): ThriftStruct {
  const physical = thriftNumber(element, ELEMENT.type);
  if (physical === PHYSICAL.int96) {
    const fixed = withField(
      withField(element, ELEMENT.type, THRIFT.i32, PHYSICAL.fixed),
      ELEMENT.typeLength,
      THRIFT.i32,
      INT96_BYTES,
    );
    return withoutFields(fixed, ANNOTATIONS);
  }
  const isDecimal = element.has(ELEMENT.precision) || thriftStruct(element, ELEMENT.logicalType)?.has(DECIMAL_LOGICAL);
  return physical === PHYSICAL.bytes && !isDecimal ? withoutFields(element, ANNOTATIONS) : element;
}

/** Number of DECIMAL in the LogicalType union. */
const DECIMAL_LOGICAL = 5;

function writeFooter(schema: readonly ThriftStruct[], chunks: readonly ParquetChunk[], rows: number): Uint8Array {
  let at = MAGIC.length;
  const columnChunks = chunks.map((chunk) => {
    const moved = movedChunk(chunk, at - chunk.start);
    const fields = struct([
      [CHUNK.fileOffset, THRIFT.i64, at],
      [CHUNK.metadata, THRIFT.struct, moved],
    ]);
    at += chunk.end - chunk.start;
    return fields;
  });
  const group = struct([
    [GROUP.chunks, THRIFT.list, { elementType: THRIFT.struct, items: columnChunks }],
    [GROUP.totalBytes, THRIFT.i64, at - MAGIC.length],
    [GROUP.rowCount, THRIFT.i64, rows],
  ]);
  return writeThrift(
    struct([
      [FILE.version, THRIFT.i32, 2],
      [FILE.schema, THRIFT.list, { elementType: THRIFT.struct, items: schema }],
      [FILE.rowCount, THRIFT.i64, rows],
      [FILE.rowGroups, THRIFT.list, { elementType: THRIFT.struct, items: [group] }],
    ]),
  );
}

/** ColumnMetaData with its page offsets moved; statistics and the like are left behind. */
function movedChunk(chunk: ParquetChunk, shift: number): ThriftStruct {
  const { metadata } = chunk;
  const kept: [number, number, ThriftValue][] = [];
  for (const id of [
    CHUNK_META.type,
    CHUNK_META.encodings,
    CHUNK_META.path,
    CHUNK_META.codec,
    CHUNK_META.valueCount,
    CHUNK_META.uncompressedBytes,
    CHUNK_META.compressedBytes,
  ]) {
    const field = metadata.get(id);
    if (field !== undefined) kept.push([id, field.type, field.value]);
  }
  kept.push([CHUNK_META.dataPageOffset, THRIFT.i64, (thriftNumber(metadata, CHUNK_META.dataPageOffset) ?? 0) + shift]);
  const dictionaryPage = thriftNumber(metadata, CHUNK_META.dictionaryPageOffset) ?? 0;
  if (dictionaryPage > 0) kept.push([CHUNK_META.dictionaryPageOffset, THRIFT.i64, dictionaryPage + shift]);
  const moved = struct(kept);
  return thriftNumber(metadata, CHUNK_META.type) === PHYSICAL.int96
    ? withField(moved, CHUNK_META.type, THRIFT.i32, PHYSICAL.fixed)
    : moved;
}

function struct(fields: readonly (readonly [id: number, type: number, value: ThriftValue])[]): ThriftStruct {
  return new Map(fields.map(([id, type, value]) => [id, { type, value }]));
}

function withField(base: ThriftStruct, id: number, type: number, value: ThriftValue): ThriftStruct {
  return new Map([...base, [id, { type, value }]]);
}

function withoutFields(base: ThriftStruct, ids: ReadonlySet<number>): ThriftStruct {
  return new Map([...base].filter(([id]) => !ids.has(id)));
}
