/**
 * Writes a segment as a stream: header, sections one after the other, footer, trailer. Checksums are made on the way; nothing
 * is held but the section being written.
 */

import { createHash } from 'node:crypto';
import { assert } from '../base/errors.js';
import { crc32 } from './crc32.js';
import {
  extent,
  FORMAT_VERSION,
  HEADER_BYTES,
  HEADER_MAGIC,
  type SectionEntry,
  type SectionName,
  type SegmentFooter,
  TRAILER_BYTES,
  TRAILER_MAGIC,
} from './layout.js';

/** Where the bytes go: in order, each chunk once. */
export type WriteChunk = (chunk: Uint8Array) => Promise<void>;

/** What a finished segment is known by. */
export interface SegmentSummary {
  readonly bytes: number;
  /** Hex SHA-256 of the whole file. */
  readonly sha256: string;
  readonly footer: SegmentFooter;
}

export class SegmentWriter {
  private readonly sections: SectionEntry[] = [];
  private readonly hash = createHash('sha256');
  private offset = 0;
  private open: { name: SectionName; field: string | undefined; start: number; crc: number } | undefined;

  private constructor(private readonly sink: WriteChunk) {}

  /** Starts a segment by writing its header. */
  static async begin(sink: WriteChunk): Promise<SegmentWriter> {
    const writer = new SegmentWriter(sink);
    const header = new Uint8Array(HEADER_BYTES);
    header.set(new TextEncoder().encode(HEADER_MAGIC));
    new DataView(header.buffer).setUint32(8, FORMAT_VERSION, true);
    await writer.emit(header);
    return writer;
  }

  /** Opens a section; all that is written until `endSection` belongs to it. */
  beginSection(name: SectionName, field?: string): void {
    assert(this.open === undefined, 'sections do not nest');
    this.open = { name, field, start: this.offset, crc: 0 };
  }

  async write(chunk: Uint8Array): Promise<void> {
    assert(this.open !== undefined, 'bytes belong to a section');
    if (chunk.length === 0) return;
    this.open.crc = crc32(chunk, this.open.crc);
    await this.emit(chunk);
  }

  /** Closes the section with its padding. */
  async endSection(): Promise<void> {
    assert(this.open !== undefined, 'a section is open');
    const { name, field, start } = this.open;
    const length = this.offset - start;
    await this.write(new Uint8Array(extent(length) - length));
    const crc = this.open.crc;
    this.sections.push({ name, ...(field === undefined ? {} : { field }), offset: start, length, crc32: crc });
    this.open = undefined;
  }

  /** A section whose bytes are all there, in one piece or several. */
  async section(name: SectionName, field: string | undefined, ...pieces: readonly Uint8Array[]): Promise<void> {
    this.beginSection(name, field);
    for (const bytes of pieces) await this.write(bytes);
    await this.endSection();
  }

  /** Writes footer and trailer; the file is complete then. */
  async finish(rest: Omit<SegmentFooter, 'format' | 'sections'>): Promise<SegmentSummary> {
    const footer: SegmentFooter = { format: FORMAT_VERSION, ...rest, sections: this.sections };
    const text = new TextEncoder().encode(JSON.stringify(footer));
    const padded = new Uint8Array(extent(text.length)).fill(0x20);
    padded.set(text);
    const trailer = new Uint8Array(TRAILER_BYTES);
    const view = new DataView(trailer.buffer);
    view.setBigUint64(0, BigInt(this.offset), true);
    view.setUint32(8, padded.length, true);
    view.setUint32(12, crc32(padded, 0), true);
    trailer.set(new TextEncoder().encode(TRAILER_MAGIC), 16);
    await this.emit(padded);
    await this.emit(trailer);
    return { bytes: this.offset, sha256: this.hash.digest('hex'), footer };
  }

  private async emit(chunk: Uint8Array): Promise<void> {
    this.hash.update(chunk);
    this.offset += chunk.length;
    await this.sink(chunk);
  }
}
