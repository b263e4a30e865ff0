/** The kernel's exports as the host sees them; `wasm/index.ts` is the same list. Addresses and lengths are bytes. */

/** The ABI this host was written for. */
export const KERNEL_ABI = 2;

type Value<T = number> = { readonly value: T };

export interface KernelExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly ABI_VERSION: Value;
  /** Analyzer number of a field whose values are terms as they are. */
  readonly EXACT: Value;
  readonly SAMPLE_EVERY: Value;
  readonly STORED_COLUMN: Value;

  alloc(bytes: number): number;
  mark(): number;
  release(to: number): void;
  reset(): void;
  used(): number;
  readonly outStart: Value;
  readonly outPos: Value;

  beginField(analyzer: number, maxDocs: number, bytes: number, values: number, longest: number): void;
  addValues(offsets: number, data: number, rows: number, docOf: number, validity: number): void;
  addLists(
    lists: number,
    offsets: number,
    data: number,
    rows: number,
    docOf: number,
    validity: number,
    valueValidity: number,
  ): void;
  addMissing(count: number): void;
  finishField(): void;
  readonly entries: Value;
  readonly entriesLength: Value;
  readonly occurrences: Value;
  readonly occurrencesLength: Value;
  readonly positionBits: Value;
  readonly samples: Value;
  readonly termCount: Value;
  readonly fieldNorms: Value;
  readonly fieldDocCount: Value;
  readonly maxLength: Value;

  beginMerge(maxInputs: number): void;
  addShardInput(entries: number, length: number, postings: number, docBase: number, positionBits: number): void;
  addStoredInput(blocks: number, length: number, postings: number, docBase: number, terms: number): void;
  runMerge(
    text: number,
    docs: number,
    norms: number,
    positions: number,
    from: number,
    fromLength: number,
    to: number,
    toLength: number,
  ): void;
  readonly mergedEntries: Value;
  readonly mergedEntriesLength: Value;
  readonly mergedTerms: Value;
  readonly mergedDocFreq: Value;
  readonly mergedTotalTermFreq: Value;

  encodeTerms(merged: number, length: number, text: number, last: number): number;
  readonly termIndex: Value;
  readonly termIndexLength: Value;

  deflateBlocks(raw: number, ends: number, count: number): void;
  readonly deflatedLengths: Value;

  encodeColumn(values: number, presence: number, docs: number): void;

  beginOrdinals(docs: number, terms: number, values: number): void;
  addOrdinals(merged: number, length: number, postings: number): void;
  finishOrdinals(): void;

  beginStored(docs: number): void;
  addStored(columns: number, columnCount: number, rows: number, docOf: number): void;
  readonly storedLengths: Value;

  beginPages(type: number, codec: number, definition: number, rows: number, bytes: number): void;
  beginListPages(
    codec: number,
    list: number,
    element: number,
    value: number,
    rowStart: number,
    rowEnd: number,
    slots: number,
    bytes: number,
  ): void;
  pageInput(length: number): number;
  /** These three give 0 where the pages do not hold what they promise. */
  addPageDictionary(input: number, length: number, rawLength: number, count: number): number;
  addPage(
    input: number,
    length: number,
    rawLength: number,
    version: number,
    encoding: number,
    isCompressed: number,
    entries: number,
    nulls: number,
    repetitionLength: number,
    definitionLength: number,
    skip: number,
    take: number,
  ): number;
  finishPages(): number;
  readonly byteOffsets: Value;
  readonly byteData: Value;
  readonly byteEnd: Value;
  readonly byteLongest: Value;
  readonly byteInvalid: Value;
  readonly numberValues: Value;
  readonly slotCount: Value;
  readonly slotNulls: Value;
  readonly slotValidity: Value;
  readonly listStarts: Value;
  readonly listNulls: Value;
  readonly listValidity: Value;
  decodeSnappy(src: number, length: number, to: number, rawLength: number): number;
  decodeLz4(src: number, length: number, to: number, rawLength: number): number;

  reserveTokens(maxValueLength: number): void;
  tokenBuffer(): number;
  tokenize(analyzer: number, src: number, length: number): number;
  validateUtf8(src: number, length: number): number;
}
