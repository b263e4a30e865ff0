/** The end of a segment file: trailer (where the footer lies) and footer (what the segment holds and where). */
import type { ByteSource } from '../base/bytes.js';
import { crc32 } from './crc32.js';
import { ByteCursor, corrupt } from './cursor.js';
import {
  extent,
  type FieldEntry,
  FORMAT_VERSION,
  HEADER_BYTES,
  hasTerms,
  MIN_READABLE_VERSION,
  SECTION_ALIGN,
  type SectionEntry,
  type SegmentFooter,
  TRAILER_BYTES,
  TRAILER_MAGIC,
} from './layout.js';

/** The trailer's content. */
export interface SegmentTrailer {
  readonly footerOffset: number;
  /** With padding, bytes. */
  readonly footerLength: number;
  readonly footerCrc32: number;
}

/** What one read brings of the file's end: most footers are below 8 KiB, so opening a segment costs one request. */
const TAIL_READ_BYTES = 16 * 1024;

const FIELD_TYPES: ReadonlySet<string> = new Set(['text', 'keyword', 'i64', 'f64', 'timestamp', 'bool']);
const ANALYZERS: ReadonlySet<string> = new Set(['standard', 'simple', 'whitespace', 'keyword']);

/** Parses the last 24 bytes of a file of `fileBytes` bytes. */
export function parseTrailer(bytes: Uint8Array, fileBytes: number, segment: string): SegmentTrailer {
  const where = { segment, section: 'trailer' };
  const cursor = new ByteCursor(bytes, where);
  const offset = Number(cursor.u64());
  const footerLength = cursor.u32();
  const footerCrc32 = cursor.u32();
  if (new TextDecoder('latin1').decode(cursor.take(8)) !== TRAILER_MAGIC) {
    throw corrupt('the file does not end as a segment does: it is cut off or no segment', where);
  }
  if (offset < HEADER_BYTES || offset % SECTION_ALIGN !== 0 || offset + footerLength + TRAILER_BYTES !== fileBytes) {
    throw corrupt(`the footer (offset ${offset}, ${footerLength} bytes) does not end where the trailer starts`, where);
  }
  return { footerOffset: offset, footerLength, footerCrc32 };
}

/** Parses and validates a footer, checksum first; `bytes` is the footer with its padding. */
export function parseFooter(bytes: Uint8Array, trailer: SegmentTrailer, segment: string): SegmentFooter {
  const where = { segment, section: 'footer' };
  if (crc32(bytes) !== trailer.footerCrc32) throw corrupt('the footer does not match its checksum', where);
  let footer: SegmentFooter;
  try {
    footer = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as SegmentFooter;
  } catch (cause) {
    throw corrupt('the footer is not JSON', where, cause);
  }
  const problem = footerProblem(footer, trailer.footerOffset);
  if (problem !== undefined) throw corrupt(problem, where);
  return footer;
}

/** Reads trailer and footer from the end of a segment. */
export async function readFooter(source: ByteSource, segment: string): Promise<SegmentFooter> {
  const size = source.byteLength;
  if (size < HEADER_BYTES + TRAILER_BYTES) {
    throw corrupt(`a file of ${size} bytes is too small for a segment`, { segment, section: 'trailer' });
  }
  const tailStart = Math.max(0, size - TAIL_READ_BYTES);
  const tail = await source.slice(tailStart, size);
  if (tail.length !== size - tailStart) {
    throw corrupt(`the file is shorter than its ${size} bytes`, { segment, section: 'trailer' });
  }
  const trailer = parseTrailer(tail.subarray(tail.length - TRAILER_BYTES), size, segment);
  const end = trailer.footerOffset + trailer.footerLength;
  const bytes =
    trailer.footerOffset >= tailStart
      ? tail.subarray(trailer.footerOffset - tailStart, end - tailStart)
      : await source.slice(trailer.footerOffset, end);
  return parseFooter(bytes, trailer, segment);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** The first thing that is wrong with a footer's values, as a sentence. */
function footerProblem(footer: SegmentFooter, footerOffset: number): string | undefined {
  if (footer === null || typeof footer !== 'object') return 'the footer is no object';
  if (!isCount(footer.format)) return 'the footer names no format';
  if (footer.format < MIN_READABLE_VERSION || footer.format > FORMAT_VERSION) {
    return `format ${footer.format} is not one this version reads (${MIN_READABLE_VERSION} to ${FORMAT_VERSION})`;
  }
  if (!isCount(footer.abi) || !isCount(footer.docs)) return 'the footer lacks a count';
  if (typeof footer.schema !== 'string' || typeof footer.group !== 'boolean') return 'the footer names no schema';
  if (footer.version !== null && typeof footer.version !== 'string') return 'the footer has a broken version field';
  if (!Array.isArray(footer.stored) || !footer.stored.every((name) => typeof name === 'string')) {
    return 'the footer has a broken list of stored fields';
  }
  if (!Array.isArray(footer.fields) || !Array.isArray(footer.sections)) return 'the footer lacks fields or sections';
  for (const field of footer.fields) {
    const problem = fieldProblem(field);
    if (problem !== undefined) return problem;
  }
  return sectionsProblem(footer.sections, footerOffset);
}

function fieldProblem(field: FieldEntry): string | undefined {
  if (typeof field?.name !== 'string' || !FIELD_TYPES.has(field.type)) return 'the footer has a broken field';
  const of = `of field ${field.name}`;
  if (!isCount(field.docCount)) return `the document count ${of} is broken`;
  if (!hasTerms(field.type)) return undefined;
  if (!isCount(field.terms) || !isCount(field.sumDocFreq) || !isCount(field.sumTotalTermFreq)) {
    return `the statistics ${of} are broken`;
  }
  if (field.type !== 'text') return undefined;
  if (field.analyzer === undefined || !ANALYZERS.has(field.analyzer)) return `the analyzer ${of} is unknown`;
  return isCount(field.maxLength) ? undefined : `the largest length ${of} is broken`;
}

function sectionsProblem(sections: readonly SectionEntry[], footerOffset: number): string | undefined {
  let end = HEADER_BYTES;
  for (const section of sections) {
    if (typeof section?.name !== 'string' || !isCount(section.length) || !isCount(section.crc32)) {
      return 'the footer has a broken section';
    }
    if (section.offset !== end) return `section ${section.name} starts at ${section.offset} instead of ${end}`;
    end += extent(section.length);
  }
  return end === footerOffset ? undefined : `sections end at ${end}, the footer starts at ${footerOffset}`;
}
