/** Section bytes, read once and kept within a bound: the same for files and object stores. */
import type { ByteSource } from '../base/bytes.js';
import { assert } from '../base/errors.js';
import { crc32 } from './crc32.js';
import { corrupt } from './cursor.js';
import { extent, type SectionEntry } from './layout.js';

/** Sections up to this size are read whole: one request, and its checksum is verified. */
const WHOLE_SECTION_BYTES = 1024 * 1024;
/** Unit of ranged reads: about what an object store delivers within its time to the first byte. */
const PAGE_BYTES = 128 * 1024;
/** Bytes kept a segment unless told: dictionaries, norms and hot pages of a few million documents. */
export const DEFAULT_CACHE_BYTES = 64 * 1024 * 1024;

/** A section's name as people are told: `terms of summary`. */
export function sectionTitle(section: Pick<SectionEntry, 'name' | 'field'>): string {
  return section.field === undefined ? section.name : `${section.name} of ${section.field}`;
}

/**
 * Least-recently-used cache over a segment's bytes. Whole sections and pages share one budget; what is larger than the
 * budget is handed out and not kept. Requests under way are shared.
 */
export class SectionCache {
  readonly #entries = new Map<string, { readonly bytes: Promise<Uint8Array>; size: number }>();
  #used = 0;

  constructor(
    readonly source: ByteSource,
    readonly segment: string,
    readonly capacityBytes = DEFAULT_CACHE_BYTES,
  ) {}

  /** A whole section without its padding, checksum verified when it is read; the same array as long as it is kept. */
  whole(section: SectionEntry): Promise<Uint8Array> {
    return this.#load(section.offset, section.offset + extent(section.length), (all) => {
      if (crc32(all) === section.crc32) return all.subarray(0, section.length);
      throw corrupt(`${sectionTitle(section)} does not match its checksum`, this.#where(section));
    });
  }

  /** Bytes [start, end) of a section; read by pages where the section is large. */
  async range(section: SectionEntry, start: number, end: number): Promise<Uint8Array> {
    if (start > end || end > section.length) {
      throw corrupt(`a reference leads beyond the end of ${sectionTitle(section)}`, this.#where(section));
    }
    if (extent(section.length) <= WHOLE_SECTION_BYTES) return (await this.whole(section)).subarray(start, end);
    if (start === end) return new Uint8Array(0);
    const firstPage = Math.floor(start / PAGE_BYTES);
    const endPage = Math.ceil(end / PAGE_BYTES);
    const pageAt = (page: number) => section.offset + Math.min(page * PAGE_BYTES, section.length);
    if (endPage - firstPage > 8) return this.#read(section.offset + start, section.offset + end);
    const pages = Array.from({ length: endPage - firstPage }, (_, i) =>
      this.#load(pageAt(firstPage + i), pageAt(firstPage + i + 1)),
    );
    const base = firstPage * PAGE_BYTES;
    if (pages.length === 1) return (await pages[0]!).subarray(start - base, end - base);
    return joinPages(await Promise.all(pages), start - base, end - base);
  }

  #where(section: SectionEntry) {
    return { segment: this.segment, section: section.name, field: section.field };
  }

  #load(start: number, end: number, finish?: (bytes: Uint8Array) => Uint8Array): Promise<Uint8Array> {
    const key = `${start}-${end}`;
    const known = this.#entries.get(key);
    if (known !== undefined) {
      this.#entries.delete(key);
      this.#entries.set(key, known);
      return known.bytes;
    }
    const bytes = this.#read(start, end).then((read) => finish?.(read) ?? read);
    this.#entries.set(key, { bytes, size: end - start });
    this.#used += end - start;
    // A failed read is forgotten, so that the next call tries again.
    bytes.catch(() => this.#forget(key));
    this.#evict();
    return bytes;
  }

  async #read(start: number, end: number): Promise<Uint8Array> {
    const bytes = await this.source.slice(start, end);
    if (bytes.length === end - start) return bytes;
    throw corrupt(`bytes ${start} to ${end} are not there: the file is cut off`, { segment: this.segment });
  }

  #forget(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#used -= entry.size;
    this.#entries.delete(key);
  }

  #evict(): void {
    for (const key of this.#entries.keys()) {
      if (this.#used <= this.capacityBytes) return;
      this.#forget(key);
    }
  }
}

/** Bytes [start, end) of pages laid end to end. */
function joinPages(pages: readonly Uint8Array[], start: number, end: number): Uint8Array {
  const out = new Uint8Array(end - start);
  let at = 0;
  for (const page of pages) {
    const from = Math.max(start - at, 0);
    const to = Math.min(end - at, page.length);
    if (from < to) out.set(page.subarray(from, to), at + from - start);
    at += page.length;
  }
  assert(at >= end, 'pages cover the range');
  return out;
}
