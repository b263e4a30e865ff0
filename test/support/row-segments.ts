/** Segments made of plain rows by the reference writer: what a build of those rows must come to, without building. */
import { bytesSource } from '#src/base/bytes.js';
import { isKilled } from '#src/segment/kill-bitmap.js';
import { openSegment, type SegmentReader } from '#src/segment/reader.js';
import { type InputRow, isRejected, type OracleOptions } from './oracle.js';
import { type ReferenceDocument, type ReferenceTombstone, writeReferenceSegment } from './reference-segment.js';

/** A segment beside the rows that its documents stand for. */
export interface RowSegment {
  readonly reader: SegmentReader;
  /** Rows of the documents, by docId. */
  readonly rows: readonly InputRow[];
  /** All rows, tombstones and rejects included. */
  readonly input: readonly InputRow[];
}

/** Writes rows, in any order, as one segment; rejects are left out as a build leaves them out. */
export async function rowSegment(name: string, rows: readonly InputRow[], options: OracleOptions): Promise<RowSegment> {
  const placed = rows.filter((row) => !isRejected(row, options.replace)).toSorted(inDocumentOrder);
  const times = [...new Set(placed.map(({ partitionTime }) => partitionTime))];
  const partitions = times.map((time) => {
    const own = placed.filter(({ partitionTime }) => partitionTime === time);
    return { time, objects: [...new Set(own.map(({ objectKey }) => objectKey))] };
  });
  const objects = partitions.flatMap((partition) => partition.objects);
  const versioned = options.versioned !== false;
  const place = ({ objectKey, rowGroup, row }: InputRow) => ({ object: objects.indexOf(objectKey), rowGroup, row });
  const docs = placed.filter(({ deleted }) => !deleted);
  const bytes = writeReferenceSegment({
    schema: { fingerprint: 'f', group: true, version: versioned ? '_version' : null, stored: [], fields: [] },
    docs: docs.map(
      (row): ReferenceDocument => ({ ...place(row), id: row.id!, group: row.group, version: row.version, values: {} }),
    ),
    tombstones: placed
      .filter(({ deleted }) => deleted)
      .map(
        (row): ReferenceTombstone => ({
          ...place(row),
          ...(row.id === null ? {} : { id: row.id }),
          ...(row.group === null ? {} : { group: row.group }),
          ...(row.version === null || !versioned ? {} : { version: row.version }),
        }),
      ),
    partitions,
    analyze: () => [],
  });
  return { reader: await openSegment(bytesSource(bytes), name), rows: docs, input: rows };
}

/** Places of the rows that some kills leave, in order of their text. */
export function liveRows(segments: readonly RowSegment[], kills: ReadonlyMap<string, Uint8Array>): string[] {
  return segments
    .flatMap(({ reader, rows }) => {
      const bits = kills.get(reader.name);
      return bits === undefined ? rows : rows.filter((_, docId) => !isKilled(bits, docId));
    })
    .map(placeOf)
    .sort();
}

/** A row as one text. */
export function placeOf({ id, objectKey, rowGroup, row }: InputRow): string {
  return `${id} of ${objectKey} ${rowGroup} ${row}`;
}

function inDocumentOrder(a: InputRow, b: InputRow): number {
  return (
    a.partitionTime - b.partitionTime ||
    Buffer.compare(Buffer.from(a.objectKey), Buffer.from(b.objectKey)) ||
    a.rowGroup - b.rowGroup ||
    a.row - b.row
  );
}
