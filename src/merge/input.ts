/** What a segment is made from: shards of one partition, or stored parts. In document order. */

import type { SourcePartition, SourceRun } from '../segment/write-sources.js';
import type { TombstoneEntry } from '../segment/write-tombstones.js';
import type { TermsInput } from './terms-input.js';

export interface TermsFieldInput {
  readonly terms: TermsInput;
  readonly docCount: number;
  readonly maxLength: number;
  /** At least as many as all documents have positions in this field. */
  readonly positions: number;
  /** One byte a document; text only. */
  readonly norms: Uint8Array | undefined;
}

export interface NumericInput {
  readonly values: BigInt64Array;
  /** LSB bitmap; undefined = every document has a value. */
  readonly presence: Uint8Array | undefined;
}

/** Stored rows that are still to be cut and compressed, or blocks that are copied as they are. */
export type StoredInput =
  | { readonly kind: 'rows'; readonly rows: Uint8Array; readonly lengths: Uint32Array }
  | { readonly kind: 'blocks'; readonly index: Uint8Array; readonly chunks: () => AsyncIterable<Uint8Array> };

export interface SegmentInput {
  readonly docs: number;
  /** Bytes that are merged: postings, dictionaries, columns. */
  terms(field: string): Promise<TermsFieldInput>;
  column(field: string): Promise<NumericInput>;
  readonly stored: StoredInput;
  /** Objects count from 0 within this input; shards of one partition all name the same one. */
  readonly sources: { readonly partitions: readonly SourcePartition[]; readonly runs: readonly SourceRun[] };
  readonly tombstones: readonly TombstoneEntry[];
}
