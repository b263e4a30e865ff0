/** The `sources` section: which row of which object a document comes from. */
import type { ErrorWhere } from '../base/errors.js';
import { ByteCursor, corrupt } from './cursor.js';
import type { DocId } from './layout.js';
import type { SourcePartition, SourceRun } from './write-sources.js';

/** Where a row stands: the part of a document's rank that breaks equal versions. */
export interface SourceRow {
  /** ms since the epoch. */
  readonly partitionTime: number;
  /** Relative to the source. */
  readonly objectKey: string;
  readonly rowGroup: number;
  readonly row: number;
}

/** An object with the partition it belongs to. */
export interface SourceObject {
  readonly partitionTime: number;
  readonly key: string;
}

export class Sources {
  /** Objects counted over all partitions, as runs and tombstones name them. */
  readonly objects: readonly SourceObject[];
  /** runs + 1 entries: first document of each run, then all documents. */
  readonly runStarts: Uint32Array;

  constructor(
    readonly partitions: readonly SourcePartition[],
    readonly runs: readonly SourceRun[],
  ) {
    this.objects = partitions.flatMap(({ time, objects }) => objects.map((key) => ({ partitionTime: time, key })));
    this.runStarts = new Uint32Array(runs.length + 1);
    runs.forEach((run, i) => {
      this.runStarts[i + 1] = this.runStarts[i]! + run.docs;
    });
  }

  /** The run a document belongs to, and its row. */
  locate(docId: DocId): { readonly object: number; readonly rowGroup: number; readonly row: number } {
    let low = 0;
    let high = this.runs.length;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (this.runStarts[middle]! <= docId) low = middle;
      else high = middle;
    }
    const { object, rowGroup, rowStart } = this.runs[low]!;
    return { object, rowGroup, row: rowStart + docId - this.runStarts[low]! };
  }

  /** Partition time, object, row group and row of a document. */
  rowOf(docId: DocId): SourceRow {
    const { object, rowGroup, row } = this.locate(docId);
    const { partitionTime, key } = this.objects[object]!;
    return { partitionTime, objectKey: key, rowGroup, row };
  }
}

/** Parses a `sources` section of a segment of `docs` documents. */
export function parseSources(bytes: Uint8Array, docs: number, where: ErrorWhere): Sources {
  const cursor = new ByteCursor(bytes, where);
  const text = new TextDecoder('utf-8', { ignoreBOM: true });
  const partitions: SourcePartition[] = [];
  for (let left = cursor.varint(); left > 0; left--) {
    const time = Number(cursor.i64());
    const objects: string[] = [];
    for (let i = cursor.varint(); i > 0; i--) objects.push(text.decode(cursor.take(cursor.varint())));
    partitions.push({ time, objects });
  }
  const runs: SourceRun[] = [];
  for (let left = cursor.varint(); left > 0; left--) {
    runs.push({
      object: cursor.varint(),
      rowGroup: cursor.varint(),
      rowStart: cursor.varint(),
      docs: cursor.varint(),
    });
  }
  cursor.expectDone('sources');
  const sources = new Sources(partitions, runs);
  if (runs.some(({ object }) => object >= sources.objects.length)) throw corrupt('a run names no object', where);
  if (runs.some((run) => run.docs === 0) || sources.runStarts[runs.length] !== docs) {
    throw corrupt('runs do not cover the documents', where);
  }
  return sources;
}
