/** What a reader of a generation finds, through the project's own snapshot and segment readers. */
import { createHash } from 'node:crypto';
import { decodeManifest } from '#src/manifest/codec.js';
import { isLive, type LiveSegment, openSnapshot, type Snapshot } from '#src/search/snapshot.js';
import type { SegmentReader } from '#src/segment/reader.js';
import { must } from './violation.js';
import type { World } from './world.js';

/** A document as it is stored. */
export interface FoundRow {
  readonly id: string;
  readonly stamp: number;
  readonly partitionTime: number;
}

/** Reads generations one after the other, each segment once. */
export class GenerationReader {
  #snapshot: Snapshot | undefined;
  /** By the segment's SHA-256. */
  readonly #rows = new Map<string, Promise<readonly FoundRow[]>>();
  readonly #verified = new Set<string>();

  constructor(private readonly world: World) {}

  /** Live documents, all of them; fails where anything that the manifest names is missing or is not what it was. */
  async live(bytes: Uint8Array, key: string): Promise<FoundRow[]> {
    const manifest = decodeManifest(bytes, key);
    const snapshot = await openSnapshot(this.world.index.store, manifest, this.#snapshot);
    this.#snapshot = snapshot;
    const live: FoundRow[] = [];
    for (const segment of snapshot.segments) {
      this.#verify(segment);
      const rows = await this.#rowsOf(segment);
      rows.forEach((row, docId) => {
        if (isLive(segment, docId)) live.push(row);
      });
    }
    return live;
  }

  #verify({ name, sha256 }: LiveSegment): void {
    const { bytes, info } = this.world.index.current(name)!;
    if (this.#verified.has(info.etag)) return;
    const digest = createHash('sha256').update(bytes).digest('hex');
    must(digest === sha256, 'every manifest is readable', () => `${name} is not the segment that was committed`);
    this.#verified.add(info.etag);
  }

  #rowsOf({ sha256, reader }: LiveSegment): Promise<readonly FoundRow[]> {
    let rows = this.#rows.get(sha256);
    if (rows === undefined) {
      rows = readRows(reader);
      this.#rows.set(sha256, rows);
    }
    return rows;
  }
}

async function readRows(reader: SegmentReader): Promise<FoundRow[]> {
  const utf8 = new TextDecoder();
  const [stored, stamps, sources] = [await reader.stored(), await reader.column('stamp'), await reader.sources()];
  const values = stamps.decode();
  const rows: FoundRow[] = [];
  for (let docId = 0; docId < reader.docs; docId++) {
    const id = utf8.decode(await stored.id(docId));
    const { partitionTime } = sources.rowOf(docId);
    rows.push({ id, stamp: Number(values[docId]!), partitionTime });
  }
  return rows;
}
