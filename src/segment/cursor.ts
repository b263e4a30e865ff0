import { type ErrorWhere, TidemarkError } from '../base/errors.js';

/** The error of a segment that breaks its format. */
export function corrupt(message: string, where: ErrorWhere, cause?: unknown): TidemarkError {
  return new TidemarkError('corrupt', message, { where, ...(cause === undefined ? {} : { cause }) });
}

/** 2^7 .. per varint byte as factors: shifts end at 32 bits, lengths and offsets do not. */
const VARINT_FACTORS = Array.from({ length: 8 }, (_, i) => 2 ** (7 * i));

/**
 * Reads little-endian values from `bytes[at, end)`; every read is bounded, so broken bytes end in a `corrupt` error that
 * carries `where`, never in a wrong value from beyond the range.
 */
export class ByteCursor {
  readonly #view: DataView;

  constructor(
    readonly bytes: Uint8Array,
    readonly where: ErrorWhere,
    public at = 0,
    readonly end = bytes.length,
  ) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get done(): boolean {
    return this.at >= this.end;
  }

  u8(): number {
    return this.bytes[this.#take(1)]!;
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  u64(): bigint {
    return this.#view.getBigUint64(this.#take(8), true);
  }

  i64(): bigint {
    return this.#view.getBigInt64(this.#take(8), true);
  }

  /** An unsigned LEB128 number up to 2^53 - 1. */
  varint(): number {
    const { bytes, end } = this;
    let at = this.at;
    if (at >= end) throw this.#truncated();
    let byte = bytes[at++]!;
    if (byte < 0x80) {
      this.at = at;
      return byte;
    }
    let value = byte & 0x7f;
    for (let i = 1; i < 8; i++) {
      if (at >= end) throw this.#truncated();
      byte = bytes[at++]!;
      value += (byte & 0x7f) * VARINT_FACTORS[i]!;
      if (byte < 0x80) {
        this.at = at;
        if (value > Number.MAX_SAFE_INTEGER) break;
        return value;
      }
    }
    throw corrupt('a varint is too large', this.where);
  }

  /** A view of the next `length` bytes. */
  take(length: number): Uint8Array {
    const at = this.#take(length);
    return this.bytes.subarray(at, at + length);
  }

  /** Moves on by `length` bytes. */
  skip(length: number): void {
    this.#take(length);
  }

  /** States that everything was read. */
  expectDone(what: string): void {
    if (this.at !== this.end) throw corrupt(`${what} holds ${this.end - this.at} bytes too many`, this.where);
  }

  #take(length: number): number {
    const at = this.at;
    if (length > this.end - at) throw this.#truncated();
    this.at = at + length;
    return at;
  }

  #truncated(): TidemarkError {
    return corrupt('bytes end in the middle of a value', this.where);
  }
}
