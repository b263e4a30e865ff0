/** Columns that are filled value by value. */
import type { BytesColumn, BytesListColumn, I64Column } from '../decode/columns.js';

const FIRST_BYTES = 1 << 14;

/** Which rows have a value. */
class Validity {
  readonly #bits: Uint8Array;
  #nulls = 0;

  constructor(rows: number) {
    this.#bits = new Uint8Array(Math.ceil(rows / 8)).fill(0xff);
    // Bits behind the last row are clear, as in every bitmap of the project.
    if (rows % 8 !== 0) this.#bits[rows >> 3] = (1 << (rows & 7)) - 1;
  }

  setNull(row: number): void {
    this.#nulls++;
    this.#bits[row >> 3]! &= ~(1 << (row & 7));
  }

  finish(): Uint8Array | undefined {
    return this.#nulls === 0 ? undefined : this.#bits;
  }
}

/** Byte strings; `data[.., length)` may be appended to directly after `reserve`, `endRow` then ends the value. */
export class BytesBuilder {
  data = new Uint8Array(FIRST_BYTES);
  length = 0;
  #rows = 0;
  #offsets: Int32Array;
  readonly #validity: Validity;

  /** At most `capacity` rows; as many as are added in the end. */
  constructor(private readonly capacity: number) {
    this.#offsets = new Int32Array(capacity + 1);
    this.#validity = new Validity(capacity);
  }

  get rows(): number {
    return this.#rows;
  }

  add(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.data.set(bytes, this.length);
    this.length += bytes.length;
    this.endRow();
  }

  addNull(): void {
    this.#validity.setNull(this.#rows);
    this.endRow();
  }

  endRow(): void {
    this.#offsets[++this.#rows] = this.length;
  }

  reserve(bytes: number): void {
    const end = this.length + bytes;
    if (end <= this.data.length) return;
    const larger = new Uint8Array(Math.max(this.data.length * 2, end));
    larger.set(this.data);
    this.data = larger;
  }

  finish(): BytesColumn {
    const rows = this.#rows;
    const offsets = rows === this.capacity ? this.#offsets : this.#offsets.slice(0, rows + 1);
    const validity = this.#validity.finish();
    return { kind: 'bytes', rows, offsets, data: this.data.slice(0, this.length), validity };
  }
}

/** Lists of byte strings: add to `values`, then end the row. */
export class ListBuilder {
  readonly values: BytesBuilder;
  #row = 0;
  readonly #offsets: Int32Array;
  readonly #validity: Validity;

  constructor(
    private readonly rows: number,
    maxValues: number,
  ) {
    this.values = new BytesBuilder(maxValues);
    this.#offsets = new Int32Array(rows + 1);
    this.#validity = new Validity(rows);
  }

  endRow(): void {
    this.#offsets[++this.#row] = this.values.rows;
  }

  addNull(): void {
    this.#validity.setNull(this.#row);
    this.endRow();
  }

  finish(): BytesListColumn {
    const validity = this.#validity.finish();
    return { kind: 'bytes-list', rows: this.rows, offsets: this.#offsets, values: this.values.finish(), validity };
  }
}

/** Whole numbers below 2^53. */
export class NumberBuilder {
  #row = 0;
  readonly #values: BigInt64Array;
  readonly #validity: Validity;

  constructor(private readonly rows: number) {
    this.#values = new BigInt64Array(rows);
    this.#validity = new Validity(rows);
  }

  add(value: number): void {
    this.#values[this.#row++] = BigInt(value);
  }

  addNull(): void {
    this.#validity.setNull(this.#row++);
  }

  finish(): I64Column {
    return { kind: 'i64', rows: this.rows, values: this.#values, validity: this.#validity.finish() };
  }
}
