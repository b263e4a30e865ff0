/** Encodes the section `tombstones`: deletions that came with the rows, in key order. */

import { ByteWriter } from '../base/byte-writer.js';
import { compareBytes } from '../base/bytes.js';

/** A deletion of an id, or, without one, of a whole group. */
export interface TombstoneEntry {
  readonly id: Uint8Array | undefined;
  readonly group: Uint8Array | undefined;
  readonly version: bigint | undefined;
  /** Counts over all partitions of the segment. */
  readonly object: number;
  readonly rowGroup: number;
  readonly row: number;
}

const HAS_ID = 1;
const HAS_GROUP = 2;
const HAS_VERSION = 4;
const NO_BYTES = new Uint8Array(0);

export function encodeTombstones(tombstones: readonly TombstoneEntry[]): Uint8Array {
  const out = new ByteWriter();
  out.varint(tombstones.length);
  let previous: Uint8Array = NO_BYTES;
  for (const { id, group, version, object, rowGroup, row } of tombstones.toSorted(compareTombstones)) {
    const flags = (id ? HAS_ID : 0) | (group ? HAS_GROUP : 0) | (version === undefined ? 0 : HAS_VERSION);
    out.u8(flags);
    if (id !== undefined) {
      const shared = sharedPrefix(previous, id);
      out.varint(shared).sized(id.subarray(shared));
      previous = id;
    }
    if (group !== undefined) out.sized(group);
    if (version !== undefined) out.i64(version);
    out.varint(object).varint(rowGroup).varint(row);
  }
  return out.finish();
}

/** Those with an id first, by id; then groups; rows in document order among equals. */
export function compareTombstones(a: TombstoneEntry, b: TombstoneEntry): number {
  if ((a.id === undefined) !== (b.id === undefined)) return a.id === undefined ? 1 : -1;
  const byKey =
    a.id === undefined ? compareBytes(a.group ?? NO_BYTES, b.group ?? NO_BYTES) : compareBytes(a.id, b.id ?? NO_BYTES);
  return byKey || a.object - b.object || a.rowGroup - b.rowGroup || a.row - b.row;
}

function sharedPrefix(a: Uint8Array, b: Uint8Array): number {
  const most = Math.min(a.length, b.length);
  let shared = 0;
  while (shared < most && a[shared] === b[shared]) shared++;
  return shared;
}
