// Rows of stored fields, before they are cut into blocks and compressed: per document the values of each column in turn.
// A column is 24 bytes: u32 kind (0 absent, 1 values, 2 lists), offsets, data, validity, lists, valueValidity (addresses or 0).

import { alloc } from './arena';
import { writeVarint } from './bytes';
import { ensureOut, openOut, outPos, setOut } from './out';
import { copyWide, WIDE } from './wide-copy';

export const STORED_COLUMN: usize = 24;
const ABSENT: u32 = 0;
const LISTS: u32 = 2;

/** One u32 a document: bytes of its row. */
export let storedLengths: usize = 0;

/** Starts the rows of at most `docs` documents; they become the open output. */
export function beginStored(docs: u32): void {
  storedLengths = alloc((<usize>docs) << 2);
  openOut();
}

/** The id (column 0, written without a tag) and `columnCount - 1` stored columns of `rows` rows; `docOf` as in `addValues`. */
export function addStored(columns: usize, columnCount: u32, rows: u32, docOf: usize): void {
  for (let row: u32 = 0; row < rows; row++) {
    const doc = load<i32>(docOf + ((<usize>row) << 2));
    if (doc < 0) continue;
    const start = outPos;
    for (let i: u32 = 0; i < columnCount; i++) storeCell(columns + <usize>i * STORED_COLUMN, row, i > 0);
    store<u32>(storedLengths + ((<usize>doc) << 2), <u32>(outPos - start));
  }
}

function isValid(validity: usize, row: u32): bool {
  return validity == 0 || ((load<u8>(validity + (row >> 3)) >> (row & 7)) & 1) != 0;
}

function storeCell(column: usize, row: u32, tagged: bool): void {
  const kind = load<u32>(column);
  ensureOut(8);
  if (kind == ABSENT || !isValid(load<u32>(column, 12), row)) {
    store<u8>(outPos, 0);
    setOut(outPos + 1);
    return;
  }
  if (kind == LISTS) return storeList(column, row);
  if (tagged) {
    store<u8>(outPos, 1);
    setOut(outPos + 1);
  }
  storeBytes(column, row, 0);
}

function storeList(column: usize, row: u32): void {
  const lists = <usize>load<u32>(column, 16) + ((<usize>row) << 2);
  const start = load<u32>(lists);
  const end = load<u32>(lists, 4);
  store<u8>(outPos, 2);
  setOut(writeVarint(outPos + 1, end - start));
  const validity = load<u32>(column, 20);
  for (let value = start; value < end; value++) {
    if (isValid(validity, value)) {
      storeBytes(column, value, 1);
    } else {
      ensureOut(1);
      store<u8>(outPos, 0);
      setOut(outPos + 1);
    }
  }
}

/** `varint length + bias, bytes`. */
function storeBytes(column: usize, index: u32, bias: u32): void {
  const offsets = <usize>load<u32>(column, 4) + ((<usize>index) << 2);
  const start = load<u32>(offsets);
  const length = load<u32>(offsets, 4) - start;
  ensureOut(<usize>length + 8 + WIDE);
  const at = writeVarint(outPos, length + bias);
  copyWide(at, <usize>load<u32>(column, 8) + start, length);
  setOut(at + length);
}
