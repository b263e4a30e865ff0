import { compareBytes } from '../base/bytes.js';
import type { Report } from './check.js';
import { crc32 } from './crc32.js';
import { ByteCursor } from './cursor.js';
import type { SegmentReader } from './reader.js';
import { compareTombstones } from './write-tombstones.js';

/** Inflates every stored block and compares the ids in them with the keys, where these could be read. */
export async function checkStored(
  reader: SegmentReader,
  idCrcs: Uint32Array | undefined,
  report: Report,
): Promise<void> {
  const stored = await reader.stored();
  for (let i = 0; i < stored.index.blocks; i++) {
    const { raw, docStart, offsets } = await stored.block(i);
    if (idCrcs === undefined) continue;
    for (let doc = 0; doc + 1 < offsets.length; doc++) {
      const cursor = new ByteCursor(raw, reader.where('stored'), offsets[doc]!);
      if (crc32(cursor.take(cursor.varint())) === idCrcs[docStart + doc]) continue;
      report('stored', `document ${docStart + doc} is stored under another id than its key`);
    }
  }
}

/** Partitions by time, objects by key, documents by row. */
export async function checkSources(reader: SegmentReader, report: Report): Promise<void> {
  const { partitions, runs } = await reader.sources();
  const text = new TextEncoder();
  partitions.forEach(({ time, objects }, i) => {
    if (i > 0 && partitions[i - 1]!.time >= time) report('sources', `partition ${i} is out of order`);
    objects.forEach((key, j) => {
      if (j > 0 && compareBytes(text.encode(objects[j - 1]!), text.encode(key)) >= 0)
        report('sources', `object ${key} is out of order`);
    });
  });
  runs.forEach((run, i) => {
    const last = runs[i - 1];
    if (last === undefined) return;
    const difference =
      run.object - last.object || run.rowGroup - last.rowGroup || run.rowStart - (last.rowStart + last.docs);
    if (difference <= 0) report('sources', `run ${i} does not come after the one before, or continues it`);
  });
}

/** Their order, and that they name objects. */
export async function checkTombstones(reader: SegmentReader, report: Report): Promise<void> {
  const { objects } = await reader.sources();
  const tombstones = await reader.tombstones();
  tombstones.forEach((tombstone, i) => {
    if (tombstone.object >= objects.length) report('tombstones', `tombstone ${i} names no object`);
    if (tombstone.id === undefined && tombstone.group === undefined)
      report('tombstones', `tombstone ${i} deletes nothing`);
    if (i > 0 && compareTombstones(tombstones[i - 1]!, tombstone) >= 0)
      report('tombstones', `tombstone ${i} is out of order`);
  });
}
