// Rows that are lists: repetition and definition levels -> where each list begins, which lists are null, and levels of the elements.

import { alloc } from './arena';
import { allocBits, clearBit } from './page-slots';

/** u32, one more than rows: the first slot of each list. */
export let listStarts: usize = 0;
/** LSB bitmap of the rows, 1 = not null. */
export let listValidity: usize = 0;
export let listNulls: u32 = 0;
/** A row behind the last wanted one has begun: nothing more is needed. */
export let listsClosed: bool = false;
/** Elements with a value before the first wanted row of the page that was walked last, and slots from there on. */
export let elementSkip: u32 = 0;
export let elementCount: u32 = 0;

let rowStart: u32 = 0;
let rowEnd: u32 = 0;
/** Rows that have begun, counted from the first page that was walked. */
let begun: u32 = 0;
/** The row that began last has no elements, so that none may follow. */
let isClosed: bool = false;
let listLevel: u32 = 0;
let elementLevel: u32 = 0;
let valueLevel: u32 = 0;

/**
 * Keeps rows `[from, end)`. `list` is the definition level from which on a list is not null, `element` that from which on it has an
 * element, `value` that of an element with a value.
 */
export function beginPageLists(from: u32, end: u32, list: u32, element: u32, value: u32): void {
  rowStart = from;
  rowEnd = end;
  listLevel = list;
  elementLevel = element;
  valueLevel = value;
  listStarts = alloc((<usize>(end - from) + 1) << 2);
  listValidity = allocBits(end - from);
  listNulls = 0;
  begun = 0;
  isClosed = false;
  listsClosed = false;
}

/**
 * Walks the levels (a byte each) of one page whose elements come behind `slots` others; element levels (1 = has a value) go to
 * `levels`. False where the levels make no lists.
 */
export function walkLists(repetitions: usize, definitions: usize, entries: u32, slots: u32, levels: usize): bool {
  elementSkip = 0;
  elementCount = 0;
  for (let i: u32 = 0; i < entries; i++) {
    const definition = <u32>load<u8>(definitions + i);
    const starts = load<u8>(repetitions + i) == 0;
    if (starts) {
      if (begun >= rowEnd) {
        listsClosed = true;
        return true;
      }
      begun++;
      isClosed = definition < elementLevel;
    } else if (begun == 0 || isClosed || definition < elementLevel) return false;
    if (begun <= rowStart) {
      elementSkip += <u32>(definition == valueLevel);
      continue;
    }
    const row = begun - 1 - rowStart;
    if (starts) {
      store<u32>(listStarts + ((<usize>row) << 2), slots + elementCount);
      if (definition < listLevel) {
        clearBit(listValidity, row);
        listNulls++;
      }
    }
    if (definition >= elementLevel) store<u8>(levels + elementCount++, <u8>(definition == valueLevel));
  }
  return true;
}

/** Ends the last list at slot `slots`; false where rows are missing. */
export function finishLists(slots: u32): bool {
  if (begun < rowEnd) return false;
  store<u32>(listStarts + ((<usize>(rowEnd - rowStart)) << 2), slots);
  return true;
}
