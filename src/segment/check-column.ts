import type { Report } from './check.js';
import { type Column, packedBytes } from './column.js';
import { COLUMN_BLOCK, type FieldEntry } from './layout.js';
import type { SegmentReader } from './reader.js';

/** Bits that hold an unsigned 64-bit integer. */
function width(value: bigint): number {
  return value === 0n ? 0 : value.toString(2).length;
}

/** Reads a whole numeric field: block minima, widths, places, nulls, and the footer's count. */
export async function checkColumn(reader: SegmentReader, field: FieldEntry, report: Report): Promise<void> {
  const section = `column of ${field.name}`;
  const column = await reader.column(field.name);
  const values = column.decode();
  let docCount = 0;
  for (let docId = 0; docId < column.docs; docId++) if (column.has(docId)) docCount++;
  if (docCount !== field.docCount)
    report('footer', `docCount of ${field.name} is ${field.docCount}, counted ${docCount}`);
  if (column.presence !== undefined && docCount === column.docs)
    report(section, 'there are no nulls, but a bitmap for them');
  checkBitmapEnd(column, section, report);
  let at = 8 + (column.presence === undefined ? 0 : Math.ceil(column.docs / 64) * 8);
  for (let block = 0; block < column.blocks; block++) {
    const start = block * COLUMN_BLOCK;
    const end = Math.min(start + COLUMN_BLOCK, column.docs);
    const header = column.blockHeader(block);
    if (header.at - 16 !== at) report(section, `block ${block} does not follow the one before`);
    at = header.at + packedBytes(end - start, header.bits);
    checkBlock(column, values, block, { start, end, ...header }, section, report);
  }
  if (at + column.blocks * 8 !== column.bytes.length) report(section, 'the blocks do not fill the section');
}

function checkBlock(
  column: Column,
  values: BigInt64Array,
  block: number,
  {
    start,
    end,
    min,
    bits,
  }: { readonly start: number; readonly end: number; readonly min: bigint; readonly bits: number },
  section: string,
  report: Report,
): void {
  let least: bigint | undefined;
  let largest = min;
  for (let docId = start; docId < end; docId++) {
    const value = values[docId]!;
    if (!column.has(docId)) {
      if (value !== min) report(section, `document ${docId} has no value, but not its block's smallest`);
      continue;
    }
    if (least === undefined || value < least) least = value;
    if (value > largest) largest = value;
  }
  if (min !== (least ?? 0n)) report(section, `block ${block} does not start from its smallest value`);
  if (bits !== width(largest - min)) report(section, `block ${block} is wider than its values need`);
}

/** Bits beyond the last document are clear. */
function checkBitmapEnd(column: Column, section: string, report: Report): void {
  const last = column.presence?.at(-1);
  if (last !== undefined && column.docs % 8 !== 0 && last >> (column.docs % 8) !== 0) {
    report(section, 'the bitmap of values goes beyond the documents');
  }
}
