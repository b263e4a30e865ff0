/** Queries in two shapes: as a person wrote them, and as an index answers them. */

/** What a clause is to its boolean query. `filter` must match and adds nothing to the score. */
export type Occur = 'must' | 'should' | 'not' | 'filter';

/** Bound of a range as written; undefined = `*`, open. */
export interface WrittenBound {
  readonly text: string | undefined;
  readonly inclusive: boolean;
}

/** A parsed query; `at` is the offset of its first character, `field` undefined where none was named. */
export type WrittenQuery =
  | { readonly kind: 'word'; readonly field: string | undefined; readonly text: string; readonly at: number }
  | {
      readonly kind: 'phrase';
      readonly field: string | undefined;
      readonly text: string;
      readonly slop: number;
      readonly at: number;
    }
  | { readonly kind: 'prefix'; readonly field: string | undefined; readonly text: string; readonly at: number }
  | {
      readonly kind: 'range';
      readonly field: string;
      readonly lower: WrittenBound;
      readonly upper: WrittenBound;
      readonly at: number;
    }
  | { readonly kind: 'every'; readonly at: number }
  | { readonly kind: 'boost'; readonly query: WrittenQuery; readonly boost: number; readonly at: number }
  | { readonly kind: 'boolean'; readonly clauses: readonly WrittenClause[]; readonly at: number };

export interface WrittenClause {
  readonly occur: Occur;
  readonly query: WrittenQuery;
}

/**
 * A query over the fields of an index. Terms are bytes as the dictionary has them. Terms and phrases are scored by
 * BM25 times `boost`; everything else that matches scores `boost`.
 */
export type Query =
  | { readonly kind: 'none' }
  | { readonly kind: 'all'; readonly boost: number }
  | { readonly kind: 'term'; readonly field: string; readonly term: Uint8Array; readonly boost: number }
  | {
      readonly kind: 'phrase';
      readonly field: string;
      readonly terms: readonly Uint8Array[];
      readonly slop: number;
      readonly boost: number;
    }
  | { readonly kind: 'prefix'; readonly field: string; readonly prefix: Uint8Array; readonly boost: number }
  | {
      readonly kind: 'term-range';
      readonly field: string;
      /** Half-open over terms: from `lower` on, up to but not `upper`. */
      readonly lower: Uint8Array;
      readonly upper: Uint8Array | undefined;
      readonly boost: number;
    }
  | {
      readonly kind: 'range';
      readonly field: string;
      /** Both inclusive, in the column's ordered form. */
      readonly min: bigint;
      readonly max: bigint;
      readonly boost: number;
    }
  | { readonly kind: 'boolean'; readonly clauses: readonly Clause[] };

export interface Clause {
  readonly occur: Occur;
  readonly query: Query;
}
