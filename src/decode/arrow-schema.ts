/** Arrow IPC schemas (FlatBuffers) -> fields. Spec: Arrow format, Schema.fbs. */
import { Date as DateType } from 'apache-arrow/fb/date';
import { Decimal } from 'apache-arrow/fb/decimal';
import type { DictionaryEncoding } from 'apache-arrow/fb/dictionary-encoding';
import type { Field } from 'apache-arrow/fb/field';
import { FixedSizeBinary } from 'apache-arrow/fb/fixed-size-binary';
import { FixedSizeList } from 'apache-arrow/fb/fixed-size-list';
import { FloatingPoint } from 'apache-arrow/fb/floating-point';
import { Int } from 'apache-arrow/fb/int';
import type { Schema } from 'apache-arrow/fb/schema';
import { Time } from 'apache-arrow/fb/time';
import { Timestamp } from 'apache-arrow/fb/timestamp';
import { Type } from 'apache-arrow/fb/type';
import { Union } from 'apache-arrow/fb/union';
import type { ArrowField, ArrowType, TimeUnit } from './arrow-layout.js';
import { badInput, checkInput } from './bad-input.js';

/** MetadataVersion of format 1.0: unions have no validity bitmap from here on. */
const VERSION_V5 = 4;
const UNION_DENSE = 1;
const MAX_DEPTH = 64;
/** A field takes at least this much of the metadata, so more of them is a garbled loop of references. */
const MIN_FIELD_BYTES = 8;

const UNITS: readonly TimeUnit[] = ['s', 'ms', 'us', 'ns'];

/** Types without parameters that matter here: buffers beside the validity bitmap's are counted in. */
const OTHER_LAYOUTS: ReadonlyMap<Type, readonly [name: string, bufferCount: number]> = new Map([
  [Type.Interval, ['interval', 2]],
  [Type.Duration, ['duration', 2]],
  [Type.Map, ['map', 2]],
  [Type.RunEndEncoded, ['run_end_encoded', 0]],
  [Type.ListView, ['list_view', 3]],
  [Type.LargeListView, ['large_list_view', 3]],
]);

interface Walk {
  readonly version: number;
  /** Fields that the metadata still has room for. */
  left: number;
}

/** Fields of a schema. Errors: `bad-data` for big-endian files and metadata that makes no sense. */
export function readFields(schema: Schema | null, version: number, limit: number): readonly ArrowField[] {
  checkInput(schema !== null, 'it has no schema');
  if (schema.endianness() !== 0) {
    throw badInput('its numbers are big-endian', { fix: 'have its producer write it on a little-endian machine' });
  }
  const walk: Walk = { version, left: Math.ceil(limit / MIN_FIELD_BYTES) };
  return readEach(walk, schema.fieldsLength(), 0, (i) => schema.fields(i));
}

function readEach(walk: Walk, count: number, depth: number, at: (i: number) => Field | null): readonly ArrowField[] {
  checkInput(depth < MAX_DEPTH, 'its schema nests too deeply');
  checkInput(count >= 0 && count <= walk.left, 'its schema holds an impossible count');
  walk.left -= count;
  const fields: ArrowField[] = [];
  for (let i = 0; i < count; i++) {
    const field = at(i);
    checkInput(field !== null, 'its schema names a field that is not there');
    fields.push(readField(walk, field, depth));
  }
  return fields;
}

function readField(walk: Walk, field: Field, depth: number): ArrowField {
  const children = readEach(walk, field.childrenLength(), depth + 1, (i) => field.children(i));
  const value = readType(walk, field, children);
  const encoding = field.dictionary();
  const type = encoding === null ? value : dictionaryType(encoding, value);
  return { name: field.name() ?? '', nullable: field.nullable(), type };
}

function dictionaryType(encoding: DictionaryEncoding, value: ArrowType): ArrowType {
  const index = encoding.indexType();
  return {
    kind: 'dictionary',
    id: Number(encoding.id()),
    index: index === null ? { kind: 'int', bits: 32, signed: true } : intType(index),
    value,
  };
}

function readType(walk: Walk, field: Field, children: readonly ArrowField[]): ArrowType {
  const id = field.typeType();
  switch (id) {
    case Type.Null:
      return { kind: 'null' };
    case Type.Bool:
      return { kind: 'bool' };
    case Type.Utf8:
    case Type.LargeUtf8:
    case Type.Utf8View:
      return { kind: 'utf8', offsets: id === Type.Utf8View ? 'view' : id === Type.LargeUtf8 ? 64 : 32 };
    case Type.Binary:
    case Type.LargeBinary:
    case Type.BinaryView:
      return { kind: 'binary', offsets: id === Type.BinaryView ? 'view' : id === Type.LargeBinary ? 64 : 32 };
    case Type.Struct_:
      return { kind: 'struct', fields: children };
    case Type.List:
    case Type.LargeList:
      return { kind: 'list', offsets: id === Type.List ? 32 : 64, child: onlyChild(children) };
    default:
      return parametricType(walk, field, id, children);
  }
}

function parametricType(walk: Walk, field: Field, id: Type, children: readonly ArrowField[]): ArrowType {
  switch (id) {
    case Type.Int:
      return intType(typeOf(field, new Int()));
    case Type.FloatingPoint:
      return { kind: 'float', bits: ([16, 32, 64] as const)[typeOf(field, new FloatingPoint()).precision()] ?? 64 };
    case Type.Decimal: {
      const decimal = typeOf(field, new Decimal());
      return {
        kind: 'decimal',
        bits: decimalBits(decimal.bitWidth()),
        precision: decimal.precision(),
        scale: decimal.scale(),
      };
    }
    case Type.Date:
      return { kind: 'date', unit: (typeOf(field, new DateType()).unit() as number) === 0 ? 'day' : 'ms' };
    case Type.Time:
      return { kind: 'time', unit: unitOf(typeOf(field, new Time()).unit()) };
    case Type.Timestamp: {
      const timestamp = typeOf(field, new Timestamp());
      return { kind: 'timestamp', unit: unitOf(timestamp.unit()), zone: timestamp.timezone() ?? '' };
    }
    case Type.FixedSizeBinary: {
      const width = wholeSize(typeOf(field, new FixedSizeBinary()).byteWidth());
      return { kind: 'fixed', width, uuid: width === 16 && isUuid(field) };
    }
    case Type.FixedSizeList:
      return {
        kind: 'fixed-list',
        size: wholeSize(typeOf(field, new FixedSizeList()).listSize()),
        child: onlyChild(children),
      };
    case Type.Union: {
      const isDense = (typeOf(field, new Union()).mode() as number) === UNION_DENSE;
      return otherType('union', (isDense ? 2 : 1) + (walk.version < VERSION_V5 ? 1 : 0), children);
    }
    default: {
      const layout = OTHER_LAYOUTS.get(id);
      if (layout === undefined) return { kind: 'other', name: `type ${id}`, layout: undefined };
      return otherType(layout[0], layout[1], children);
    }
  }
}

function typeOf<T>(field: Field, accessor: T): T {
  const type: T | null = field.type(accessor);
  checkInput(type !== null, 'its schema holds a field without its type');
  return type;
}

function otherType(name: string, bufferCount: number, children: readonly ArrowField[]): ArrowType {
  return { kind: 'other', name, layout: { bufferCount, children } };
}

function onlyChild(children: readonly ArrowField[]): ArrowField {
  checkInput(children.length === 1, `a list has ${children.length} kinds of values`);
  return children[0]!;
}

function intType(int: Int): ArrowType {
  const bits = int.bitWidth();
  checkInput(bits === 8 || bits === 16 || bits === 32 || bits === 64, `an integer of ${bits} bits is not possible`);
  return { kind: 'int', bits, signed: int.isSigned() };
}

function decimalBits(bits: number): 32 | 64 | 128 | 256 {
  checkInput(bits === 32 || bits === 64 || bits === 128 || bits === 256, `a decimal of ${bits} bits is not possible`);
  return bits;
}

function wholeSize(size: number): number {
  checkInput(size >= 0, `a size of ${size} is not possible`);
  return size;
}

function unitOf(unit: number): TimeUnit {
  const name = UNITS[unit];
  checkInput(name !== undefined, `time unit ${unit} is unknown`);
  return name;
}

/** UUIDs are an extension type, named in the field's metadata. */
function isUuid(field: Field): boolean {
  const count = Math.min(field.customMetadataLength(), 64);
  for (let i = 0; i < count; i++) {
    const entry = field.customMetadata(i);
    if (entry?.key() === 'ARROW:extension:name' && entry.value() === 'arrow.uuid') return true;
  }
  return false;
}
