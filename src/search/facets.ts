/** Facets: how many of the matching documents have each keyword of a field. */
import { compareBytes } from '../base/bytes.js';
import { TidemarkError } from '../base/errors.js';
import type { DocId } from '../segment/layout.js';
import type { Ordinals } from '../segment/ordinals.js';
import type { FieldOverlay } from './overlays.js';
import type { LiveSegment, Snapshot } from './snapshot.js';

export interface FacetOptions {
  readonly field: string;
  /** Values shown, the most frequent first; 10 unless told. */
  readonly limit?: number;
}

export interface Facet {
  readonly field: string;
  /** Most frequent first, ties by the bytes of the value. */
  readonly values: readonly { readonly value: string; readonly count: number }[];
  /** Distinct values over all matching documents. */
  readonly distinct: number;
  /** Matching documents without a value. */
  readonly missing: number;
}

const DEFAULT_LIMIT = 10;

/** Values of a segment are named one by one up to one in so many terms, above that in one pass over the dictionary. */
const SPARSE_VALUES = 32;

/** Counts of one field over the segments of a snapshot. */
export class FacetCounter {
  readonly #counts = new Map<string, number>();
  #missing = 0;

  private constructor(private readonly options: FacetOptions) {}

  /** Fails with code `usage` where the field holds no keywords. */
  static of({ fields, segments }: Snapshot, options: FacetOptions): FacetCounter {
    const known = [...fields.values()].filter(({ name, type }) => type === 'keyword' && !name.startsWith('_'));
    if (segments.length > 0 && !known.some(({ name }) => name === options.field)) {
      throw new TidemarkError('usage', `there is no keyword field ${options.field} to count values of`, {
        fix: `such fields are ${known.map(({ name }) => name).join(', ')}`,
      });
    }
    return new FacetCounter(options);
  }

  /** A counter for the matches of one segment; `finish` adds them to the others. */
  async open(segment: LiveSegment): Promise<SegmentFacet> {
    const ordinals = await segment.reader.ordinals(this.options.field);
    const counts = new Uint32Array((await segment.reader.dictionary(this.options.field)).size);
    return new SegmentFacet(ordinals, counts, segment.overlays.get(this.options.field));
  }

  async finish(segment: LiveSegment, { counts, patched, missing }: SegmentFacet): Promise<void> {
    this.#missing += missing;
    const found = counts.reduce((sum, count) => sum + (count > 0 ? 1 : 0), 0);
    const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
    const add = (term: Uint8Array, count: number) => {
      const value = utf8.decode(term);
      this.#counts.set(value, (this.#counts.get(value) ?? 0) + count);
    };
    for (const [term, count] of patched) add(term, count);
    const dictionary = await segment.reader.dictionary(this.options.field);
    if (found * SPARSE_VALUES < counts.length) {
      for (const [ordinal, count] of counts.entries()) if (count > 0) add(await dictionary.termAt(ordinal), count);
      return;
    }
    const cursor = await dictionary.iterate();
    while (cursor.step() || (await cursor.load())) {
      if (counts[cursor.ordinal]! > 0) add(cursor.term, counts[cursor.ordinal]!);
    }
  }

  result(): Facet {
    const { field, limit = DEFAULT_LIMIT } = this.options;
    const values = [...this.#counts].map(([value, count]) => ({ value, count }));
    values.sort((a, b) => b.count - a.count || compareBytes(Buffer.from(a.value), Buffer.from(b.value)));
    return { field, values: values.slice(0, limit), distinct: values.length, missing: this.#missing };
  }
}

class SegmentFacet {
  missing = 0;
  /** Keywords that patches brought; their bytes are one object each. */
  readonly patched = new Map<Uint8Array, number>();

  constructor(
    private readonly ordinals: Ordinals,
    readonly counts: Uint32Array,
    private readonly overlay: FieldOverlay | undefined,
  ) {}

  add(docId: DocId): void {
    if (this.overlay?.has(docId)) {
      for (const term of this.overlay.valueOf(docId) as readonly Uint8Array[]) {
        this.patched.set(term, (this.patched.get(term) ?? 0) + 1);
      }
      return;
    }
    const { ordinals, counts } = this;
    const end = ordinals.end(docId);
    let at = ordinals.start(docId);
    if (at === end) this.missing++;
    for (; at < end; at++) counts[ordinals.at(at)]!++;
  }
}
