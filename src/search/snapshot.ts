/** One generation of an index, open: its segments with the documents that count as live. */
import { createHash } from 'node:crypto';
import type { ByteSource } from '../base/bytes.js';
import { TidemarkError } from '../base/errors.js';
import type { KillEntry, Manifest, SegmentEntry } from '../manifest/manifest.js';
import { decodeKillBitmap, isKilled } from '../segment/kill-bitmap.js';
import type { DocId, FieldEntry, SegmentFooter } from '../segment/layout.js';
import { openSegment, type SegmentReader } from '../segment/reader.js';
import type { Store } from '../store/store.js';
import { type FieldOverlay, type KnownLayers, readOverlays } from './overlays.js';

/** A segment as one generation sees it. */
export interface LiveSegment {
  /** Rank in the snapshot: base first, then delta. */
  readonly ordinal: number;
  readonly name: string;
  readonly sha256: string;
  readonly reader: SegmentReader;
  readonly docs: number;
  readonly live: number;
  /** Bit (low first) set = killed; undefined where no document is. */
  readonly kills: Uint8Array | undefined;
  /** By field: values that stand in the place of the segment's own. */
  readonly overlays: ReadonlyMap<string, FieldOverlay>;
}

/** Everything a query needs of one generation. Never changes. */
export interface Snapshot {
  readonly manifest: Manifest;
  readonly segments: readonly LiveSegment[];
  /** All fields by name, the internal ones included; empty where there is no segment. */
  readonly fields: ReadonlyMap<string, FieldEntry>;
  /** Stored fields in the segments' order. */
  readonly stored: readonly string[];
  /** Whether documents belong to groups. */
  readonly hasGroups: boolean;
  /** Layers of overlays, for the next snapshot to take over. */
  readonly layers: KnownLayers;
}

/** Whether a document counts. */
export function isLive(segment: LiveSegment, docId: DocId): boolean {
  return segment.kills === undefined || !isKilled(segment.kills, docId);
}

/**
 * Opens every segment and kill bitmap of a manifest; fails with code `corrupt` or `not-found` as soon as one cannot be.
 * Segments that `previous` has open are taken over, with what they hold in memory.
 */
export async function openSnapshot(store: Store, manifest: Manifest, previous?: Snapshot): Promise<Snapshot> {
  const entries = [...(manifest.base?.segments ?? []), ...manifest.delta.segments];
  const known = new Map((previous?.segments ?? []).map((segment) => [segment.sha256, segment.reader]));
  const layers: KnownLayers = new Map();
  const segments = await Promise.all(
    entries.map(async (entry, ordinal): Promise<LiveSegment> => {
      const [reader, kills, overlays] = await Promise.all([
        known.get(entry.sha256) ?? openSegment(storeSource(store, entry), entry.name),
        readKills(store, entry, manifest.kills[entry.name]),
        readOverlays(store, manifest, entry, previous?.layers ?? new Map(), layers),
      ]);
      expectEntry(entry, reader.footer);
      const { name, sha256, docs, live } = entry;
      return { ordinal, name, sha256, reader, docs, live, kills, overlays };
    }),
  );
  const first = segments[0]?.reader.footer;
  for (const { name, reader } of segments) expectSameSchema(name, reader.footer, first!);
  return {
    manifest,
    segments,
    fields: new Map((first?.fields ?? []).map((field) => [field.name, field])),
    stored: first?.stored ?? [],
    hasGroups: first?.group ?? false,
    layers,
  };
}

function storeSource(store: Store, entry: SegmentEntry): ByteSource {
  return {
    byteLength: entry.bytes,
    slice: (start, end) => store.read(entry.name, { start, end }),
  };
}

async function readKills(
  store: Store,
  entry: SegmentEntry,
  kills: KillEntry | undefined,
): Promise<Uint8Array | undefined> {
  if (kills === undefined) return undefined;
  const where = { segment: entry.name, object: kills.object };
  const bytes = await store.read(kills.object);
  if (createHash('sha256').update(bytes).digest('hex') !== kills.sha256) {
    throw new TidemarkError('corrupt', 'the kill bitmap is not the one the manifest names', { where });
  }
  const bitmap = decodeKillBitmap(bytes, where, entry);
  if (bitmap.killed !== kills.count) {
    throw new TidemarkError(
      'corrupt',
      `the kill bitmap kills ${bitmap.killed} documents, the manifest says ${kills.count}`,
      { where },
    );
  }
  return bitmap.bits;
}

function expectEntry(entry: SegmentEntry, footer: SegmentFooter): void {
  if (footer.docs === entry.docs) return;
  throw new TidemarkError('corrupt', `the segment holds ${footer.docs} documents, the manifest says ${entry.docs}`, {
    where: { segment: entry.name },
  });
}

function expectSameSchema(name: string, footer: SegmentFooter, first: SegmentFooter): void {
  if (footer.schema === first.schema) return;
  throw new TidemarkError('corrupt', 'the segments of one index have different schemas', { where: { segment: name } });
}
