/** Rows of stored values, made in the kernel; cutting and compressing them comes at sealing. */

import type { Kernel } from '../kernel/kernel.js';
import type { BuildPlan } from '../shard/task.js';
import type { DecodedSlice } from './build-shard.js';
import type { Outbox } from './outbox.js';

const VALUES = 1;
const LISTS = 2;

/** Shared memory: rows one after the other, and the bytes of each. */
export function buildStored(
  kernel: Kernel,
  outbox: Outbox,
  plan: BuildPlan,
  slices: readonly DecodedSlice[],
  docs: number,
): { readonly stored: Uint8Array; readonly storedLengths: Uint32Array } {
  const { call } = kernel;
  const before = call.mark();
  const names = [plan.id, ...plan.stored];
  const placed = slices.map(({ columns, rows }) => ({
    rows: rows.docOf.length,
    docOf: kernel.copyInArray(rows.docOf),
    columns: kernel.copyInArray(describeColumns(kernel, names, columns)),
  }));
  call.beginStored(docs);
  for (const slice of placed) call.addStored(slice.columns, names.length, slice.rows, slice.docOf);
  const { out } = kernel;
  const lengths = outbox.copyOut(kernel, call.storedLengths.value, docs * 4);
  const stored = outbox.copyOut(kernel, out.at, out.length);
  call.release(before);
  return { stored, storedLengths: new Uint32Array(lengths.buffer, lengths.byteOffset, docs) };
}

/** The kernel's six words a column; a numeric column is absent here, since it is read from its own section. */
function describeColumns(kernel: Kernel, names: readonly string[], columns: DecodedSlice['columns']): Uint32Array {
  const words = kernel.call.STORED_COLUMN.value / 4;
  const described = new Uint32Array(names.length * words);
  names.forEach((name, i) => {
    const column = columns[name];
    if (column?.kind !== 'placed') return;
    const { offsets, data, validity, lists, valueValidity } = column;
    described.set([lists === 0 ? VALUES : LISTS, offsets, data, validity, lists, valueValidity], i * words);
  });
  return described;
}
