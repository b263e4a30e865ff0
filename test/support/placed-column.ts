/** A column in the kernel's arena, read back as a decoded one. */
import type { BytesColumn, Column } from '#src/decode/columns.js';
import type { Kernel } from '#src/kernel/kernel.js';
import type { PlacedColumn, SliceColumn } from '#src/worker/columns.js';

/** Copies everything out; numbers pass as they are. */
export function readBack(kernel: Kernel, column: SliceColumn): Column {
  if (column.kind !== 'placed') return column;
  const { rows, lists, validity, valueValidity, sizes, invalid } = column;
  const marks = invalid === undefined ? {} : { invalid };
  if (lists === 0) return { ...bytesOf(kernel, column, rows, validity), ...marks };
  const values = bytesOf(kernel, column, sizes.values, valueValidity);
  const offsets = words(kernel, lists, rows + 1);
  return { kind: 'bytes-list', rows, offsets, values, validity: bits(kernel, validity, rows), ...marks };
}

function bytesOf(kernel: Kernel, { offsets, data, sizes }: PlacedColumn, rows: number, validity: number): BytesColumn {
  return {
    kind: 'bytes',
    rows,
    offsets: words(kernel, offsets, rows + 1),
    data: kernel.copyOut(data, sizes.bytes),
    validity: bits(kernel, validity, rows),
  };
}

function words(kernel: Kernel, at: number, count: number): Int32Array {
  return new Int32Array(kernel.copyOut(at, count * 4).buffer);
}

function bits(kernel: Kernel, at: number, count: number): Uint8Array | undefined {
  return at === 0 ? undefined : kernel.copyOut(at, (count + 7) >> 3);
}
