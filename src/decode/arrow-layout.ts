/**
 * Column buffers in Arrow's memory layout, whatever file they came from: the one shape between the readers
 * (Parquet over the C data interface, Arrow IPC over record batch bodies) and the normalisers.
 * Spec: Arrow columnar format, "Physical memory layout".
 */

/** Units of times and timestamps. */
export type TimeUnit = 's' | 'ms' | 'us' | 'ns';

/** How value boundaries are stored: 32- or 64-bit offsets, or 16-byte views. */
export type OffsetKind = 32 | 64 | 'view';

/** Types that normalisers know; everything else is `other`, with a name for messages. */
export type ArrowType =
  | { readonly kind: 'null' }
  | { readonly kind: 'bool' }
  | { readonly kind: 'int'; readonly bits: 8 | 16 | 32 | 64; readonly signed: boolean }
  | { readonly kind: 'float'; readonly bits: 16 | 32 | 64 }
  | { readonly kind: 'decimal'; readonly bits: 32 | 64 | 128 | 256; readonly precision: number; readonly scale: number }
  | { readonly kind: 'date'; readonly unit: 'day' | 'ms' }
  | { readonly kind: 'time'; readonly unit: TimeUnit }
  | { readonly kind: 'timestamp'; readonly unit: TimeUnit; readonly zone: string }
  /** Parquet's old timestamps: 8 bytes of nanoseconds in the day, 4 bytes of Julian day. */
  | { readonly kind: 'int96' }
  | { readonly kind: 'utf8' | 'binary'; readonly offsets: OffsetKind }
  | { readonly kind: 'fixed'; readonly width: number; readonly uuid: boolean }
  | { readonly kind: 'list'; readonly offsets: 32 | 64; readonly child: ArrowField }
  | { readonly kind: 'fixed-list'; readonly size: number; readonly child: ArrowField }
  | { readonly kind: 'struct'; readonly fields: readonly ArrowField[] }
  | { readonly kind: 'dictionary'; readonly id: number; readonly index: ArrowType; readonly value: ArrowType }
  /** `layout`: buffers after the validity bitmap and children to step over in a record batch; undefined = unknown. */
  | { readonly kind: 'other'; readonly name: string; readonly layout: OtherLayout | undefined };

/** Buffers (the validity bitmap among them) and children of a type that is only stepped over. */
export interface OtherLayout {
  readonly bufferCount: number;
  readonly children: readonly ArrowField[];
}

export interface ArrowField {
  readonly name: string;
  readonly nullable: boolean;
  readonly type: ArrowType;
}

/** One array. Element i sits at index `offset + i` of the buffers, bitmap included. */
export interface ArrowArray {
  readonly type: ArrowType;
  readonly length: number;
  readonly offset: number;
  /** undefined = no nulls. */
  readonly validity: Uint8Array | undefined;
  /** Behind the validity bitmap, as the layout of the type orders them; for views: the views, then their data. */
  readonly buffers: readonly Uint8Array[];
  readonly children: readonly ArrowArray[];
  /** Dictionary values, in pieces where deltas were added to them; empty unless dictionary-encoded. */
  readonly dictionary: readonly ArrowArray[];
}

/** Name of a type as a person writes it: `list<string>`, `decimal(10, 2)`, `timestamp[us, UTC]`. */
export function typeName(type: ArrowType): string {
  switch (type.kind) {
    case 'int':
      return `${type.signed ? '' : 'u'}int${type.bits}`;
    case 'float':
      return `float${type.bits}`;
    case 'decimal':
      return `decimal(${type.precision}, ${type.scale})`;
    case 'date':
      return type.unit === 'day' ? 'date32' : 'date64';
    case 'time':
      return `time[${type.unit}]`;
    case 'timestamp':
      return `timestamp[${type.unit}${type.zone === '' ? '' : `, ${type.zone}`}]`;
    case 'int96':
      return 'timestamp[int96]';
    case 'utf8':
      return `${offsetPrefix(type.offsets)}string${type.offsets === 'view' ? '_view' : ''}`;
    case 'binary':
      return `${offsetPrefix(type.offsets)}binary${type.offsets === 'view' ? '_view' : ''}`;
    case 'fixed':
      return type.uuid ? 'uuid' : `fixed_binary(${type.width})`;
    case 'list':
      return `${offsetPrefix(type.offsets)}list<${typeName(type.child.type)}>`;
    case 'fixed-list':
      return `fixed_list<${typeName(type.child.type)}, ${type.size}>`;
    case 'struct':
      return `struct<${type.fields.map((field) => `${field.name}: ${typeName(field.type)}`).join(', ')}>`;
    case 'dictionary':
      return `dictionary<${typeName(type.value)}>`;
    case 'other':
      return type.name;
    default:
      return type.kind;
  }
}

function offsetPrefix(offsets: OffsetKind): string {
  return offsets === 64 ? 'large_' : '';
}
