/**
 * Parquet's flat list of schema elements -> a tree of top-level columns, each with its type and its leaves.
 * Spec: parquet-format, parquet.thrift (SchemaElement, LogicalType) and LogicalTypes.md.
 */
import type { ArrowField, ArrowType, TimeUnit } from './arrow-layout.js';
import { checkInput } from './bad-input.js';
import { type ThriftStruct, thriftNumber, thriftStruct, thriftText } from './thrift.js';

/** Field numbers of SchemaElement. */
export const ELEMENT = {
  type: 1,
  typeLength: 2,
  repetition: 3,
  name: 4,
  childCount: 5,
  convertedType: 6,
  scale: 7,
  precision: 8,
  logicalType: 10,
} as const;

/** Physical types. */
export const PHYSICAL = { boolean: 0, int32: 1, int64: 2, int96: 3, float: 4, double: 5, bytes: 6, fixed: 7 } as const;

/** A top-level column: its elements are `elements[first, end)`, its leaves the column chunks `[firstLeaf, endLeaf)`. */
export interface ParquetColumn extends ArrowField {
  readonly firstElement: number;
  readonly endElement: number;
  readonly firstLeaf: number;
  readonly endLeaf: number;
}

const REPETITION = { required: 0, optional: 1, repeated: 2 } as const;
/** Numbers of the older annotations (ConvertedType). */
const CONVERTED = {
  utf8: 0,
  list: 3,
  enum: 4,
  decimal: 5,
  date: 6,
  timeMs: 7,
  timeUs: 8,
  timestampMs: 9,
  timestampUs: 10,
  uint8: 11,
  int8: 15,
  json: 19,
  interval: 21,
} as const;
/** Field numbers of the LogicalType union. */
const LOGICAL = {
  string: 1,
  list: 3,
  enum: 4,
  decimal: 5,
  date: 6,
  time: 7,
  timestamp: 8,
  integer: 10,
  null: 11,
  json: 12,
  uuid: 14,
  float16: 15,
} as const;
/** Deeper nesting is refused; real schemas have a dozen levels. */
const MAX_DEPTH = 64;

interface Walk {
  readonly elements: readonly ThriftStruct[];
  at: number;
  leaf: number;
}

/** Top-level columns in file order. Errors: `bad-data` when the elements do not form a tree. */
export function parquetColumns(elements: readonly ThriftStruct[]): readonly ParquetColumn[] {
  checkInput(elements.length > 0, 'its footer has no schema');
  const walk: Walk = { elements, at: 1, leaf: 0 };
  const columns: ParquetColumn[] = [];
  for (let i = childCount(elements[0]!); i > 0; i--) {
    const firstElement = walk.at;
    const firstLeaf = walk.leaf;
    const field = readField(walk, 0);
    columns.push({ ...field, firstElement, endElement: walk.at, firstLeaf, endLeaf: walk.leaf });
  }
  checkInput(walk.at === elements.length, 'its schema has elements that belong to no column');
  return columns;
}

function readField(walk: Walk, depth: number): ArrowField {
  checkInput(depth < MAX_DEPTH, 'its schema nests too deeply');
  const element = walk.elements[walk.at++];
  checkInput(element !== undefined, 'its schema ends too early');
  const repetition = thriftNumber(element, ELEMENT.repetition) ?? REPETITION.required;
  const name = thriftText(element, ELEMENT.name) ?? '';
  const isGroup = element.has(ELEMENT.childCount) && !element.has(ELEMENT.type);
  const field = { name, nullable: repetition === REPETITION.optional };
  const type = isGroup ? groupType(walk, element, depth) : leafType(element);
  if (!isGroup) walk.leaf++;
  if (repetition !== REPETITION.repeated) return { ...field, type };
  // A repeated field outside a LIST group is a list by itself; `groupType` unwraps the one inside a LIST group.
  return { ...field, type: { kind: 'list', offsets: 32, child: { name, nullable: false, type } } };
}

function childCount(element: ThriftStruct): number {
  return thriftNumber(element, ELEMENT.childCount) ?? 0;
}

function groupType(walk: Walk, element: ThriftStruct, depth: number): ArrowType {
  const fields: ArrowField[] = [];
  for (let i = childCount(element); i > 0; i--) fields.push(readField(walk, depth + 1));
  const only = fields[0];
  if (!hasAnnotation(element, CONVERTED.list, LOGICAL.list) || fields.length !== 1 || only?.type.kind !== 'list') {
    return { kind: 'struct', fields };
  }
  return { kind: 'list', offsets: 32, child: listElement(only.type.child, thriftText(element, ELEMENT.name) ?? '') };
}

/** Three-level lists wrap their element in a repeated group; two-level lists repeat the element itself (LogicalTypes.md). */
function listElement(repeated: ArrowField, listName: string): ArrowField {
  const { type, name } = repeated;
  const isWrapper =
    type.kind === 'struct' && type.fields.length === 1 && name !== 'array' && name !== `${listName}_tuple`;
  return isWrapper ? type.fields[0]! : repeated;
}

function hasAnnotation(element: ThriftStruct, converted: number, logical: number): boolean {
  const logicalType = thriftStruct(element, ELEMENT.logicalType);
  return logicalType?.has(logical) || (thriftNumber(element, ELEMENT.convertedType) === converted && converted >= 0);
}

function leafType(element: ThriftStruct): ArrowType {
  if (thriftStruct(element, ELEMENT.logicalType)?.has(LOGICAL.null)) return { kind: 'null' };
  switch (thriftNumber(element, ELEMENT.type)) {
    case PHYSICAL.boolean:
      return { kind: 'bool' };
    case PHYSICAL.int32:
      return decimalType(element) ?? int32Type(element);
    case PHYSICAL.int64:
      return decimalType(element) ?? int64Type(element);
    case PHYSICAL.int96:
      return { kind: 'int96' };
    case PHYSICAL.float:
      return { kind: 'float', bits: 32 };
    case PHYSICAL.double:
      return { kind: 'float', bits: 64 };
    case PHYSICAL.bytes:
      return decimalType(element) ?? { kind: isString(element) ? 'utf8' : 'binary', offsets: 32 };
    case PHYSICAL.fixed:
      return decimalType(element) ?? fixedType(element);
    default:
      return { kind: 'other', name: `physical type ${thriftNumber(element, ELEMENT.type)}`, layout: undefined };
  }
}

function isString(element: ThriftStruct): boolean {
  return (
    hasAnnotation(element, CONVERTED.utf8, LOGICAL.string) ||
    hasAnnotation(element, CONVERTED.enum, LOGICAL.enum) ||
    hasAnnotation(element, CONVERTED.json, LOGICAL.json)
  );
}

function decimalType(element: ThriftStruct): ArrowType | undefined {
  if (!hasAnnotation(element, CONVERTED.decimal, LOGICAL.decimal)) return undefined;
  const logical = thriftStruct(thriftStruct(element, ELEMENT.logicalType), LOGICAL.decimal);
  const scale = thriftNumber(logical, 1) ?? thriftNumber(element, ELEMENT.scale) ?? 0;
  const precision = thriftNumber(logical, 2) ?? thriftNumber(element, ELEMENT.precision) ?? 0;
  return { kind: 'decimal', bits: precision > 38 ? 256 : 128, precision, scale };
}

function int32Type(element: ThriftStruct): ArrowType {
  if (hasAnnotation(element, CONVERTED.date, LOGICAL.date)) return { kind: 'date', unit: 'day' };
  if (hasAnnotation(element, CONVERTED.timeMs, LOGICAL.time)) return { kind: 'time', unit: 'ms' };
  return integerType(element, 32);
}

function int64Type(element: ThriftStruct): ArrowType {
  const logicalType = thriftStruct(element, ELEMENT.logicalType);
  const timestamp = thriftStruct(logicalType, LOGICAL.timestamp);
  if (timestamp !== undefined) {
    const isUtc = timestamp.get(1)?.value === true;
    return { kind: 'timestamp', unit: unitOf(thriftStruct(timestamp, 2)), zone: isUtc ? 'UTC' : '' };
  }
  const time = thriftStruct(logicalType, LOGICAL.time);
  if (time !== undefined) return { kind: 'time', unit: unitOf(thriftStruct(time, 2)) };
  switch (thriftNumber(element, ELEMENT.convertedType)) {
    case CONVERTED.timestampMs:
      return { kind: 'timestamp', unit: 'ms', zone: 'UTC' };
    case CONVERTED.timestampUs:
      return { kind: 'timestamp', unit: 'us', zone: 'UTC' };
    case CONVERTED.timeUs:
      return { kind: 'time', unit: 'us' };
    default:
      return integerType(element, 64);
  }
}

function unitOf(unit: ThriftStruct | undefined): TimeUnit {
  if (unit?.has(1)) return 'ms';
  return unit?.has(3) ? 'ns' : 'us';
}

function integerType(element: ThriftStruct, physicalBits: 32 | 64): ArrowType {
  const integer = thriftStruct(thriftStruct(element, ELEMENT.logicalType), LOGICAL.integer);
  if (integer !== undefined) {
    return {
      kind: 'int',
      bits: intBits(thriftNumber(integer, 1), physicalBits),
      signed: integer.get(2)?.value === true,
    };
  }
  const converted = thriftNumber(element, ELEMENT.convertedType) ?? -1;
  if (converted >= CONVERTED.uint8 && converted < CONVERTED.int8 + 4) {
    const signed = converted >= CONVERTED.int8;
    return {
      kind: 'int',
      bits: intBits(8 << (converted - (signed ? CONVERTED.int8 : CONVERTED.uint8)), physicalBits),
      signed,
    };
  }
  return { kind: 'int', bits: physicalBits, signed: true };
}

function intBits(bits: number | undefined, otherwise: 32 | 64): 8 | 16 | 32 | 64 {
  return bits === 8 || bits === 16 || bits === 32 || bits === 64 ? bits : otherwise;
}

function fixedType(element: ThriftStruct): ArrowType {
  const logicalType = thriftStruct(element, ELEMENT.logicalType);
  if (logicalType?.has(LOGICAL.float16)) return { kind: 'float', bits: 16 };
  if (thriftNumber(element, ELEMENT.convertedType) === CONVERTED.interval) {
    return { kind: 'other', name: 'interval', layout: undefined };
  }
  const width = thriftNumber(element, ELEMENT.typeLength) ?? 0;
  return { kind: 'fixed', width, uuid: logicalType?.has(LOGICAL.uuid) === true && width === 16 };
}
