/**
 * Columns of a Parquet row group as pages still to be decoded, for a decoder that works where the values are needed. Only the
 * common shapes: flat columns and lists of text, in codecs that are cheap; all else is left to `readRows`.
 */
import type { ByteSource } from '../base/bytes.js';
import type { ArrowType } from './arrow-layout.js';
import { isBadInput } from './bad-input.js';
import { fetchRanges } from './byte-ranges.js';
import type { ColumnRequest } from './columns.js';
import { ENCODING, type PageTable, readPageTable } from './page-table.js';
import { CHUNK_META, type ParquetChunk, type ParquetFooter } from './parquet-footer.js';
import { ELEMENT, type ParquetColumn, PHYSICAL } from './parquet-schema.js';
import type { WantedColumn } from './read-request.js';
import { type ThriftStruct, thriftNumber } from './thrift.js';

/** Parquet's numbers of the codecs that are decoded in place, each with the most bytes that one byte can stand for. */
const RATIOS: ReadonlyMap<number, number> = new Map([
  [0, 1],
  [1, 22],
  [7, 255],
]);
/** Some bytes of a block stand for more than their share. */
const RATIO_SLACK = 64;
/** One decompressed page: real ones have a megabyte, the largest that some writers make holds a whole row group. */
const MAX_PAGE_BYTES = 2 ** 29;

/** Levels of a column: how rows, nulls and elements are told apart. */
export type PagedLevels =
  | { readonly kind: 'flat'; readonly definition: 0 | 1 }
  /** Definition levels from which on a list is not null, has an element, and that element has a value. */
  | { readonly kind: 'list'; readonly list: number; readonly element: number; readonly value: number };

/** One column of one row group: its pages, and the bytes they lie in. */
export interface PagedColumn {
  readonly request: ColumnRequest;
  readonly type: ArrowType;
  /** Parquet's numbers. */
  readonly physical: number;
  readonly codec: number;
  readonly levels: PagedLevels;
  readonly table: PageTable;
  readonly bytes: Uint8Array;
}

/** What a column chunk is, before its pages are known; undefined = not of the common shapes. */
interface PagedShape {
  readonly chunk: ParquetChunk;
  readonly physical: number;
  readonly codec: number;
  readonly levels: PagedLevels;
}

/** Chunks that can be decoded page by page, by their place in `wanted`. */
function pagedShapes(
  footer: ParquetFooter,
  rowGroup: number,
  wanted: readonly WantedColumn<ParquetColumn>[],
): readonly (PagedShape | undefined)[] {
  return wanted.map(({ field }) => {
    const chunk = footer.groups[rowGroup]!.chunks[field.firstLeaf];
    if (chunk === undefined || field.endLeaf !== field.firstLeaf + 1 || chunk.obstacle !== undefined) return undefined;
    const element = footer.elements[field.endElement - 1]!;
    const physical = thriftNumber(element, ELEMENT.type) ?? -1;
    const codec = thriftNumber(chunk.metadata, CHUNK_META.codec) ?? -1;
    const levels = levelsOf(footer, field);
    const isKnown = RATIOS.has(codec) && thriftNumber(chunk.metadata, CHUNK_META.type) === physical;
    if (!isKnown || levels === undefined || !isCommon(field.type, physical)) return undefined;
    if (!annotationsAgree(element, field.type)) return undefined;
    return { chunk, physical, codec, levels };
  });
}

/** Types whose stored bytes are Arrow's as they are. */
function isCommon(type: ArrowType, physical: number): boolean {
  switch (type.kind) {
    case 'utf8':
    case 'binary':
      return physical === PHYSICAL.bytes;
    case 'list':
      return physical === PHYSICAL.bytes && (type.child.type.kind === 'utf8' || type.child.type.kind === 'binary');
    case 'bool':
      return physical === PHYSICAL.boolean;
    case 'int':
      return physical === (type.bits === 64 ? PHYSICAL.int64 : PHYSICAL.int32) && type.bits >= 32;
    case 'float':
      return physical === (type.bits === 64 ? PHYSICAL.double : PHYSICAL.float) && type.bits >= 32;
    case 'date':
      return physical === PHYSICAL.int32;
    case 'timestamp':
      return physical === PHYSICAL.int64;
    default:
      return false;
  }
}

/** ConvertedType of integers: 8 bits, the wider ones follow. */
const UINT_8 = 11;
const INT_8 = 15;
const CONVERTED_DATE = 6;
const CONVERTED_TIMESTAMP: Readonly<Record<string, number>> = { ms: 9, us: 10 };

/** Numbers may be annotated twice, the old way and the new. Where the two disagree the other decoder has to say so. */
function annotationsAgree(element: ThriftStruct, type: ArrowType): boolean {
  const converted = thriftNumber(element, ELEMENT.convertedType);
  if (converted === undefined) return true;
  switch (type.kind) {
    case 'timestamp':
      return converted === CONVERTED_TIMESTAMP[type.unit];
    case 'date':
      return converted === CONVERTED_DATE;
    case 'int':
      return converted === (type.signed ? INT_8 : UINT_8) + Math.log2(type.bits / 8);
    case 'bool':
    case 'float':
      return false;
    default:
      return true;
  }
}

const REQUIRED = 0;
const OPTIONAL = 1;
const REPEATED = 2;

/** A leaf by itself, or a LIST group around one repeated leaf or around a repeated group of one leaf. */
function levelsOf(footer: ParquetFooter, field: ParquetColumn): PagedLevels | undefined {
  const path = footer.elements
    .slice(field.firstElement, field.endElement)
    .map((element) => thriftNumber(element, ELEMENT.repetition) ?? REQUIRED);
  const [outer, middle, inner = REQUIRED] = path;
  if (outer !== REQUIRED && outer !== OPTIONAL) return undefined;
  if (path.length === 1) return { kind: 'flat', definition: outer };
  if (field.type.kind !== 'list' || path.length > 3 || middle !== REPEATED) return undefined;
  if (inner !== REQUIRED && inner !== OPTIONAL) return undefined;
  return { kind: 'list', list: outer, element: outer + 1, value: outer + 1 + inner };
}

/** The common columns among `wanted`, and the requests for all others. */
export interface PagedRead {
  readonly columns: readonly PagedColumn[];
  readonly rest: readonly ColumnRequest[];
}

/** Fetches the chunks of the common columns among `wanted` and reads their page headers. Errors: those of the source. */
export async function fetchPaged(
  source: ByteSource,
  footer: ParquetFooter,
  rowGroup: number,
  wanted: readonly WantedColumn<ParquetColumn>[],
): Promise<PagedRead> {
  const shapes = pagedShapes(footer, rowGroup, wanted);
  const chunks = shapes.flatMap((shape) => (shape === undefined ? [] : [shape.chunk]));
  const fetched = await fetchRanges(source, chunks);
  const columns: PagedColumn[] = [];
  const rest: ColumnRequest[] = [];
  for (const [i, { request, field }] of wanted.entries()) {
    const shape = shapes[i];
    const bytes = shape === undefined ? undefined : fetched(shape.chunk);
    const table = shape === undefined ? undefined : soundTable(bytes!, shape, footer.groups[rowGroup]!.rows);
    if (table === undefined) rest.push(request);
    else columns.push({ ...shape!, request, type: field.type, table, bytes: bytes! });
  }
  return { columns, rest };
}

/** The page table where it is one that can be decoded page by page and agrees with the footer. */
function soundTable(bytes: Uint8Array, shape: PagedShape, rows: number): PageTable | undefined {
  const table = readTable(bytes);
  if (table === undefined) return undefined;
  const { levels, chunk, physical, codec } = shape;
  if (table.entries !== (levels.kind === 'flat' ? rows : thriftNumber(chunk.metadata, CHUNK_META.valueCount))) {
    return undefined;
  }
  const ratio = RATIOS.get(codec)!;
  const isPlausible = ({ start, end, rawBytes }: { start: number; end: number; rawBytes: number }) =>
    rawBytes <= MAX_PAGE_BYTES && rawBytes <= (end - start) * ratio + RATIO_SLACK;
  if (table.dictionary !== undefined && !isPlausible(table.dictionary)) return undefined;
  const isSound = table.pages.every(
    (page) =>
      isPlausible(page) &&
      isReadable(page.encoding, physical) &&
      (levels.kind === 'list' || page.rows === undefined || page.rows === page.entries) &&
      (levels.kind === 'flat' || page.repetitionEncoding === ENCODING.rle) &&
      (levels.kind === 'list' || levels.definition === 1 ? page.definitionEncoding === ENCODING.rle : true),
  );
  return isSound ? table : undefined;
}

function isReadable(encoding: number, physical: number): boolean {
  if (encoding === ENCODING.plain) return true;
  if (physical === PHYSICAL.boolean) return encoding === ENCODING.rle;
  return encoding === ENCODING.plainDictionary || encoding === ENCODING.rleDictionary;
}

function readTable(bytes: Uint8Array): PageTable | undefined {
  try {
    return readPageTable(bytes);
  } catch (error) {
    // The other decoder reads the same bytes and says what is wrong, if it agrees.
    if (isBadInput(error)) return undefined;
    throw error;
  }
}
