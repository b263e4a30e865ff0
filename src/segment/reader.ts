/** Opens a segment from any byte source; everything but trailer and footer is read when it is asked for. */

import type { ByteSource } from '../base/bytes.js';
import { assert, type ErrorWhere } from '../base/errors.js';
import { remember } from '../base/remember.js';
import { Column } from './column.js';
import { corrupt } from './cursor.js';
import { TermDictionary, type TermInfo } from './dictionary.js';
import { readFooter } from './footer.js';
import type { DocId, FieldEntry, SectionEntry, SectionName, SegmentFooter } from './layout.js';
import { type Ordinals, openOrdinals } from './ordinals.js';
import { PostingList } from './postings.js';
import { SectionCache, sectionTitle } from './section-cache.js';
import { parseSources, type Sources } from './sources.js';
import { parseStoredIndex, type StoredDocument, StoredReader } from './stored.js';
import { expectTermIndexEnds, parseTermIndex } from './term-index.js';
import { parseTombstones } from './tombstones.js';
import type { TombstoneEntry } from './write-tombstones.js';

export interface OpenSegmentOptions {
  /** Bytes of sections kept in memory. */
  readonly cacheBytes?: number;
}

/** Reads trailer and footer (checksum verified); fails with code `corrupt` where they are not those of a segment. */
export async function openSegment(
  source: ByteSource,
  name: string,
  options: OpenSegmentOptions = {},
): Promise<SegmentReader> {
  const footer = await readFooter(source, name);
  return new SegmentReader(name, footer, new SectionCache(source, name, options.cacheBytes));
}

export class SegmentReader {
  readonly #sections: ReadonlyMap<string, SectionEntry>;
  readonly #fields: ReadonlyMap<string, FieldEntry>;
  readonly #dictionaries = new Map<string, Promise<TermDictionary>>();
  readonly #columns = new WeakMap<Uint8Array, Column>();
  readonly #stored = new Map<'stored', Promise<StoredReader>>();
  readonly #sources = new Map<'sources', Promise<Sources>>();
  readonly #tombstones = new Map<'tombstones', Promise<readonly TombstoneEntry[]>>();

  constructor(
    readonly name: string,
    readonly footer: SegmentFooter,
    private readonly cache: SectionCache,
  ) {
    this.#sections = new Map(footer.sections.map((section) => [sectionTitle(section), section]));
    this.#fields = new Map(footer.fields.map((field) => [field.name, field]));
  }

  /** Documents stored, killed ones included. */
  get docs(): number {
    return this.footer.docs;
  }

  /** The footer's entry of a field; undefined where the segment has no such field. */
  field(name: string): FieldEntry | undefined {
    return this.#fields.get(name);
  }

  /** Where a section lies; fails with code `corrupt` where the footer has none. */
  section(name: SectionName, field?: string): SectionEntry {
    const title = sectionTitle({ name, ...(field === undefined ? {} : { field }) });
    const section = this.#sections.get(title);
    if (section === undefined) throw corrupt(`the segment has no section ${title}`, this.where(name, field));
    return section;
  }

  /** Whole bytes of a section, checksum verified. */
  sectionBytes(name: SectionName, field?: string): Promise<Uint8Array> {
    return this.cache.whole(this.section(name, field));
  }

  /** Bytes [start, end) of a section. */
  sectionRange(name: SectionName, field: string | undefined, start: number, end: number): Promise<Uint8Array> {
    return this.cache.range(this.section(name, field), start, end);
  }

  /** The dictionary of a text or keyword field; its index stays in memory. */
  dictionary(field: string): Promise<TermDictionary> {
    return remember(this.#dictionaries, field, async () => {
      const entry = this.#termsField(field);
      const where = this.where('termIndex', field);
      const index = parseTermIndex(await this.sectionBytes('termIndex', field), entry.terms!, where);
      const ends = [this.section('terms', field).length, this.section('postings', field).length] as const;
      expectTermIndexEnds(index, ...ends, where);
      const read = (start: number, end: number) => this.sectionRange('terms', field, start, end);
      return new TermDictionary(index, entry.type === 'text', read, this.where('terms', field));
    });
  }

  /** The posting list of a term of this segment's dictionary; synchronous from then on. */
  async postings(field: string, info: TermInfo): Promise<PostingList> {
    const { postingsOffset, postingsLength } = info;
    const bytes = await this.sectionRange('postings', field, postingsOffset, postingsOffset + postingsLength);
    return this.postingsIn(field, info, bytes);
  }

  /** The same over bytes at hand: the list from its first byte to its last. */
  postingsIn(field: string, info: TermInfo, bytes: Uint8Array): PostingList {
    return this.postingCursor(field).open(bytes, info);
  }

  /** A cursor that may be opened on any list of a field. */
  postingCursor(field: string): PostingList {
    const hasFrequencies = this.#termsField(field).type === 'text';
    return new PostingList(hasFrequencies, this.docs, this.where('postings', field));
  }

  /** One byte a document: `byte4ToInt` turns it into a length. */
  async norms(field: string): Promise<Uint8Array> {
    const norms = await this.sectionBytes('norms', field);
    if (norms.length !== this.docs) throw corrupt('there is not one norm a document', this.where('norms', field));
    return norms;
  }

  /** The numbers of a numeric field; one object as long as its bytes are kept. */
  async column(field: string): Promise<Column> {
    const bytes = await this.sectionBytes('column', field);
    const known = this.#columns.get(bytes);
    if (known !== undefined) return known;
    const column = new Column(bytes, this.docs, this.where('column', field));
    this.#columns.set(bytes, column);
    return column;
  }

  /** The terms of each document of a keyword field other than the id. */
  async ordinals(field: string): Promise<Ordinals> {
    return openOrdinals(await this.sectionBytes('ordinals', field), this.docs, this.where('ordinals', field));
  }

  /** Stored blocks by document. */
  stored(): Promise<StoredReader> {
    return remember(this.#stored, 'stored', () => this.#openStored());
  }

  async storedDocument(docId: DocId): Promise<StoredDocument> {
    return (await this.stored()).document(docId);
  }

  /** Where the documents come from. */
  sources(): Promise<Sources> {
    return remember(this.#sources, 'sources', async () =>
      parseSources(await this.sectionBytes('sources'), this.docs, this.where('sources')),
    );
  }

  /** Deletions in key order. */
  tombstones(): Promise<readonly TombstoneEntry[]> {
    return remember(this.#tombstones, 'tombstones', async () =>
      parseTombstones(await this.sectionBytes('tombstones'), this.where('tombstones')),
    );
  }

  /** What an error of a section names. */
  where(section: SectionName, field?: string): ErrorWhere {
    return { segment: this.name, section, ...(field === undefined ? {} : { field }) };
  }

  #termsField(name: string): FieldEntry {
    const entry = this.field(name);
    assert(entry?.terms !== undefined, `field ${name} has terms`);
    return entry;
  }

  async #openStored(): Promise<StoredReader> {
    const where = this.where('storedIndex');
    const storedBytes = this.section('stored').length;
    const index = parseStoredIndex(await this.sectionBytes('storedIndex'), this.docs, storedBytes, where);
    const read = (start: number, end: number) => this.sectionRange('stored', undefined, start, end);
    return new StoredReader(index, this.footer.stored.length, read, this.where('stored'));
  }
}
