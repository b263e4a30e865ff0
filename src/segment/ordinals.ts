/** The `ordinals` section: which terms of a keyword field a document has. */
import type { ErrorWhere } from '../base/errors.js';
import { readPacked, rowBytes } from './bits.js';
import { ByteCursor, corrupt } from './cursor.js';
import type { DocId } from './layout.js';

/** Zero bytes after each packed row. */
const ROW_SLACK_BYTES = 8;

/** Document -> term ordinals: those of a document are `at(start(doc))` .. `at(end(doc) - 1)`, ascending. */
export interface Ordinals {
  readonly multi: boolean;
  readonly ordinalBits: number;
  readonly offsetBits: number;
  /** Ordinals over all documents. */
  readonly valueCount: number;
  /** Index of a document's first ordinal. */
  start(docId: DocId): number;
  end(docId: DocId): number;
  at(index: number): number;
  /** The first ordinal of a document; -1 where it has none. */
  first(docId: DocId): number;
}

/** Opens a section; `bytes` is all of it without padding. */
export function openOrdinals(bytes: Uint8Array, docs: number, where: ErrorWhere): Ordinals {
  const cursor = new ByteCursor(bytes, where);
  const multi = cursor.u8();
  const ordinalBits = cursor.u8();
  const offsetBits = cursor.u8();
  const zero = cursor.u8();
  const valueCount = cursor.u32();
  if (multi > 1 || ordinalBits > 32 || offsetBits > 32 || zero !== 0)
    throw corrupt('ordinals have a broken header', where);
  const header = { multi: multi === 1, ordinalBits, offsetBits, valueCount };
  const first = cursor.at;
  if (multi === 0) {
    cursor.skip(rowBytes(docs, ordinalBits) + ROW_SLACK_BYTES);
    cursor.expectDone('ordinals');
    return singleOrdinals(bytes, first, header);
  }
  cursor.skip(rowBytes(docs + 1, offsetBits) + ROW_SLACK_BYTES);
  const second = cursor.at;
  cursor.skip(rowBytes(valueCount, ordinalBits) + ROW_SLACK_BYTES);
  cursor.expectDone('ordinals');
  return multiOrdinals(bytes, first, second, header);
}

type Header = Pick<Ordinals, 'multi' | 'ordinalBits' | 'offsetBits' | 'valueCount'>;

/** One number a document: its index is the document itself. */
function singleOrdinals(bytes: Uint8Array, row: number, header: Header): Ordinals {
  const first = (docId: DocId) => readPacked(bytes, row, header.ordinalBits, docId) - 1;
  return {
    ...header,
    start: (docId) => docId,
    end: (docId) => (first(docId) < 0 ? docId : docId + 1),
    at: first,
    first,
  };
}

function multiOrdinals(bytes: Uint8Array, offsetsRow: number, ordinalsRow: number, header: Header): Ordinals {
  const start = (docId: DocId) => readPacked(bytes, offsetsRow, header.offsetBits, docId);
  const at = (index: number) => readPacked(bytes, ordinalsRow, header.ordinalBits, index);
  return {
    ...header,
    start,
    end: (docId) => start(docId + 1),
    at,
    first: (docId) => (start(docId) < start(docId + 1) ? at(start(docId)) : -1),
  };
}
