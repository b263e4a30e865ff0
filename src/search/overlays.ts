/** The values that column patches lay over a segment, ready to be asked for by document. */
import { createHash } from 'node:crypto';
import { compareBytes } from '../base/bytes.js';
import { TidemarkError } from '../base/errors.js';
import type { Manifest, PatchOverlay, SegmentEntry } from '../manifest/manifest.js';
import type { Column } from '../segment/column.js';
import type { DocId } from '../segment/layout.js';
import { decodeOverlay, mergeOverlays, type Overlay } from '../segment/overlay.js';
import { type PatchType, type PatchValue, type ValueColumn, valueAt, valueColumn } from '../segment/patch-values.js';
import type { SegmentReader } from '../segment/reader.js';
import type { TermBounds } from '../segment/walk.js';
import type { Store } from '../store/store.js';

/** A column of numbers as queries use it: a segment's own, or one with patches over it. */
export type NumberColumn = Pick<Column, 'docs' | 'has' | 'value' | 'high' | 'low'>;

/** Patched values of one field of one segment. */
export class FieldOverlay {
  /** One bit a document, low bits first. */
  readonly #bits: Uint32Array;
  /** Documents with a value before each word of bits. */
  readonly #before: Uint32Array;
  #postings: OverlayPostings | undefined;

  constructor(
    readonly type: PatchType,
    /** Ascending. */
    readonly docIds: Uint32Array,
    docs: number,
    private readonly values: ValueColumn,
  ) {
    this.#bits = new Uint32Array(Math.ceil(docs / 32));
    this.#before = new Uint32Array(this.#bits.length);
    for (const docId of docIds) this.#bits[docId >>> 5]! |= 1 << (docId & 31);
    let count = 0;
    for (let word = 0, at = 0; word < this.#bits.length; word++) {
      this.#before[word] = count;
      while (at < docIds.length && docIds[at]! >>> 5 === word) at++;
      count = at;
    }
  }

  /** Whether a patch has set the document's value. */
  has(docId: DocId): boolean {
    return ((this.#bits[docId >>> 5]! >>> (docId & 31)) & 1) === 1;
  }

  /** The patched value of a document that has one. */
  valueOf(docId: DocId): PatchValue {
    return valueAt(this.values, this.#placeOf(docId));
  }

  /** The patched value as a text to compare by. */
  textOf(docId: DocId): string {
    const value = this.valueOf(docId);
    return typeof value === 'bigint' ? `${value}` : value.map((term) => Buffer.from(term).toString('hex')).join(' ');
  }

  /** The same of a number, without looking at its kind. */
  numberOf(docId: DocId): bigint {
    return this.values.kind === 'numbers' ? this.values.values[this.#placeOf(docId)]! : 0n;
  }

  /** Distinct keywords, in byte order. */
  get terms(): readonly Uint8Array[] {
    return this.values.kind === 'keywords' ? this.values.terms : [];
  }

  /** Keywords over all documents. */
  get keywordCount(): number {
    return this.values.kind === 'keywords' ? this.values.ordinals.length : 0;
  }

  /** Documents of a keyword by its place in `terms`, ascending. */
  docIdsAt(term: number): Uint32Array {
    this.#postings ??= invert(this.docIds, this.values);
    const { starts, docIds } = this.#postings;
    return docIds.subarray(starts[term]!, starts[term + 1]!);
  }

  /** The same of a keyword by its bytes; none where it is no patched value. */
  docIdsOf(term: Uint8Array): Uint32Array {
    const at = this.placeOfTerm(term);
    const found = at < this.terms.length && compareBytes(this.terms[at]!, term) === 0;
    return found ? this.docIdsAt(at) : NO_DOCUMENTS;
  }

  /** Documents of all keywords within bounds, in no order, those with several of them more than once. */
  docIdsWithin({ from, to }: TermBounds): Uint32Array {
    this.#postings ??= invert(this.docIds, this.values);
    const { starts, docIds } = this.#postings;
    const start = from === undefined ? 0 : this.placeOfTerm(from);
    const end = to === undefined ? this.terms.length : Math.max(start, this.placeOfTerm(to));
    return docIds.subarray(starts[start]!, starts[end]!);
  }

  /** Place of the first keyword at or after `term`. */
  placeOfTerm(term: Uint8Array): number {
    let low = 0;
    let high = this.terms.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareBytes(this.terms[middle]!, term) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #placeOf(docId: DocId): number {
    const below = this.#bits[docId >>> 5]! & ~(-1 << (docId & 31));
    return this.#before[docId >>> 5]! + countOnes(below);
  }
}

const NO_DOCUMENTS = new Uint32Array(0);

/** Documents of every keyword, one keyword after the other. */
interface OverlayPostings {
  readonly starts: Uint32Array;
  readonly docIds: Uint32Array;
}

/** Documents come in order, so each keyword's list is in order too. */
function invert(docIds: Uint32Array, values: ValueColumn): OverlayPostings {
  if (values.kind !== 'keywords') return { starts: new Uint32Array(1), docIds: NO_DOCUMENTS };
  const starts = new Uint32Array(values.terms.length + 1);
  for (const ordinal of values.ordinals) starts[ordinal + 1]!++;
  for (let term = 0; term < values.terms.length; term++) starts[term + 1]! += starts[term]!;
  const ends = starts.slice();
  const inverted = new Uint32Array(values.ordinals.length);
  docIds.forEach((docId, at) => {
    for (let i = values.starts[at]!; i < values.starts[at + 1]!; i++) inverted[ends[values.ordinals[i]!]!++] = docId;
  });
  return { starts, docIds: inverted };
}

function countOnes(word: number): number {
  let count = 0;
  for (let rest = word; rest !== 0; rest &= rest - 1) count++;
  return count;
}

/** A segment's numbers with patches over them. */
class PatchedColumn implements NumberColumn {
  constructor(
    private readonly column: NumberColumn,
    private readonly overlay: FieldOverlay,
  ) {}

  get docs(): number {
    return this.column.docs;
  }

  has(docId: DocId): boolean {
    return this.overlay.has(docId) || this.column.has(docId);
  }

  value(docId: DocId): bigint {
    return this.overlay.has(docId) ? this.overlay.numberOf(docId) : this.column.value(docId);
  }

  high(docId: DocId): number {
    return this.overlay.has(docId) ? Number(this.overlay.numberOf(docId) >> 32n) : this.column.high(docId);
  }

  low(docId: DocId): number {
    if (!this.overlay.has(docId)) return this.column.low(docId);
    return Number(this.overlay.numberOf(docId) & 0xffffffffn);
  }
}

/** What a segment's numbers are by this generation. */
export async function numbersOf(
  segment: { readonly reader: SegmentReader; readonly overlays: ReadonlyMap<string, FieldOverlay> },
  field: string,
): Promise<NumberColumn> {
  const column = await segment.reader.column(field);
  const overlay = segment.overlays.get(field);
  return overlay === undefined ? column : new PatchedColumn(column, overlay);
}

/** Layers that are in memory, by the digest of their bytes. */
export type KnownLayers = Map<string, Overlay>;

/** Reads the layers of a segment (those in `known` are taken over) and lays them over each other, by field. */
export async function readOverlays(
  store: Store,
  manifest: Manifest,
  entry: SegmentEntry,
  before: KnownLayers,
  now: KnownLayers,
): Promise<Map<string, FieldOverlay>> {
  const layers = await Promise.all(
    (manifest.overlays?.[entry.name] ?? []).map(async (named) => {
      const layer = before.get(named.sha256) ?? (await readLayer(store, entry, named));
      now.set(named.sha256, layer);
      return layer;
    }),
  );
  const overlays = new Map<string, FieldOverlay>();
  for (const field of new Set(layers.map((layer) => layer.field))) {
    const own = layers.filter((layer) => layer.field === field);
    overlays.set(field, combine(own, entry.docs, manifest.schema.replace));
  }
  return overlays;
}

function combine(layers: readonly Overlay[], docs: number, replace: 'record' | 'group'): FieldOverlay {
  const [first] = layers;
  if (layers.length === 1) return new FieldOverlay(first!.type, first!.docIds, docs, first!.values);
  const merged = mergeOverlays(layers, replace, () => true);
  const values = valueColumn(
    first!.type,
    merged.map(({ layer, at }) => valueAt(layers[layer]!.values, at)),
  );
  return new FieldOverlay(
    first!.type,
    Uint32Array.from(merged, ({ docId }) => docId),
    docs,
    values,
  );
}

async function readLayer(store: Store, entry: SegmentEntry, named: PatchOverlay): Promise<Overlay> {
  const where = { segment: entry.name, object: named.object };
  const bytes = await store.read(named.object);
  if (createHash('sha256').update(bytes).digest('hex') !== named.sha256) {
    throw new TidemarkError('corrupt', 'the overlay is not the one the manifest names', { where });
  }
  const layer = decodeOverlay(bytes, where, entry);
  if (layer.field === named.field && layer.docIds.length === named.count) return layer;
  throw new TidemarkError('corrupt', 'the overlay holds another field or number of values than the manifest says', {
    where,
  });
}
