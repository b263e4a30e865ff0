/** The terms that segments hold of a field, ready to be merged. */
import type { TermInfo } from '../segment/dictionary.js';
import type { TermSource } from './merge-terms.js';
import type { LiveSegment } from './snapshot.js';

export interface StoredTerms extends TermSource {
  readonly segment: LiveSegment;
  /** The current entry as a value that lasts. */
  info(): TermInfo;
}

/** One source a segment, in the segments' order; only terms with `prefix`, where it is told. */
export function storedTermsOf(
  segments: readonly LiveSegment[],
  field: string,
  prefix?: Uint8Array,
): Promise<StoredTerms[]> {
  return Promise.all(
    segments.map(async (segment): Promise<StoredTerms> => {
      const cursor = await (await segment.reader.dictionary(field)).iterate(prefix === undefined ? {} : { prefix });
      return {
        segment,
        get term() {
          return cursor.term;
        },
        next: () => cursor.next(),
        info: () => cursor.info(),
      };
    }),
  );
}
