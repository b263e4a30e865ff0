/** Puts decoded columns where the kernel can read them, and numbers where the segment wants them. */

import type { BytesColumn, BytesListColumn, Column, ColumnSet, F64Column, I64Column } from '../decode/columns.js';
import type { Kernel } from '../kernel/kernel.js';
import type { Outbox } from './outbox.js';
import { isValid } from './rows.js';

/** A column of byte strings in the kernel's arena, by its addresses. `lists` and `valueValidity` are 0 for plain values. */
export interface PlacedColumn {
  readonly kind: 'placed';
  readonly rows: number;
  readonly lists: number;
  readonly offsets: number;
  /** Address that offsets count from; may lie before the copied bytes. */
  readonly data: number;
  readonly validity: number;
  readonly valueValidity: number;
  readonly sizes: ColumnSizes;
  /** The rows' bitmaps once more, on this side: as in `Column`. */
  readonly rowValidity: Uint8Array | undefined;
  readonly invalid: Uint8Array | undefined;
}

/** A column of a slice: byte strings in the kernel's arena, numbers here. */
export type SliceColumn = PlacedColumn | I64Column | F64Column;

/** A requested column, or `undefined` where the file has no such column. */
export type SliceColumns = Readonly<Record<string, SliceColumn | undefined>>;

/** Sizes that the kernel needs before the first value comes. */
export interface ColumnSizes {
  readonly bytes: number;
  readonly values: number;
  readonly longest: number;
}

function sizesOf(column: BytesColumn | BytesListColumn): ColumnSizes {
  const values = column.kind === 'bytes' ? column : column.values;
  const { offsets } = values;
  let longest = 0;
  for (let i = 0; i < values.rows; i++) longest = Math.max(longest, offsets[i + 1]! - offsets[i]!);
  return { bytes: offsets[values.rows]! - offsets[0]!, values: values.rows, longest };
}

/** Copies a column into the arena: its offsets, its bytes once, its bitmaps. */
export function placeColumn(kernel: Kernel, column: BytesColumn | BytesListColumn): PlacedColumn {
  const values = column.kind === 'bytes' ? column : column.values;
  const first = values.offsets[0]!;
  const bitmap = (bits: Uint8Array | undefined) => (bits === undefined ? 0 : kernel.copyIn(bits));
  return {
    kind: 'placed',
    rows: column.rows,
    lists: column.kind === 'bytes' ? 0 : kernel.copyInArray(column.offsets),
    offsets: kernel.copyInArray(values.offsets),
    data: kernel.copyIn(values.data.subarray(first, values.offsets[values.rows]!)) - first,
    validity: bitmap(column.validity),
    valueValidity: column.kind === 'bytes' ? 0 : bitmap(values.validity),
    sizes: sizesOf(column),
    rowValidity: column.validity,
    invalid: column.invalid,
  };
}

/** Byte strings go into the arena, numbers stay here. */
export function placeFound(kernel: Kernel, column: PlacedColumn | Column): SliceColumn {
  return column.kind === 'bytes' || column.kind === 'bytes-list' ? placeColumn(kernel, column) : column;
}

/** The same for all columns of a slice. */
export function placeColumns(kernel: Kernel, columns: ColumnSet): SliceColumns {
  const placed: Record<string, SliceColumn | undefined> = {};
  for (const [name, column] of Object.entries(columns)) {
    placed[name] = column === undefined ? undefined : placeFound(kernel, column);
  }
  return placed;
}

/** Numbers of the documents among the rows, gathered over the slices of a shard. */
export class ColumnBuilder {
  private readonly words: Uint32Array;
  private readonly bits: Uint8Array;
  private nulls = 0;

  constructor(
    outbox: Outbox,
    private readonly docs: number,
  ) {
    const { buffer, byteOffset } = outbox.take(docs * 8).fill(0);
    this.words = new Uint32Array(buffer, byteOffset, docs * 2);
    this.bits = outbox.take((docs + 7) >> 3).fill(0);
  }

  /** `docOf` = one entry a row, -1 = no document. A NaN counts as no value. */
  add(column: I64Column | F64Column | undefined, docOf: Int32Array): void {
    if (column === undefined) {
      for (const doc of docOf) if (doc >= 0) this.nulls++;
      return;
    }
    const { values } = column;
    const source = new Uint32Array(values.buffer, values.byteOffset, values.length * 2);
    for (let row = 0; row < docOf.length; row++) {
      const doc = docOf[row]!;
      if (doc < 0) continue;
      if (!isValid(column.validity, row) || (column.kind === 'f64' && Number.isNaN(column.values[row]))) {
        this.nulls++;
        continue;
      }
      this.set(doc, source[row * 2]!, source[row * 2 + 1]!, column.kind === 'f64');
    }
  }

  /** Floats keep their order as integers: all bits but the sign are flipped where the sign is set; -0 becomes 0. */
  private set(doc: number, low: number, high: number, float: boolean): void {
    let [lowWord, highWord] = [low, high];
    if (float && high >>> 31 === 1) {
      const isMinusZero = low === 0 && high >>> 0 === 0x80000000;
      lowWord = isMinusZero ? 0 : ~low;
      highWord = isMinusZero ? 0 : (~high & 0x7fffffff) | 0x80000000;
    }
    this.words[doc * 2] = lowWord;
    this.words[doc * 2 + 1] = highWord;
    this.bits[doc >> 3]! |= 1 << (doc & 7);
  }

  finish(): { readonly values: BigInt64Array; readonly presence: Uint8Array | undefined } {
    const values = new BigInt64Array(this.words.buffer, this.words.byteOffset, this.docs);
    return { values, presence: this.nulls === 0 ? undefined : this.bits };
  }
}
