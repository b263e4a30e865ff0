import { compareBytes } from '../base/bytes.js';
import { bitWidth } from './bits.js';
import type { Report } from './check.js';
import { crc32 } from './crc32.js';
import type { TermInfo } from './dictionary.js';
import { type FieldEntry, GROUP_FIELD, ID_FIELD, TERMS_BLOCK } from './layout.js';
import { intToByte4 } from './norms.js';
import type { Ordinals } from './ordinals.js';
import { NO_MORE_DOCS, type PostingList } from './postings.js';
import type { SegmentReader } from './reader.js';
import { firstTermOf } from './term-index.js';
import { walkLists } from './walk.js';

type TermCounts = Pick<TermInfo, 'ordinal' | 'docFreq' | 'totalTermFreq'>;

/** What is counted on the way through all lists of a field. */
interface Tally {
  /** Tokens a document (text), or terms a document (keyword). */
  readonly lengths: Uint32Array;
  sumDocFreq: number;
  sumTotalTermFreq: number;
}

/** Reads a whole text or keyword field; returns, for ids, the CRC-32 of each document's id. */
export async function checkTerms(reader: SegmentReader, field: FieldEntry, report: Report): Promise<Uint32Array> {
  const { name, type } = field;
  const norms = type === 'text' ? await reader.norms(name) : undefined;
  const ordinals = type === 'keyword' && name !== ID_FIELD ? await reader.ordinals(name) : undefined;
  const tally: Tally = { lengths: new Uint32Array(reader.docs), sumDocFreq: 0, sumTotalTermFreq: 0 };
  const crcs = new Uint32Array(name === ID_FIELD ? reader.docs : 0);
  const { index } = await reader.dictionary(name);
  let previous: Uint8Array | undefined;
  await walkLists(reader, name, (scanner, list) => {
    const term = scanner.term.slice();
    const { ordinal } = scanner;
    if (previous !== undefined && compareBytes(previous, term) >= 0)
      report(`terms of ${name}`, `term ${ordinal} is out of order`);
    const block = ordinal / TERMS_BLOCK;
    if (Number.isInteger(block) && compareBytes(firstTermOf(index, block), term) !== 0) {
      report(`termIndex of ${name}`, `block ${block} does not start with its first term`);
    }
    previous = term;
    const visit = visitorOf(reader, name, scanner, tally, ordinals, report);
    const idCrc = name === ID_FIELD ? crc32(term) : undefined;
    checkList(list, scanner, name, norms, report, (docId, freq) => {
      visit(docId, freq);
      if (idCrc !== undefined) crcs[docId] = idCrc;
    });
  });
  checkTally(reader, field, tally, norms, report);
  if (ordinals !== undefined) checkOrdinals(ordinals, field, tally, report);
  return crcs;
}

/** Called for every posting with its frequency. */
type Visit = (docId: number, freq: number) => void;

function visitorOf(
  reader: SegmentReader,
  field: string,
  info: TermCounts,
  tally: Tally,
  ordinals: Ordinals | undefined,
  report: Report,
): Visit {
  tally.sumDocFreq += info.docFreq;
  tally.sumTotalTermFreq += info.totalTermFreq;
  const isText = reader.field(field)!.type === 'text';
  return (docId, freq) => {
    const before = tally.lengths[docId]!;
    tally.lengths[docId] = before + (isText ? freq : 1);
    if (ordinals === undefined) return;
    const at = ordinals.start(docId) + before;
    if (at >= ordinals.end(docId) || ordinals.at(at) !== info.ordinal) {
      report(`ordinals of ${field}`, `document ${docId} lacks term ${info.ordinal}`);
    }
  };
}

/** Walks one list: counts, positions, and what its skip data claims of each block. */
function checkList(
  list: PostingList,
  info: TermCounts,
  field: string,
  norms: Uint8Array | undefined,
  report: Report,
  visit: Visit,
): void {
  const section = `postings of ${field}`;
  const at = `the list of term ${info.ordinal}`;
  let [occurrences, block, maxFreq, minNorm, positionBytes] = [0, -1, 0, 255, 0];
  const closeBlock = () => {
    if (list.skip === undefined || norms === undefined || block < 0) return;
    const { maxFreqs, minNorms, positionBytes: claimed } = list.skip;
    if (maxFreqs[block] !== maxFreq || minNorms[block] !== minNorm || claimed[block] !== positionBytes) {
      report(section, `${at} has untrue skip data for block ${block}`);
    }
  };
  for (let docId = list.next(); docId !== NO_MORE_DOCS; docId = list.next()) {
    if (list.block !== block) {
      closeBlock();
      [block, maxFreq, minNorm, positionBytes] = [list.block, 0, 255, list.positionBytes];
    }
    const { freq } = list;
    visit(docId, freq);
    occurrences += freq;
    maxFreq = Math.max(maxFreq, freq);
    if (norms === undefined) continue;
    minNorm = Math.min(minNorm, norms[docId]!);
    if (!isAscending(list.positions())) report(section, `${at} has positions out of order in document ${docId}`);
  }
  closeBlock();
  if (occurrences !== info.totalTermFreq)
    report(section, `${at} has ${occurrences} occurrences instead of ${info.totalTermFreq}`);
}

function isAscending(positions: Uint32Array): boolean {
  for (let i = 1; i < positions.length; i++) if (positions[i - 1]! >= positions[i]!) return false;
  return true;
}

/** The footer's statistics, the norms, and how many keys a document has. */
function checkTally(
  reader: SegmentReader,
  field: FieldEntry,
  { lengths, sumDocFreq, sumTotalTermFreq }: Tally,
  norms: Uint8Array | undefined,
  report: Report,
): void {
  const { name } = field;
  let docCount = 0;
  let maxLength = 0;
  lengths.forEach((length, docId) => {
    if (length > 0) docCount++;
    maxLength = Math.max(maxLength, length);
    if (norms !== undefined && norms[docId] !== intToByte4(length)) {
      report(`norms of ${name}`, `document ${docId} has ${length} tokens, its norm says otherwise`);
    }
  });
  const counted = { docCount, sumDocFreq, sumTotalTermFreq, ...(norms === undefined ? {} : { maxLength }) };
  for (const [what, value] of Object.entries(counted)) {
    const claimed = field[what as keyof FieldEntry];
    if (claimed !== value) report('footer', `${what} of ${name} is ${claimed}, counted ${value}`);
  }
  if (name === ID_FIELD && (docCount !== reader.docs || maxLength > 1))
    report(`postings of ${name}`, 'a document has not one id');
  if (name === GROUP_FIELD && maxLength > 1) report(`postings of ${name}`, 'a document has more than one group');
}

function checkOrdinals(ordinals: Ordinals, field: FieldEntry, { lengths, sumDocFreq }: Tally, report: Report): void {
  const section = `ordinals of ${field.name}`;
  let isMulti = false;
  lengths.forEach((length, docId) => {
    if (length > 1) isMulti = true;
    if (ordinals.end(docId) - ordinals.start(docId) !== length)
      report(section, `document ${docId} has terms that no list names`);
  });
  const terms = field.terms!;
  const ordinalBits = bitWidth(isMulti ? terms - 1 : terms);
  const offsetBits = isMulti ? bitWidth(sumDocFreq) : 0;
  const isTrue =
    ordinals.multi === isMulti &&
    ordinals.valueCount === sumDocFreq &&
    ordinals.ordinalBits === ordinalBits &&
    ordinals.offsetBits === offsetBits;
  if (!isTrue) report(section, 'the header does not fit the values');
}
