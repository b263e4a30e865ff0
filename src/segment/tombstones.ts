/** The `tombstones` section: deletions that came with the rows. */
import type { ErrorWhere } from '../base/errors.js';
import { ByteCursor, corrupt } from './cursor.js';
import type { TombstoneEntry } from './write-tombstones.js';

const HAS_ID = 1;
const HAS_GROUP = 2;
const HAS_VERSION = 4;

/** Parses a `tombstones` section: those with an id by id, then those of whole groups. */
export function parseTombstones(bytes: Uint8Array, where: ErrorWhere): TombstoneEntry[] {
  const cursor = new ByteCursor(bytes, where);
  const tombstones: TombstoneEntry[] = [];
  let previous: Uint8Array = new Uint8Array(0);
  for (let left = cursor.varint(); left > 0; left--) {
    const flags = cursor.u8();
    if (flags > (HAS_ID | HAS_GROUP | HAS_VERSION)) throw corrupt('a tombstone has unknown flags', where);
    let id: Uint8Array | undefined;
    if ((flags & HAS_ID) !== 0) {
      id = parseId(cursor, previous);
      previous = id;
    }
    const group = (flags & HAS_GROUP) === 0 ? undefined : cursor.take(cursor.varint());
    const version = (flags & HAS_VERSION) === 0 ? undefined : cursor.i64();
    tombstones.push({ id, group, version, object: cursor.varint(), rowGroup: cursor.varint(), row: cursor.varint() });
  }
  cursor.expectDone('tombstones');
  return tombstones;
}

function parseId(cursor: ByteCursor, previous: Uint8Array): Uint8Array {
  const shared = cursor.varint();
  if (shared > previous.length) throw corrupt('an id shares more bytes than the one before has', cursor.where);
  const suffix = cursor.take(cursor.varint());
  const id = new Uint8Array(shared + suffix.length);
  id.set(previous.subarray(0, shared));
  id.set(suffix, shared);
  return id;
}
