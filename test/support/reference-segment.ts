/**
 * A slow, plain writer of the segment format from plain documents: the oracle that the kernel's segments must equal byte for
 * byte. Only DEFLATE comes from the code under test, since its bytes are an implementation's choice.
 */
import { type CompressionLevel, deflateBlock } from '#src/segment/compress.js';
import type { FieldType, TextAnalyzer } from '#src/segment/layout.js';
import {
  bitsToBytes,
  chunked,
  fixed,
  orderBytes,
  packedRow,
  padded,
  plainCrc32,
  sharedPrefix,
  sized,
  utf8,
  varint,
  widthOf,
} from './reference-bytes.js';
import { referenceDeflate } from './reference-deflate.js';
import { encodeTerms, type ReferencePosting, type ReferenceTerm, referenceNorm } from './reference-postings.js';

export interface ReferenceField {
  readonly name: string;
  readonly type: FieldType;
  readonly analyzer?: TextAnalyzer;
}

export type ReferenceValue = string | readonly (string | null)[] | bigint | number | boolean | null | undefined;

export interface ReferenceRow {
  /** Counted over all partitions. */
  readonly object: number;
  readonly rowGroup: number;
  readonly row: number;
}

export interface ReferenceDocument extends ReferenceRow {
  readonly id: string;
  readonly group?: string | null;
  /** The hidden version, where `version` of the schema is `_version`. */
  readonly version?: bigint | null;
  /** By field or stored column; integers and timestamps (microseconds) as bigint, f64 as number. */
  readonly values: Readonly<Record<string, ReferenceValue>>;
}

export interface ReferenceTombstone extends ReferenceRow {
  readonly id?: string;
  readonly group?: string;
  readonly version?: bigint;
}

export interface ReferenceSchema {
  readonly fingerprint: string;
  readonly group: boolean;
  readonly version: string | null;
  readonly stored: readonly string[];
  readonly fields: readonly ReferenceField[];
}

export interface ReferenceSegment {
  readonly schema: ReferenceSchema;
  /** In the order of their rows. */
  readonly docs: readonly ReferenceDocument[];
  readonly partitions: readonly { readonly time: number; readonly objects: readonly string[] }[];
  readonly tombstones?: readonly ReferenceTombstone[];
  /** Where parts end, in documents: a stored block closes there. All in one part unless told. */
  readonly partEnds?: readonly number[];
  readonly abi?: number;
  /** What compresses stored blocks: the kernel's encoder as the reference knows it, or fflate at a level. */
  readonly level?: CompressionLevel | 'fast';
  /** Tokens of a text by analyzer. */
  readonly analyze: (analyzer: TextAnalyzer, text: string) => readonly string[];
}

interface Section {
  readonly name: string;
  readonly field?: string;
  readonly bytes: readonly number[];
}

interface FieldParts {
  readonly entry: object;
  readonly sections: readonly Section[];
}

/** The bytes of the segment file. */
export function writeReferenceSegment(segment: ReferenceSegment): Uint8Array {
  const { schema, docs } = segment;
  const fields = allFields(schema);
  const made = new Map(fields.map((field) => [field.name, makeField(segment, field)]));
  const isTerms = ({ type }: ReferenceField) => type === 'text' || type === 'keyword';
  const inFileOrder = [...fields.filter(isTerms), ...fields.filter((field) => !isTerms(field))];
  const stored = encodeStored(segment);
  const sections: Section[] = [
    ...inFileOrder.flatMap(({ name }) => made.get(name)!.sections),
    { name: 'stored', bytes: stored.blocks },
    { name: 'storedIndex', bytes: stored.index },
    { name: 'sources', bytes: encodeSources(segment) },
    { name: 'tombstones', bytes: encodeTombstones(segment.tombstones ?? []) },
  ];
  return assemble(sections, {
    abi: segment.abi ?? 2,
    docs: docs.length,
    schema: schema.fingerprint,
    group: schema.group,
    version: schema.version,
    stored: schema.stored,
    fields: fields.map(({ name }) => made.get(name)!.entry),
  });
}

function allFields(schema: ReferenceSchema): ReferenceField[] {
  return [
    { name: '_id', type: 'keyword' },
    ...(schema.group ? [{ name: '_group', type: 'keyword' } as const] : []),
    ...schema.fields,
    ...(schema.version === '_version' ? [{ name: '_version', type: 'i64' } as const] : []),
  ];
}

/** What a document has in a field, the internal ones included. */
export function cellOf(document: ReferenceDocument, name: string): ReferenceValue {
  if (name === '_id') return document.id;
  if (name === '_group') return document.group;
  if (name === '_version') return document.version;
  return document.values[name];
}

/** A field's strings, nulls left out. */
export function stringsOf(value: ReferenceValue): string[] {
  if (value === null || value === undefined) return [];
  if (typeof value === 'object') return value.filter((entry) => entry !== null);
  return [value as string];
}

/** Tokens with their positions: between two values there is a gap of 100. */
export function positionedTokens(strings: readonly string[], analyze: (text: string) => readonly string[]) {
  const tokens: { readonly token: string; readonly position: number }[] = [];
  let position = 0;
  strings.forEach((text, i) => {
    if (i > 0) position += 100;
    for (const token of analyze(text)) tokens.push({ token, position: position++ });
  });
  return tokens;
}

function makeField(segment: ReferenceSegment, field: ReferenceField): FieldParts {
  if (field.type === 'text') return makeText(segment, field);
  return field.type === 'keyword' ? makeKeyword(segment, field) : makeColumn(segment, field);
}

function makeText(segment: ReferenceSegment, { name, type, analyzer }: ReferenceField): FieldParts {
  const inverted = new Map<string, ReferencePosting[]>();
  const lengths = segment.docs.map((document, docId) => {
    const tokens = positionedTokens(stringsOf(cellOf(document, name)), (text) => segment.analyze(analyzer!, text));
    for (const { token, position } of tokens) {
      const postings = inverted.get(token) ?? [];
      inverted.set(token, postings);
      if (postings.at(-1)?.docId === docId) postings.at(-1)!.positions.push(position);
      else postings.push({ docId, positions: [position] });
    }
    return tokens.length;
  });
  const terms = inOrder(inverted);
  const norms = lengths.map(referenceNorm);
  const encoded = encodeTerms(terms, norms);
  const entry = {
    name,
    type,
    analyzer,
    terms: terms.length,
    docCount: lengths.filter((length) => length > 0).length,
    sumDocFreq: terms.reduce((sum, { postings }) => sum + postings.length, 0),
    sumTotalTermFreq: lengths.reduce((sum, length) => sum + length, 0),
    maxLength: Math.max(0, ...lengths),
  };
  return { entry, sections: [...termSections(name, encoded), { name: 'norms', field: name, bytes: norms }] };
}

function makeKeyword(segment: ReferenceSegment, { name, type }: ReferenceField): FieldParts {
  const inverted = new Map<string, ReferencePosting[]>();
  const keywords = segment.docs.map((document) => new Set(stringsOf(cellOf(document, name))));
  keywords.forEach((set, docId) => {
    for (const keyword of set) inverted.set(keyword, [...(inverted.get(keyword) ?? []), { docId, positions: [] }]);
  });
  const terms = inOrder(inverted);
  const count = keywords.reduce((sum, set) => sum + set.size, 0);
  const docCount = keywords.filter((set) => set.size > 0).length;
  const entry = { name, type, terms: terms.length, docCount, sumDocFreq: count, sumTotalTermFreq: count };
  const sections: Section[] = termSections(name, encodeTerms(terms, undefined));
  if (name !== '_id')
    sections.push({ name: 'ordinals', field: name, bytes: encodeOrdinals(terms, segment.docs.length) });
  return { entry, sections };
}

function inOrder(inverted: ReadonlyMap<string, ReferencePosting[]>): ReferenceTerm[] {
  return [...inverted]
    .map(([term, postings]) => ({ term: utf8(term), postings }))
    .sort((a, b) => orderBytes(a.term, b.term));
}

function termSections(field: string, encoded: ReturnType<typeof encodeTerms>): Section[] {
  return [
    { name: 'postings', field, bytes: encoded.postings },
    { name: 'terms', field, bytes: encoded.terms },
    { name: 'termIndex', field, bytes: encoded.termIndex },
  ];
}

function encodeOrdinals(terms: readonly ReferenceTerm[], docs: number): number[] {
  const ordinals: number[][] = Array.from({ length: docs }, () => []);
  terms.forEach(({ postings }, ordinal) => {
    for (const { docId } of postings) ordinals[docId]!.push(ordinal);
  });
  const flat = ordinals.flat();
  const slack = new Array<number>(8).fill(0);
  if (ordinals.every((list) => list.length <= 1)) {
    const width = widthOf([terms.length]);
    const row = ordinals.map((list) => (list.length === 0 ? 0 : list[0]! + 1));
    return [0, width, 0, 0, ...fixed(flat.length, 4), ...packedRow(row, width), ...slack];
  }
  const width = widthOf([terms.length - 1]);
  const offsetWidth = widthOf([flat.length]);
  let end = 0;
  const offsets = [0, ...ordinals.map((list) => (end += list.length))];
  return [
    ...[1, width, offsetWidth, 0, ...fixed(flat.length, 4)],
    ...[...packedRow(offsets, offsetWidth), ...slack],
    ...[...packedRow(flat, width), ...slack],
  ];
}

/** A number as the column holds it. */
export function columnValue(value: ReferenceValue, type: FieldType): bigint | undefined {
  if (value === null || value === undefined || Number.isNaN(value)) return undefined;
  if (typeof value === 'boolean') return value ? 1n : 0n;
  if (type !== 'f64') return BigInt(value as bigint);
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, (value as number) === 0 ? 0 : (value as number));
  const bits = view.getBigInt64(0);
  return bits >= 0n ? bits : bits ^ 0x7fffffffffffffffn;
}

function makeColumn(segment: ReferenceSegment, { name, type }: ReferenceField): FieldParts {
  const values = segment.docs.map((document) => columnValue(cellOf(document, name), type));
  const hasNulls = values.includes(undefined);
  const presence = bitsToBytes(values.map((value) => (value === undefined ? 0 : 1)));
  const bytes = [hasNulls ? 1 : 0, 0, 0, 0, 0, 0, 0, 0, ...(hasNulls ? padded(presence) : [])];
  const offsets: number[] = [];
  for (const block of chunked(values, 1024)) {
    offsets.push(bytes.length);
    const present = block.filter((value) => value !== undefined);
    const min = present.toSorted((a, b) => (a < b ? -1 : 1))[0] ?? 0n;
    const differences = block.map((value) => (value ?? min) - min);
    const width = widthOf(differences);
    bytes.push(...fixed(min, 8), ...fixed(width, 8), ...padded(packedRow(differences, width)));
  }
  bytes.push(...offsets.flatMap((offset) => fixed(offset, 8)));
  const docCount = values.filter((value) => value !== undefined).length;
  return { entry: { name, type, docCount }, sections: [{ name: 'column', field: name, bytes }] };
}

function encodeStored({ schema, docs, partEnds, level }: ReferenceSegment) {
  const blocks: number[] = [];
  const index: number[] = [];
  let raw: number[] = [];
  let count = 0;
  docs.forEach((document, docId) => {
    raw.push(...sized(utf8(document.id)), ...schema.stored.flatMap((name) => storedValue(document, name)));
    count++;
    const isLast = docId + 1 === docs.length || partEnds?.includes(docId + 1);
    if (raw.length < 16 * 1024 && !isLast) return;
    const packed = level === 'fast' ? referenceDeflate(raw) : (deflateBlock(Uint8Array.from(raw), level ?? 4) ?? raw);
    const bytes = [...packed];
    const rawLength = bytes.length === raw.length ? 0 : raw.length;
    index.push(...varint(count), ...varint(bytes.length), ...varint(rawLength), ...fixed(plainCrc32(bytes), 4));
    for (const byte of bytes) blocks.push(byte);
    raw = [];
    count = 0;
  });
  return { blocks, index };
}

function storedValue(document: ReferenceDocument, name: string): number[] {
  const value = document.values[name];
  if (typeof value === 'string') return [1, ...sized(utf8(value))];
  if (value === null || typeof value !== 'object') return [0];
  const entries = value.map((entry) => (entry === null ? [0] : [...varint(utf8(entry).length + 1), ...utf8(entry)]));
  return [2, ...varint(value.length), ...entries.flat()];
}

function encodeSources({ partitions, docs }: ReferenceSegment): number[] {
  const runs: { object: number; rowGroup: number; row: number; docs: number }[] = [];
  for (const { object, rowGroup, row } of docs) {
    const last = runs.at(-1);
    if (last?.object === object && last.rowGroup === rowGroup && last.row + last.docs === row) last.docs++;
    else runs.push({ object, rowGroup, row, docs: 1 });
  }
  const partition = ({ time, objects }: { readonly time: number; readonly objects: readonly string[] }) => [
    ...fixed(time, 8),
    ...varint(objects.length),
    ...objects.flatMap((key) => sized(utf8(key))),
  ];
  return [
    ...[...varint(partitions.length), ...partitions.flatMap(partition)],
    ...varint(runs.length),
    ...runs.flatMap((run) => [run.object, run.rowGroup, run.row, run.docs].flatMap(varint)),
  ];
}

function encodeTombstones(tombstones: readonly ReferenceTombstone[]): number[] {
  const byRow = (a: ReferenceRow, b: ReferenceRow) => a.object - b.object || a.rowGroup - b.rowGroup || a.row - b.row;
  const sorted = tombstones.toSorted((a, b) => {
    if ((a.id === undefined) !== (b.id === undefined)) return a.id === undefined ? 1 : -1;
    const key = ({ id, group }: ReferenceTombstone) => utf8(id ?? group ?? '');
    return orderBytes(key(a), key(b)) || byRow(a, b);
  });
  let previous: number[] = [];
  const entries = sorted.flatMap(({ id, group, version, object, rowGroup, row }) => {
    const out = [(id === undefined ? 0 : 1) + (group === undefined ? 0 : 2) + (version === undefined ? 0 : 4)];
    if (id !== undefined) {
      const shared = sharedPrefix(previous, utf8(id));
      out.push(...varint(shared), ...sized(utf8(id).slice(shared)));
      previous = utf8(id);
    }
    if (group !== undefined) out.push(...sized(utf8(group)));
    if (version !== undefined) out.push(...fixed(version, 8));
    return [...out, ...[object, rowGroup, row].flatMap(varint)];
  });
  return [...varint(tombstones.length), ...entries];
}

/** Header, padded sections, footer, trailer. */
function assemble(sections: readonly Section[], rest: object): Uint8Array {
  const file: number[] = [...utf8('TIDEMARK'), ...fixed(1, 4), ...fixed(0, 4)];
  const table = sections.map(({ name, field, bytes }) => {
    const offset = file.length;
    const whole = padded(bytes);
    for (const byte of whole) file.push(byte);
    return { name, ...(field === undefined ? {} : { field }), offset, length: bytes.length, crc32: plainCrc32(whole) };
  });
  const text = utf8(JSON.stringify({ format: 1, ...rest, sections: table }));
  const footer = [...text, ...new Array<number>((8 - (text.length % 8)) % 8).fill(0x20)];
  const trailer = [
    ...fixed(file.length, 8),
    ...fixed(footer.length, 4),
    ...fixed(plainCrc32(footer), 4),
    ...utf8('TMSEGMT1'),
  ];
  return Uint8Array.from([...file, ...footer, ...trailer]);
}
