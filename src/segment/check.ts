/**
 * Verifies a segment: every byte by its checksum, then every promise of the format by reading all of it. What a broken
 * section says is not looked at, so one flipped byte is one defect.
 */
import type { ByteSource } from '../base/bytes.js';
import { TidemarkError } from '../base/errors.js';
import { checkColumn } from './check-column.js';
import { checkSections } from './check-sections.js';
import { checkSources, checkStored, checkTombstones } from './check-stored.js';
import { checkTerms } from './check-terms.js';
import { crc32 } from './crc32.js';
import { extent, FORMAT_VERSION, HEADER_BYTES, HEADER_MAGIC, hasTerms, ID_FIELD, type SectionEntry } from './layout.js';
import { openSegment, type SegmentReader } from './reader.js';
import { sectionTitle } from './section-cache.js';

export interface SegmentDefect {
  readonly segment: string;
  /** `header`, `footer`, `trailer`, or a section with its field: `terms of summary`. */
  readonly section: string;
  readonly message: string;
}

export interface SegmentReport {
  /** Documents stored; 0 where the footer cannot be read. */
  readonly docs: number;
  readonly defects: readonly SegmentDefect[];
}

/** Tells of a defect. */
export type Report = (section: string, message: string) => void;

/** Bytes of a section checksummed at a time. */
const CHUNK_BYTES = 1024 * 1024;

/** Checks a segment; defects are reported, never thrown, but a failing store is. */
export async function checkSegment(source: ByteSource, name: string): Promise<SegmentReport> {
  const defects: SegmentDefect[] = [];
  const report: Report = (section, message) => defects.push({ segment: name, section, message });
  await guarded(report, 'header', () => checkHeader(source, report));
  let reader: SegmentReader | undefined;
  await guarded(report, 'footer', async () => {
    reader = await openSegment(source, name);
  });
  if (reader === undefined) return { docs: 0, defects };
  const sound = await checkBytes(source, reader, report);
  checkSections(reader.footer, report);
  await checkStructure(reader, sound, report);
  return { docs: reader.docs, defects };
}

/** Runs a check; a `corrupt` error of a reader becomes a defect of the section it names. */
async function guarded(report: Report, section: string, check: () => Promise<void>): Promise<void> {
  try {
    await check();
  } catch (error) {
    if (!(error instanceof TidemarkError) || error.code !== 'corrupt') throw error;
    const { section: name, field } = error.where;
    report(name === undefined ? section : field === undefined ? `${name}` : `${name} of ${field}`, error.message);
  }
}

async function checkHeader(source: ByteSource, report: Report): Promise<void> {
  const header = await source.slice(0, Math.min(HEADER_BYTES, source.byteLength));
  if (header.length < HEADER_BYTES) return report('header', 'the file is shorter than a header');
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  if (new TextDecoder('latin1').decode(header.subarray(0, 8)) !== HEADER_MAGIC) {
    report('header', 'the file does not start as a segment does');
  }
  if (view.getUint32(8, true) !== FORMAT_VERSION) report('header', `format ${view.getUint32(8, true)} is unknown`);
  if (view.getUint32(12, true) !== 0) report('header', 'the last four bytes are not zero');
}

/** Checksums every section with its padding; returns the titles of those that are sound. */
async function checkBytes(source: ByteSource, reader: SegmentReader, report: Report): Promise<Set<string>> {
  const sound = new Set<string>();
  for (const section of reader.footer.sections) {
    const title = sectionTitle(section);
    const problem = await sectionProblem(source, section);
    if (problem === undefined) sound.add(title);
    else report(title, problem);
  }
  return sound;
}

async function sectionProblem(source: ByteSource, section: SectionEntry): Promise<string | undefined> {
  const end = section.offset + extent(section.length);
  const contentEnd = section.offset + section.length;
  let crc = 0;
  let paddingIsZero = true;
  for (let at = section.offset; at < end; at += CHUNK_BYTES) {
    const chunk = await source.slice(at, Math.min(at + CHUNK_BYTES, end));
    crc = crc32(chunk, crc);
    const padding = chunk.subarray(Math.max(0, contentEnd - at));
    if (padding.some((byte) => byte !== 0)) paddingIsZero = false;
  }
  if (crc !== section.crc32) return 'the bytes do not match their checksum';
  return paddingIsZero ? undefined : 'the padding is not zero';
}

/** Reads everything; a field is left out where one of its sections is broken. */
async function checkStructure(reader: SegmentReader, sound: ReadonlySet<string>, report: Report): Promise<void> {
  const { footer } = reader;
  const isSound = (field: string) =>
    footer.sections.filter((section) => section.field === field).every((section) => sound.has(sectionTitle(section)));
  const hasSound = (...names: readonly string[]) => names.every((name) => sound.has(name));
  let idCrcs: Uint32Array | undefined;
  for (const field of footer.fields) {
    if (!isSound(field.name)) continue;
    await guarded(report, `field ${field.name}`, async () => {
      if (!hasTerms(field.type)) return checkColumn(reader, field, report);
      const crcs = await checkTerms(reader, field, report);
      if (field.name === ID_FIELD) idCrcs = crcs;
    });
  }
  if (hasSound('stored', 'storedIndex')) await guarded(report, 'stored', () => checkStored(reader, idCrcs, report));
  if (hasSound('sources')) await guarded(report, 'sources', () => checkSources(reader, report));
  if (hasSound('sources', 'tombstones')) await guarded(report, 'tombstones', () => checkTombstones(reader, report));
}
