/** A growing byte buffer for small binary sections. */
export class ByteWriter {
  private bytes = new Uint8Array(256);
  private view = new DataView(this.bytes.buffer);
  private length = 0;

  private room(bytes: number): void {
    if (this.length + bytes <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(this.bytes.length * 2, this.length + bytes));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
    this.view = new DataView(grown.buffer);
  }

  u8(value: number): this {
    this.room(1);
    this.bytes[this.length++] = value;
    return this;
  }

  u32(value: number): this {
    this.room(4);
    this.view.setUint32(this.length, value, true);
    this.length += 4;
    return this;
  }

  i64(value: bigint): this {
    this.room(8);
    this.view.setBigInt64(this.length, value, true);
    this.length += 8;
    return this;
  }

  /** LEB128, unsigned; exact up to 2^53 - 1. */
  varint(value: number): this {
    this.room(10);
    let rest = value;
    while (rest >= 0x80) {
      this.bytes[this.length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.bytes[this.length++] = rest;
    return this;
  }

  raw(bytes: Uint8Array): this {
    this.room(bytes.length);
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
    return this;
  }

  /** `varint length, bytes`. */
  sized(bytes: Uint8Array): this {
    return this.varint(bytes.length).raw(bytes);
  }

  /** What was written; the writer must not be used afterwards. */
  finish(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }
}
