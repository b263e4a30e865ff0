/**
 * BM25 as Lucene's BM25Similarity computes it, in 32-bit floats where Lucene does:
 * idf * tf / (tf + k1 * (1 - b + b * dl / avgdl)), with lengths of one byte.
 */
import { byte4ToInt } from '../segment/norms.js';

/** Lucene's defaults. */
const K1 = Math.fround(1.2);
const B = Math.fround(0.75);

/** Norm of every document in a field without norms. */
export const NO_NORM = 1;

/** What a field's scores are computed from. */
export interface FieldStatistics {
  /** Documents that have the field. */
  readonly docCount: number;
  /** Tokens over all documents. */
  readonly sumTotalTermFreq: number;
}

/** Rarity of a term: ln(1 + (N - df + 0.5) / (df + 0.5)). */
export function idf(docCount: number, docFreq: number): number {
  return Math.fround(Math.log(1 + (docCount - docFreq + 0.5) / (docFreq + 0.5)));
}

/** Scores of one term or phrase: its weight, and 1 / (k1 * (1 - b + b * dl / avgdl)) by norm. */
export interface Weight {
  readonly weight: number;
  readonly inverseByNorm: Float32Array;
}

/** Weight of a term (one docFreq) or a phrase (one a term: rarities add up). */
export function makeWeight(field: FieldStatistics, docFreqs: readonly number[], boost: number): Weight {
  const rarity = docFreqs.reduce((sum, docFreq) => sum + idf(field.docCount, docFreq), 0);
  const averageLength = Math.fround(field.sumTotalTermFreq / field.docCount);
  const inverseByNorm = Float32Array.from({ length: 256 }, (_, norm) => {
    const relative = Math.fround(Math.fround(B * byte4ToInt(norm)) / averageLength);
    return 1 / Math.fround(K1 * Math.fround(Math.fround(1 - B) + relative));
  });
  return { weight: Math.fround(Math.fround(boost) * Math.fround(rarity)), inverseByNorm };
}

/** Score of `freq` occurrences (a fraction for sloppy phrases) in a document of a norm. */
export function score({ weight, inverseByNorm }: Weight, freq: number, norm: number): number {
  const saturation = Math.fround(1 + Math.fround(freq * inverseByNorm[norm]!));
  return Math.fround(weight - Math.fround(weight / saturation));
}
