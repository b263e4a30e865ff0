/** A document's fields as JSON values: strings as stored, numbers from their columns. */
import { TidemarkError } from '../base/errors.js';
import { orderedToFloat } from '../segment/column.js';
import { type DocId, type FieldEntry, hasTerms } from '../segment/layout.js';
import type { StoredDocument } from '../segment/stored.js';
import { numbersOf } from './overlays.js';
import type { LiveSegment, Snapshot } from './snapshot.js';

/** A 64-bit integer beyond 2^53 is a decimal string, a timestamp an ISO-8601 one. */
export type FieldValue = string | number | boolean | null | readonly (string | null)[];

export type FieldValues = Readonly<Record<string, FieldValue>>;

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** Names that can be shown: stored fields, numeric fields, keyword fields. Fails with code `usage` on any other. */
export function requireShown(snapshot: Snapshot, names: readonly string[]): void {
  const { stored, fields } = snapshot;
  for (const name of names) {
    const field = fields.get(name);
    if (stored.includes(name) || (field !== undefined && field.type !== 'text')) continue;
    const reason = field === undefined ? `there is no field ${name}` : `text field ${name} is not stored`;
    throw new TidemarkError('usage', reason, { fix: `stored fields are ${stored.join(', ')}` });
  }
}

/** The named fields of a document. */
export async function readFields(
  snapshot: Snapshot,
  segment: LiveSegment,
  docId: DocId,
  names: readonly string[],
): Promise<FieldValues> {
  const document = await segment.reader.storedDocument(docId);
  const values = names.map(async (name) => [name, await readField(snapshot, segment, docId, document, name)] as const);
  return Object.fromEntries(await Promise.all(values));
}

async function readField(
  { stored, fields }: Snapshot,
  segment: LiveSegment,
  docId: DocId,
  document: StoredDocument,
  name: string,
): Promise<FieldValue> {
  const field = fields.get(name);
  if (field !== undefined && !hasTerms(field.type)) return readNumber(segment, field, docId);
  const overlay = segment.overlays.get(name);
  if (overlay?.has(docId)) {
    const { multi } = await segment.reader.ordinals(name);
    const terms = (overlay.valueOf(docId) as readonly Uint8Array[]).map((term) => utf8.decode(term));
    return multi || terms.length > 1 ? terms : terms[0]!;
  }
  const at = stored.indexOf(name);
  return at >= 0 ? document.values[at]! : readKeywords(segment, name, docId);
}

async function readNumber(segment: LiveSegment, field: FieldEntry, docId: DocId): Promise<FieldValue> {
  const column = await numbersOf(segment, field.name);
  return column.has(docId) ? toJson(column.value(docId), field.type) : null;
}

/** A column's 64-bit value as JSON shows it. */
export function toJson(value: bigint, type: FieldEntry['type']): FieldValue {
  if (type === 'bool') return value !== 0n;
  if (type === 'f64') return orderedToFloat(value);
  if (type === 'timestamp') return microsToIso(value);
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value.toString();
}

/** Microseconds since the epoch as ISO-8601; beyond the years a date can have, the number itself as text. */
function microsToIso(micros: bigint): string {
  const rest = ((micros % 1000n) + 1000n) % 1000n;
  const date = new Date(Number((micros - rest) / 1000n));
  if (Number.isNaN(date.getTime())) return micros.toString();
  return rest === 0n ? date.toISOString() : date.toISOString().replace('Z', `${rest.toString().padStart(3, '0')}Z`);
}

/** Keywords of a field that is not stored: null, one, or a list in byte order. */
async function readKeywords({ reader }: LiveSegment, field: string, docId: DocId): Promise<FieldValue> {
  const [ordinals, dictionary] = await Promise.all([reader.ordinals(field), reader.dictionary(field)]);
  const terms: string[] = [];
  for (let i = ordinals.start(docId); i < ordinals.end(docId); i++) {
    terms.push(utf8.decode(await dictionary.termAt(ordinals.at(i))));
  }
  return terms.length === 0 ? null : ordinals.multi ? terms : terms[0]!;
}
