/**
 * What passes between the main thread and a worker: three tasks, their results, nothing else.
 *
 * What several threads read lies in shared memory, and is written again only after it was given back; all else is moved.
 * A worker answers `{ ok: false, error }` for every failure it understands: class identity does not survive cloning.
 */

import type { PlainError } from '../base/errors.js';
import type { CompressionLevel, StoredCodec } from '../segment/compress.js';
import type { FieldType, TextAnalyzer } from '../segment/layout.js';
import type { StoreConfig } from '../store/store.js';

/** A source object as it was listed; every read carries its etag. */
export interface PinnedObject {
  readonly key: string;
  readonly size: number;
  readonly etag: string;
}

/** One field of the segment and the column it is made from. */
export interface PlannedField {
  readonly name: string;
  readonly type: FieldType;
  readonly analyzer?: TextAnalyzer;
}

/** All that decides what a row becomes. The same for every shard of a run. */
export interface BuildPlan {
  readonly id: string;
  readonly group: string | undefined;
  /** Column of the rows' version, and the numeric field that holds it in the segment. */
  readonly version: { readonly column: string; readonly field: string } | undefined;
  readonly deleted: string | undefined;
  /** Whether groups replace whole: then a row without a group is a reject. */
  readonly replaceGroup: boolean;
  /** In the footer's order, without the internal fields. */
  readonly fields: readonly PlannedField[];
  /** Stored columns in the footer's order; numeric fields among them are read from their column instead. */
  readonly stored: readonly string[];
}

/** A stretch of rows of one row group: half-open `[rowStart, rowEnd)`. */
export interface RowSlice {
  /** Ordinal of the object among all objects of the partition, in key order. */
  readonly object: number;
  readonly rowGroup: number;
  readonly rowStart: number;
  readonly rowEnd: number;
}

export interface ShardTask {
  readonly kind: 'shard';
  readonly plan: BuildPlan;
  readonly store: StoreConfig;
  readonly objects: readonly PinnedObject[];
  /** In document order. */
  readonly slices: readonly RowSlice[];
  /** Shared memory to write the result into. */
  readonly memory: readonly SharedArrayBuffer[];
  /** Shared flag: not 0 = stop at the next column. */
  readonly cancel: Int32Array;
}

/** A row that marks a deletion. */
export interface TombstoneRow {
  readonly id: Uint8Array | undefined;
  readonly group: Uint8Array | undefined;
  readonly version: bigint | undefined;
  readonly object: number;
  readonly rowGroup: number;
  readonly row: number;
}

/** A row that could not be indexed. */
export interface RejectedRow {
  readonly object: number;
  readonly rowGroup: number;
  readonly row: number;
  readonly reason: string;
}

/** Consecutive rows that are all documents. */
export interface DocumentRun {
  readonly object: number;
  readonly rowGroup: number;
  readonly rowStart: number;
  readonly docs: number;
}

/** Term entries of one field and their occurrences, as `wasm/entries.ts` and `wasm/field.ts` lay them out. Shared memory. */
export interface FieldOccurrences {
  readonly entries: Uint8Array;
  /** Every 64th entry: u32 offset in the entries, u32 offset in the occurrences. */
  readonly samples: Uint32Array;
  readonly occurrences: Uint8Array;
  /** How an occurrence of a text field is packed. */
  readonly positionBits: number;
}

export interface TermsShard extends FieldOccurrences {
  readonly name: string;
  readonly docCount: number;
  readonly maxLength: number;
  /** One byte a document; text only. Shared memory. */
  readonly norms: Uint8Array | undefined;
}

export interface ColumnShard {
  readonly name: string;
  /** One value a document. */
  readonly values: BigInt64Array;
  /** LSB bitmap; undefined = every document has a value. */
  readonly presence: Uint8Array | undefined;
}

export interface ShardResult {
  /** What the result lies in: whoever has read it gives this back. */
  readonly memory: readonly SharedArrayBuffer[];
  readonly docs: number;
  readonly terms: readonly TermsShard[];
  readonly columns: readonly ColumnShard[];
  /** Rows of stored values, one after the other. Shared memory. */
  readonly stored: Uint8Array;
  readonly storedLengths: Uint32Array;
  readonly runs: readonly DocumentRun[];
  readonly tombstones: readonly TombstoneRow[];
  readonly rejects: readonly RejectedRow[];
  readonly timings: { readonly readMs: number; readonly buildMs: number };
  /** WebAssembly memory this worker holds by now. */
  readonly kernelBytes: number;
}

/** One input of a merge: a run of entries in memory, or dictionary blocks and postings in a stored segment. */
export type MergeInput =
  | {
      readonly kind: 'memory';
      readonly docBase: number;
      readonly entries: Uint8Array;
      readonly occurrences: Uint8Array;
      readonly positionBits: number;
    }
  | {
      readonly kind: 'stored';
      readonly docBase: number;
      /** The object, or its file where that is held open until the merge ends. */
      readonly at: PinnedObject | number;
      /** Whole dictionary blocks, absolute byte range, and how many terms they hold. */
      readonly terms: readonly [start: number, end: number];
      readonly termCount: number;
      /** Posting lists of just those blocks, absolute byte range. */
      readonly postings: readonly [start: number, end: number];
      /** Numbers of the documents once some are purged, as `segment/doc-map.ts` has them; undefined where all stay. Shared memory. */
      readonly docMap?: Uint32Array | undefined;
    };

/** Merges the terms in [from, to) of one field. */
export interface MergeTask {
  readonly kind: 'merge';
  readonly store: StoreConfig;
  readonly text: boolean;
  readonly docs: number;
  readonly norms: Uint8Array | undefined;
  /** The most positions that 256 documents of the field may have. */
  readonly positions: number;
  readonly inputs: readonly MergeInput[];
  readonly from: Uint8Array | undefined;
  readonly to: Uint8Array | undefined;
  /** Shared memory to write the result into. */
  readonly memory: readonly SharedArrayBuffer[];
  readonly cancel: Int32Array;
}

export interface MergeResult {
  /** What the result lies in: whoever has read it gives this back. */
  readonly memory: readonly SharedArrayBuffer[];
  /** Merged terms, as `wasm/dictionary.ts` has them. */
  readonly entries: Uint8Array;
  readonly postings: Uint8Array;
  readonly terms: number;
  readonly sumDocFreq: number;
  readonly sumTotalTermFreq: number;
}

/** Compresses stored blocks: `raw` cut at `ends`. */
export interface CompressTask {
  readonly kind: 'compress';
  readonly raw: Uint8Array;
  readonly ends: readonly number[];
  readonly codec: StoredCodec;
  readonly level: CompressionLevel;
  readonly cancel: Int32Array;
}

export interface CompressResult {
  /** Blocks one after the other; moved. */
  readonly bytes: Uint8Array;
  /** Stored length of each; equal to the raw length where it is kept as it is. */
  readonly lengths: readonly number[];
}

/** Results that lie in shared memory. */
export type ResultKind = 'shard' | 'merge';

export type WorkerTask = ShardTask | MergeTask | CompressTask;

/** Calls a module's default export in each thread at once: what is asked of threads, not of data. */
export interface EachTask {
  readonly kind: 'each';
  /** URL of a module whose default export takes this task; loaded only when asked for. */
  readonly module: string;
  readonly argument: unknown;
  /** Shared count of the threads that have begun: each waits for all, so that none takes two. */
  readonly begun: Int32Array;
  readonly threads: number;
}

export interface TaskResults {
  readonly shard: ShardResult;
  readonly merge: MergeResult;
  readonly compress: CompressResult;
}

/** When and where a task ran, on the clock that all threads share. */
export interface TaskSpan {
  readonly thread: number;
  readonly startUs: number;
  readonly endUs: number;
  /** WebAssembly memory of the thread's kernel afterwards. */
  readonly kernelBytes: number;
}

export type WorkerAnswer<T> = (
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: PlainError }
) & { readonly span: TaskSpan };
