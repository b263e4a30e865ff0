/** Drives the kernel through the pages of one column: the wanted rows come to lie in its arena, nothing else stays. */

import type { ArrowArray } from '../decode/arrow-layout.js';
import type { Column } from '../decode/columns.js';
import { normalizeColumn } from '../decode/normalize.js';
import type { DataPage } from '../decode/page-table.js';
import type { PagedColumn, PagedLevels } from '../decode/paged.js';
import type { Kernel } from '../kernel/kernel.js';
import type { PlacedColumn } from './columns.js';

/** Room that is asked for at the start; columns that claim more are left to the other decoder, which refuses them in words. */
const MAX_BYTES = 2 ** 30;
const MAX_SLOTS = 2 ** 26;
/** Rows differ from the average of their dictionary; where this is not enough the values move once more. */
const DICTIONARY_MARGIN = 1.25;
/** Parquet's numbers. */
const BYTES = 6;
const BOOLEAN = 0;
const FOUR_BYTES: ReadonlySet<number> = new Set([1, 4]);
const PLAIN = 0;

/** A data page and which of its rows are wanted (flat columns). */
interface WantedPage {
  readonly page: DataPage;
  readonly skip: number;
  readonly take: number;
}

interface PagePlan {
  readonly pages: readonly WantedPage[];
  /** Rows before the first of these pages. */
  readonly firstRow: number;
  readonly slots: number;
  readonly bytes: number;
}

/**
 * Decodes rows `[rowStart, rowEnd)`: byte strings stay in the arena, numbers come out. undefined, and the arena as before, where the
 * pages do not hold what they promise or claim too much.
 */
export function placePages(
  kernel: Kernel,
  column: PagedColumn,
  rowStart: number,
  rowEnd: number,
): PlacedColumn | Column | undefined {
  const { call } = kernel;
  const before = call.mark();
  const plan = planPages(column, rowStart, rowEnd);
  // Each row takes a level at least: garbled counts cost no memory.
  const isPlausible = plan.bytes <= MAX_BYTES && plan.slots <= MAX_SLOTS && rowEnd - rowStart <= plan.slots;
  if (isPlausible && runPages(kernel, column, plan, rowStart, rowEnd)) {
    if (column.physical === BYTES) return placedBytes(kernel, column.levels, rowEnd - rowStart, before);
    const numbers = takeNumbers(kernel, column, rowEnd - rowStart);
    call.release(before);
    return numbers;
  }
  call.release(before);
  return undefined;
}

/** Pages that hold wanted rows. Only flat columns and version 2 tell which rows a page holds. */
function planPages({ levels, table }: PagedColumn, rowStart: number, rowEnd: number): PagePlan {
  const mean = table.dictionary === undefined ? 0 : table.dictionary.rawBytes / Math.max(1, table.dictionary.values);
  const pages: WantedPage[] = [];
  let [firstRow, row, slots, bytes] = [0, 0, 0, 0];
  for (const page of table.pages) {
    const rows = levels.kind === 'flat' ? page.entries : page.rows;
    const [start, end] = [row, rows === undefined ? Number.POSITIVE_INFINITY : row + rows];
    row = rows === undefined ? row : end;
    if (start >= rowEnd) break;
    if (end <= rowStart) {
      if (pages.length === 0) firstRow = end;
      continue;
    }
    const skip = Math.max(0, rowStart - start);
    const take = Math.min(end, rowEnd) - start - skip;
    pages.push({ page, skip, take });
    const share = levels.kind === 'flat' ? take : page.entries;
    slots += share;
    bytes += page.encoding === PLAIN ? page.rawBytes : share * mean * DICTIONARY_MARGIN;
  }
  return { pages, firstRow, slots, bytes: Math.ceil(bytes) };
}

function runPages(kernel: Kernel, column: PagedColumn, plan: PagePlan, rowStart: number, rowEnd: number): boolean {
  const { call } = kernel;
  const { levels, physical, codec, table, bytes } = column;
  if (levels.kind === 'flat') call.beginPages(physical, codec, levels.definition, rowEnd - rowStart, plan.bytes);
  else {
    const { list, element, value } = levels;
    const { firstRow, slots } = plan;
    call.beginListPages(codec, list, element, value, rowStart - firstRow, rowEnd - firstRow, slots, plan.bytes);
  }
  const bring = ({ start, end }: { readonly start: number; readonly end: number }): number => {
    const at = call.pageInput(end - start);
    kernel.view(at, end - start).set(bytes.subarray(start, end));
    return at;
  };
  const { dictionary } = table;
  if (dictionary !== undefined) {
    const { start, end, rawBytes, values } = dictionary;
    if (call.addPageDictionary(bring(dictionary), end - start, rawBytes, values) === 0) return false;
  }
  for (const { page, skip, take } of plan.pages) {
    const isSound = call.addPage(
      bring(page),
      page.end - page.start,
      page.rawBytes,
      page.version,
      page.encoding,
      page.isCompressed ? 1 : 0,
      page.entries,
      page.nulls ?? -1,
      page.repetitionBytes,
      page.definitionBytes,
      skip,
      Number.isFinite(take) ? take : 0,
    );
    if (isSound === 0) return false;
  }
  return call.finishPages() !== 0;
}

/** The bytes of the column that the kernel has just finished; undefined where a list holds broken text. */
function placedBytes(kernel: Kernel, levels: PagedLevels, rows: number, before: number): PlacedColumn | undefined {
  const { call } = kernel;
  const invalid = call.byteInvalid.value >>> 0;
  if (invalid !== 0 && levels.kind === 'list') {
    // Rare enough to leave the taking apart of such rows to the other decoder.
    call.release(before);
    return undefined;
  }
  const address = (value: { readonly value: number }) => value.value >>> 0;
  const bitmap = (at: number) => kernel.copyOut(at, (rows + 7) >> 3);
  const data = address(call.byteData);
  const isList = levels.kind === 'list';
  const hasNullSlots = call.slotNulls.value > 0 || invalid !== 0;
  const slotValidity = hasNullSlots ? address(call.slotValidity) : 0;
  const validity = !isList ? slotValidity : call.listNulls.value > 0 ? address(call.listValidity) : 0;
  return {
    kind: 'placed',
    rows,
    lists: isList ? address(call.listStarts) : 0,
    offsets: address(call.byteOffsets),
    data,
    validity,
    valueValidity: isList ? slotValidity : 0,
    sizes: {
      bytes: address(call.byteEnd) - data,
      values: address(call.slotCount),
      longest: address(call.byteLongest),
    },
    rowValidity: validity === 0 ? undefined : bitmap(validity),
    invalid: invalid === 0 ? undefined : bitmap(invalid),
  };
}

/** Numbers as the column's shape wants them, copied out. */
function takeNumbers(kernel: Kernel, { type, request, physical }: PagedColumn, rows: number): Column {
  const { call } = kernel;
  const length = physical === BOOLEAN ? (rows + 7) >> 3 : rows * (FOUR_BYTES.has(physical) ? 4 : 8);
  const array: ArrowArray = {
    type,
    length: rows,
    offset: 0,
    validity: call.slotNulls.value > 0 ? kernel.view(call.slotValidity.value, (rows + 7) >> 3) : undefined,
    buffers: [kernel.view(call.numberValues.value, length)],
    children: [],
    dictionary: [],
  };
  return normalizeColumn(array, 0, rows, request.shape);
}
