/** Joins the numeric columns of all inputs and writes their sections. */

import type { Kernel } from '../kernel/kernel.js';
import { countBits } from '../segment/kill-bitmap.js';
import type { FieldEntry } from '../segment/layout.js';
import type { SegmentWriter } from '../segment/writer.js';
import type { PlannedField } from '../shard/task.js';
import type { NumericInput, SegmentInput } from './input.js';

/** Writes the columns of `fields` in order; returns the footer's entries. */
export async function writeColumns(
  kernel: Kernel,
  writer: SegmentWriter,
  fields: readonly PlannedField[],
  inputs: readonly SegmentInput[],
): Promise<FieldEntry[]> {
  const docs = inputs.reduce((sum, input) => sum + input.docs, 0);
  const entries: FieldEntry[] = [];
  for (const { name, type } of fields) {
    const parts = await Promise.all(inputs.map((input) => input.column(name)));
    const presence = joinPresence(parts, docs);
    await writer.section('column', name, encodeColumn(kernel, parts, presence, docs));
    entries.push({ name, type, docCount: presence === undefined ? docs : countBits(presence) });
  }
  return entries;
}

function encodeColumn(
  kernel: Kernel,
  parts: readonly NumericInput[],
  presence: Uint8Array | undefined,
  docs: number,
): Uint8Array {
  const { call } = kernel;
  call.reset();
  const values = call.alloc(docs * 8) >>> 0;
  let at = values;
  for (const part of parts) {
    const bytes = new Uint8Array(part.values.buffer, part.values.byteOffset, part.values.byteLength);
    kernel.view(at, bytes.length).set(bytes);
    at += bytes.length;
  }
  call.encodeColumn(values, presence === undefined ? 0 : kernel.copyIn(presence), docs);
  const { out } = kernel;
  return kernel.copyOut(out.at, out.length);
}

/** undefined where every document has a value. */
function joinPresence(parts: readonly NumericInput[], docs: number): Uint8Array | undefined {
  if (parts.every(({ presence }) => presence === undefined)) return undefined;
  const joined = new Uint8Array((docs + 7) >> 3);
  let base = 0;
  for (const { values, presence } of parts) {
    for (let doc = 0; doc < values.length; doc++) {
      if (presence !== undefined && ((presence[doc >> 3]! >> (doc & 7)) & 1) === 0) continue;
      joined[(base + doc) >> 3]! |= 1 << ((base + doc) & 7);
    }
    base += values.length;
  }
  return joined;
}
