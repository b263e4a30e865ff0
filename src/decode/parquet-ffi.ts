/**
 * Arrow's C data interface as it lies in the decoder's memory (wasm32: pointers of 4 bytes) -> views of it.
 * Spec: Arrow C data interface, "Structure definitions" and "Data type description - format strings".
 */
import type { ArrowArray, ArrowField, ArrowType, TimeUnit } from './arrow-layout.js';
import { badInput } from './bad-input.js';

/** Byte offsets in ArrowSchema. */
const SCHEMA = { format: 0, name: 4, flags: 16, childCount: 24, children: 32 } as const;
/** Byte offsets in ArrowArray. */
const ARRAY = { length: 0, nullCount: 8, offset: 16, bufferCount: 24, buffers: 40, children: 44 } as const;
const NULLABLE_FLAG = 2;

const TIME_UNITS: Readonly<Record<string, TimeUnit>> = { s: 's', m: 'ms', u: 'us', n: 'ns' };

/** Format strings of types without parameters. */
const PLAIN_FORMATS: Readonly<Record<string, ArrowType>> = {
  n: { kind: 'null' },
  b: { kind: 'bool' },
  c: { kind: 'int', bits: 8, signed: true },
  C: { kind: 'int', bits: 8, signed: false },
  s: { kind: 'int', bits: 16, signed: true },
  S: { kind: 'int', bits: 16, signed: false },
  i: { kind: 'int', bits: 32, signed: true },
  I: { kind: 'int', bits: 32, signed: false },
  l: { kind: 'int', bits: 64, signed: true },
  L: { kind: 'int', bits: 64, signed: false },
  e: { kind: 'float', bits: 16 },
  f: { kind: 'float', bits: 32 },
  g: { kind: 'float', bits: 64 },
  z: { kind: 'binary', offsets: 32 },
  Z: { kind: 'binary', offsets: 64 },
  u: { kind: 'utf8', offsets: 32 },
  U: { kind: 'utf8', offsets: 64 },
  tdD: { kind: 'date', unit: 'day' },
  tdm: { kind: 'date', unit: 'ms' },
};

/** Views into `memory`: valid until the decoder runs again or the exported table is freed. */
export function viewExport(memory: ArrayBuffer, schemaPtr: number, arrayPtr: number): readonly ArrowArray[] {
  const view = new DataView(memory);
  const { type } = readSchema(view, schemaPtr);
  if (type.kind !== 'struct') throw badInput('the decoder handed over no record batch');
  return readChildren(view, type.fields, arrayPtr);
}

function readSchema(view: DataView, ptr: number): ArrowField {
  const children: ArrowField[] = [];
  const childrenPtr = view.getUint32(ptr + SCHEMA.children, true);
  for (let i = 0; i < Number(view.getBigInt64(ptr + SCHEMA.childCount, true)); i++) {
    children.push(readSchema(view, view.getUint32(childrenPtr + 4 * i, true)));
  }
  return {
    name: readCString(view, view.getUint32(ptr + SCHEMA.name, true)),
    nullable: (Number(view.getBigInt64(ptr + SCHEMA.flags, true)) & NULLABLE_FLAG) !== 0,
    type: parseFormat(readCString(view, view.getUint32(ptr + SCHEMA.format, true)), children),
  };
}

function readCString(view: DataView, ptr: number): string {
  if (ptr === 0) return '';
  const bytes = new Uint8Array(view.buffer, ptr);
  return new TextDecoder().decode(bytes.subarray(0, bytes.indexOf(0)));
}

function parseFormat(format: string, children: readonly ArrowField[]): ArrowType {
  const plain = PLAIN_FORMATS[format];
  if (plain !== undefined) return plain;
  const parameters = format.slice(format.indexOf(':') + 1);
  if (format.startsWith('ts')) return { kind: 'timestamp', unit: TIME_UNITS[format[2]!]!, zone: parameters };
  if (format.startsWith('tt')) return { kind: 'time', unit: TIME_UNITS[format[2]!]! };
  if (format.startsWith('w:')) return { kind: 'fixed', width: Number(parameters), uuid: false };
  if (format.startsWith('d:')) {
    const [precision, scale, bits] = parameters.split(',').map(Number);
    const width = bits === 32 || bits === 64 || bits === 256 ? bits : 128;
    return { kind: 'decimal', bits: width, precision: precision!, scale: scale! };
  }
  if (format === '+s') return { kind: 'struct', fields: children };
  if (format === '+l') return { kind: 'list', offsets: 32, child: children[0]! };
  if (format === '+L') return { kind: 'list', offsets: 64, child: children[0]! };
  if (format.startsWith('+w:')) return { kind: 'fixed-list', size: Number(parameters), child: children[0]! };
  return { kind: 'other', name: format, layout: undefined };
}

function readChildren(view: DataView, fields: readonly ArrowField[], ptr: number): readonly ArrowArray[] {
  const childrenPtr = view.getUint32(ptr + ARRAY.children, true);
  return fields.map((field, i) => readArray(view, field.type, view.getUint32(childrenPtr + 4 * i, true)));
}

function readArray(view: DataView, type: ArrowType, ptr: number): ArrowArray {
  const length = Number(view.getBigInt64(ptr + ARRAY.length, true));
  const offset = Number(view.getBigInt64(ptr + ARRAY.offset, true));
  const hasNulls = view.getBigInt64(ptr + ARRAY.nullCount, true) !== 0n;
  const buffersPtr = view.getUint32(ptr + ARRAY.buffers, true);
  // The interface gives addresses without lengths: each view reaches to the end of memory, and the normalisers
  // take as many elements as the array says. Bytes behind the last offset are never touched.
  const buffers: Uint8Array[] = [];
  for (let i = 0; i < Number(view.getBigInt64(ptr + ARRAY.bufferCount, true)); i++) {
    const address = view.getUint32(buffersPtr + 4 * i, true);
    buffers.push(address === 0 ? new Uint8Array() : new Uint8Array(view.buffer as ArrayBuffer, address));
  }
  const validity = hasNulls && buffers[0] !== undefined && buffers[0].length > 0 ? buffers[0] : undefined;
  const children = type.kind === 'list' || type.kind === 'fixed-list' ? readChildren(view, [type.child], ptr) : [];
  return { type, length, offset, validity, buffers: buffers.slice(1), children, dictionary: [] };
}
