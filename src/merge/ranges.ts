/**
 * Cuts the terms of one field into ranges that are merged independently, in parallel, each within a bounded amount of memory.
 * The cuts never show in the bytes: dictionary blocks are closed by the writer, over all ranges.
 */

import type { MergeInput } from '../shard/task.js';
import { firstSampleFrom, type TermsInput } from './terms-input.js';

/** One range [from, to) of terms and the piece of every input that covers it. */
export interface TermRange {
  readonly from: Uint8Array | undefined;
  readonly to: Uint8Array | undefined;
  readonly inputs: readonly MergeInput[];
  /** Bytes of all pieces. */
  readonly bytes: number;
}

/**
 * `docBases` = what each input's documents are moved by. About `targetBytes` a range; the cut terms are samples of the largest
 * input, since the inputs of a merge are alike: shards of one partition, or parts of one feed.
 */
export function planRanges(
  inputs: readonly TermsInput[],
  docBases: readonly number[],
  targetBytes: number,
): TermRange[] {
  if (inputs.every(({ sampleCount }) => sampleCount === 0)) return [];
  const total = inputs.reduce((sum, input) => sum + input.bytes, 0);
  const largest = inputs.reduce((a, b) => (b.sampleCount > a.sampleCount ? b : a), inputs[0]!);
  const count = Math.min(Math.ceil(total / targetBytes), largest.sampleCount);
  const cuts: (Uint8Array | undefined)[] = [undefined];
  for (let i = 1; i < count; i++) cuts.push(largest.sampleTerm(Math.floor((i * largest.sampleCount) / count)));
  return cuts.map((from, i) => cutRange(inputs, docBases, from, cuts[i + 1]));
}

function cutRange(
  inputs: readonly TermsInput[],
  docBases: readonly number[],
  from: Uint8Array | undefined,
  to: Uint8Array | undefined,
): TermRange {
  const pieces: MergeInput[] = [];
  let bytes = 0;
  inputs.forEach((input, i) => {
    // The sample before the first one at or above `from` may still hold terms of the range.
    const start = from === undefined ? 0 : Math.max(0, firstSampleFrom(input, from) - 1);
    const end = to === undefined ? input.sampleCount : firstSampleFrom(input, to);
    if (start >= end) return;
    const piece = input.slice(start, end, docBases[i]!);
    pieces.push(piece);
    bytes += pieceBytes(piece);
  });
  return { from, to, inputs: pieces, bytes };
}

function pieceBytes(piece: MergeInput): number {
  if (piece.kind === 'memory') return piece.entries.length + piece.occurrences.length;
  return piece.terms[1] - piece.terms[0] + piece.postings[1] - piece.postings[0];
}
