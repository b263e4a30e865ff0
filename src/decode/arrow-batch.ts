/** Record batch bodies -> arrays of the wanted columns; only their buffers are fetched. */
import type { ByteSource } from '../base/bytes.js';
import { decompressBuffer } from './arrow-compression.js';
import type { ArrowArray, ArrowField, ArrowType } from './arrow-layout.js';
import type { BatchLayout } from './arrow-metadata.js';
import { badInput, checkInput } from './bad-input.js';
import { type ByteRange, fetchRanges } from './byte-ranges.js';

/** A record batch: its layout and where its body starts in the file. */
export interface StoredBatch {
  readonly layout: BatchLayout;
  readonly bodyStart: number;
}

/** Dictionary values by dictionary id, as of this batch. */
export type Dictionaries = ReadonlyMap<number, readonly ArrowArray[]>;

/** A column's share of the flattened nodes and buffers: indices of its first ones. */
interface Position {
  node: number;
  buffer: number;
  variadic: number;
}

/** Buffers (validity first where the type has one) and children of a type. */
interface TypeLayout {
  readonly bufferCount: number;
  readonly hasVariadic: boolean;
  readonly children: readonly ArrowField[];
}

/** Compressed bytes of the wanted columns. */
export function batchBytes(batch: StoredBatch, fields: readonly ArrowField[], wanted: readonly number[]): number {
  return columnRanges(batch, fields, wanted).reduce((sum, { start, end }) => sum + end - start, 0);
}

/** Fetches and decompresses the columns `wanted` (indices into `fields`), in the order given. */
export async function loadColumns(
  source: ByteSource,
  batch: StoredBatch,
  fields: readonly ArrowField[],
  wanted: readonly number[],
  dictionaries: Dictionaries,
): Promise<readonly ArrowArray[]> {
  const positions = columnPositions(batch.layout, fields);
  const fetched = await fetchRanges(source, columnRanges(batch, fields, wanted));
  const take = (index: number) => {
    const range = bufferRange(batch, index);
    const bytes = range.start === range.end ? new Uint8Array() : fetched(range);
    return decompressBuffer(batch.layout.codec, bytes);
  };
  return wanted.map((column) =>
    buildArray(batch.layout, fields[column]!.type, { ...positions[column]! }, take, dictionaries),
  );
}

function columnRanges(
  batch: StoredBatch,
  fields: readonly ArrowField[],
  wanted: readonly number[],
): readonly ByteRange[] {
  const positions = columnPositions(batch.layout, fields);
  const ranges: ByteRange[] = [];
  for (const column of wanted) {
    for (let i = positions[column]!.buffer; i < positions[column + 1]!.buffer; i++) {
      const range = bufferRange(batch, i);
      if (range.end > range.start) ranges.push(range);
    }
  }
  return ranges;
}

function bufferRange({ layout, bodyStart }: StoredBatch, index: number): ByteRange {
  const buffer = layout.buffers[index];
  checkInput(buffer !== undefined, 'a record batch has fewer buffers than its schema needs');
  return { start: bodyStart + buffer.offset, end: bodyStart + buffer.offset + buffer.length };
}

/** Where each column starts, and one entry more for where the last one ends. */
function columnPositions(layout: BatchLayout, fields: readonly ArrowField[]): readonly Position[] {
  const at: Position = { node: 0, buffer: 0, variadic: 0 };
  const positions = [{ ...at }];
  for (const { type } of fields) {
    stepOver(layout, type, at);
    positions.push({ ...at });
  }
  checkInput(at.node <= layout.nodes.length, 'a record batch has fewer columns than its schema');
  checkInput(at.buffer <= layout.buffers.length, 'a record batch has fewer buffers than its schema needs');
  return positions;
}

function stepOver(layout: BatchLayout, type: ArrowType, at: Position): void {
  const { bufferCount, hasVariadic, children } = typeLayout(type);
  at.node++;
  at.buffer += bufferCount;
  if (hasVariadic) at.buffer += layout.variadicCounts[at.variadic++] ?? 0;
  for (const child of children) stepOver(layout, child.type, at);
}

/** As the columnar format orders them: "Buffer listing for each layout". */
function typeLayout(type: ArrowType): TypeLayout {
  switch (type.kind) {
    case 'null':
      return { bufferCount: 0, hasVariadic: false, children: [] };
    case 'utf8':
    case 'binary':
      if (type.offsets === 'view') return { bufferCount: 2, hasVariadic: true, children: [] };
      return { bufferCount: 3, hasVariadic: false, children: [] };
    case 'list':
      return { bufferCount: 2, hasVariadic: false, children: [type.child] };
    case 'fixed-list':
      return { bufferCount: 1, hasVariadic: false, children: [type.child] };
    case 'struct':
      return { bufferCount: 1, hasVariadic: false, children: type.fields };
    case 'other':
      if (type.layout === undefined) {
        throw badInput(`it has a column of ${type.name}, which is unknown`, {
          fix: 'have its producer leave that column out',
        });
      }
      return { ...type.layout, hasVariadic: false };
    default:
      return { bufferCount: 2, hasVariadic: false, children: [] };
  }
}

function buildArray(
  layout: BatchLayout,
  type: ArrowType,
  at: Position,
  take: (index: number) => Uint8Array,
  dictionaries: Dictionaries,
): ArrowArray {
  const node = layout.nodes[at.node++];
  checkInput(node !== undefined, 'a record batch has fewer columns than its schema');
  const { bufferCount, hasVariadic, children } = typeLayout(type);
  const count = bufferCount + (hasVariadic ? (layout.variadicCounts[at.variadic++] ?? 0) : 0);
  const first = at.buffer;
  at.buffer += count;
  const validity = count > 0 && node.nullCount > 0 ? take(first) : undefined;
  const buffers: Uint8Array[] = [];
  for (let i = 1; i < count; i++) buffers.push(take(first + i));
  return {
    type,
    length: node.rows,
    offset: 0,
    validity,
    buffers,
    children: children.map((child) => buildArray(layout, child.type, at, take, dictionaries)),
    dictionary: type.kind === 'dictionary' ? (dictionaries.get(type.id) ?? []) : [],
  };
}
