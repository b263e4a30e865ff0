/** Sorted terms of several sources as one row: what every walk over the segments of a snapshot begins with. */
import { compareBytes } from '../base/bytes.js';

/** Terms in byte order; stands before the first one until `next` is called. `term` is valid until the next call. */
export interface TermSource {
  readonly term: Uint8Array;
  /** False at the end. */
  next(): Promise<boolean>;
}

/** A term, copied, with the sources that stand on it, in their own order. */
export interface MergedTerm<S extends TermSource> {
  readonly term: Uint8Array;
  readonly at: readonly S[];
}

/** Yields every distinct term once, in byte order; memory does not grow with the sources. */
export async function* mergeTerms<S extends TermSource>(sources: readonly S[]): AsyncGenerator<MergedTerm<S>> {
  const left: S[] = [];
  for (const source of sources) if (await source.next()) left.push(source);
  while (left.length > 0) {
    const term = left.reduce((a, b) => (compareBytes(b.term, a.term) < 0 ? b : a)).term.slice();
    const at = left.filter((source) => compareBytes(source.term, term) === 0);
    yield { term, at };
    for (const source of at) if (!(await source.next())) left.splice(left.indexOf(source), 1);
  }
}
