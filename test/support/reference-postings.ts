/** Dictionary and posting lists of one field from plain occurrences, by the letter of docs/segment-format.md. */
import { chunked, packed128, packedRow, sharedPrefix, sized, varint, widthOf } from './reference-bytes.js';

export interface ReferencePosting {
  readonly docId: number;
  /** Ascending; empty for keyword fields. */
  readonly positions: number[];
}

export interface ReferenceTerm {
  readonly term: readonly number[];
  readonly postings: readonly ReferencePosting[];
}

interface EncodedList {
  readonly bytes: number[];
  readonly skipLength: number;
}

/** Lucene's SmallFloat.intToByte4 by its definition: exact below 24, then 24 + a float of four significant bits. */
export function referenceNorm(length: number): number {
  if (length < 24) return length;
  let mantissa = length - 24;
  let exponent = 0;
  while (mantissa >= 16) {
    mantissa = Math.floor(mantissa / 2);
    exponent++;
  }
  return 24 + (mantissa < 8 ? mantissa : mantissa - 8 + 8 * (exponent + 1));
}

function encodePositions(postings: readonly ReferencePosting[]): number[] {
  const gaps = postings.flatMap(({ positions }) => positions.map((p, i) => (i === 0 ? p : p - positions[i - 1]!)));
  if (gaps.length < 16) return gaps.flatMap(varint);
  const width = widthOf(gaps);
  return [width, ...packedRow(gaps, width)];
}

function encodeBlock(postings: readonly ReferencePosting[], previous: number, text: boolean): number[] {
  const gaps = postings.map(({ docId }, i) => docId - (i === 0 ? previous : postings[i - 1]!.docId) - 1);
  const freqs = postings.map(({ positions }) => positions.length);
  if (postings.length < 128) {
    return gaps.flatMap((gap, i) => {
      if (!text) return varint(gap);
      return freqs[i] === 1 ? varint(gap * 2 + 1) : [...varint(gap * 2), ...varint(freqs[i]! - 2)];
    });
  }
  const packedGaps = [0, ...gaps.slice(1)];
  const gapBits = widthOf(packedGaps);
  const lessOne = freqs.map((freq) => freq - 1);
  const freqBits = widthOf(lessOne);
  return [
    ...varint(gaps[0]!),
    gapBits,
    ...(text ? [freqBits] : []),
    ...packed128(packedGaps, gapBits),
    ...(text ? packed128(lessOne, freqBits) : []),
  ];
}

/** One posting list with its skip data; `norms` only for text. */
export function encodeList(postings: readonly ReferencePosting[], norms: readonly number[] | undefined): EncodedList {
  const text = norms !== undefined;
  const bytes: number[] = [];
  const skip: number[] = [];
  let previous = -1;
  for (const block of chunked(postings, 128)) {
    const documents = encodeBlock(block, previous, text);
    const positions = text ? encodePositions(block) : [];
    bytes.push(...documents, ...positions);
    const last = block.at(-1)!.docId;
    skip.push(...varint(last - previous), ...varint(documents.length + positions.length));
    if (text) {
      const maxFreq = Math.max(...block.map((posting) => posting.positions.length));
      const minNorm = Math.min(...block.map(({ docId }) => norms[docId]!));
      skip.push(...varint(positions.length), ...varint(maxFreq), minNorm);
    }
    previous = last;
  }
  const skipped = postings.length >= 128 ? skip : [];
  return { bytes: [...bytes, ...skipped], skipLength: skipped.length };
}

/** Sections `postings`, `terms` and `termIndex` of terms in order. */
export function encodeTerms(
  terms: readonly ReferenceTerm[],
  norms: readonly number[] | undefined,
): { readonly postings: number[]; readonly terms: number[]; readonly termIndex: number[] } {
  const postings: number[] = [];
  const dictionary: number[] = [];
  const termIndex: number[] = [];
  for (const block of chunked(terms, 64)) {
    const termsStart = dictionary.length;
    const postingsStart = postings.length;
    block.forEach(({ term, postings: documents }, i) => {
      const list = encodeList(documents, norms);
      for (const byte of list.bytes) postings.push(byte);
      const shared = i === 0 ? 0 : sharedPrefix(block[i - 1]!.term, term);
      const occurrences = documents.reduce((sum, { positions }) => sum + positions.length, 0);
      dictionary.push(...varint(shared), ...sized(term.slice(shared)), ...varint(documents.length));
      if (norms !== undefined) dictionary.push(...varint(occurrences - documents.length));
      dictionary.push(...varint(list.bytes.length));
      if (documents.length >= 128) dictionary.push(...varint(list.skipLength));
    });
    termIndex.push(
      ...sized(block[0]!.term),
      ...varint(dictionary.length - termsStart),
      ...varint(postings.length - postingsStart),
    );
  }
  return { postings, terms: dictionary, termIndex };
}
