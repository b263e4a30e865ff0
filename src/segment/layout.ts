/**
 * The segment format on one page: `docs/segment-format.md` in constants and types.
 *
 *   header 16 | section, padded to 8 | .. | footer (JSON, padded to 8) | trailer 24
 */

/** 1: first format. A change of any byte's meaning raises it; a golden file per version stays readable. */
export const FORMAT_VERSION = 1;
/** The oldest format this code reads. */
export const MIN_READABLE_VERSION = 1;

export const HEADER_BYTES = 16;
export const TRAILER_BYTES = 24;
export const SECTION_ALIGN = 8;
export const HEADER_MAGIC = 'TIDEMARK';
export const TRAILER_MAGIC = 'TMSEGMT1';
export const KILLS_MAGIC = 'TIDEKILL';
export const KILLS_VERSION = 1;
export const KILLS_HEADER_BYTES = 64;

/** Documents a bit-packed block, as in Lucene and Tantivy: four 32-bit SIMD lanes of 32. */
export const POSTINGS_BLOCK = 128;
/** Terms a dictionary block: a look-up decodes half of one on average, the index holds one term in 64. */
export const TERMS_BLOCK = 64;
/** Documents a numeric block. */
export const COLUMN_BLOCK = 1024;
/** Raw bytes that close a stored block: one hit inflates about this much. */
export const STORED_BLOCK_BYTES = 16 * 1024;
/** Fewer positions than this in a block are varints, more are packed. */
export const PACKED_POSITIONS_MIN = 16;

/** Internal fields; a schema's own names may not start with an underscore. */
export const ID_FIELD = '_id';
export const GROUP_FIELD = '_group';
export const VERSION_FIELD = '_version';

/** docID local to a segment: 0 .. docs - 1. */
export type DocId = number;

export type TextAnalyzer = 'standard' | 'simple' | 'whitespace' | 'keyword';
export type FieldType = 'text' | 'keyword' | 'i64' | 'f64' | 'timestamp' | 'bool';

/** One field as the footer tells of it. */
export interface FieldEntry {
  readonly name: string;
  readonly type: FieldType;
  /** Text fields only. */
  readonly analyzer?: TextAnalyzer;
  /** Distinct terms; text and keyword. */
  readonly terms?: number;
  /** Documents that have the field. */
  readonly docCount: number;
  readonly sumDocFreq?: number;
  readonly sumTotalTermFreq?: number;
  /** Largest number of tokens in a document; text. */
  readonly maxLength?: number;
}

export type SectionName =
  | 'postings'
  | 'terms'
  | 'termIndex'
  | 'norms'
  | 'ordinals'
  | 'column'
  | 'stored'
  | 'storedIndex'
  | 'sources'
  | 'tombstones';

export interface SectionEntry {
  readonly name: SectionName;
  /** For sections that belong to one field. */
  readonly field?: string;
  /** From the file's start, bytes. */
  readonly offset: number;
  /** Without padding, bytes. */
  readonly length: number;
  /** Of the section with its padding. */
  readonly crc32: number;
}

export interface SegmentFooter {
  readonly format: number;
  readonly abi: number;
  readonly docs: number;
  /** Schema fingerprint. */
  readonly schema: string;
  readonly group: boolean;
  /** Numeric field that holds the rows' version. */
  readonly version: string | null;
  readonly stored: readonly string[];
  readonly fields: readonly FieldEntry[];
  readonly sections: readonly SectionEntry[];
}

/** Length rounded up to the alignment: what a section takes in the file. */
export function extent(length: number): number {
  return Math.ceil(length / SECTION_ALIGN) * SECTION_ALIGN;
}

/** True for fields with a dictionary and postings. */
export function hasTerms(type: FieldType): type is 'text' | 'keyword' {
  return type === 'text' || type === 'keyword';
}
