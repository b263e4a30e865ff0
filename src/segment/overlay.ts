/**
 * Overlays (`.tmo`): values of one field that stand in the place of those of a segment. Bound to the segment's bytes like a kill
 * bitmap; several of one field are layers, and of two that speak of one document the higher rank counts.
 */
import { ByteWriter } from '../base/byte-writer.js';
import { assert, type ErrorWhere } from '../base/errors.js';
import { type ByteCursor, corrupt } from './cursor.js';
import { type Frame, frame, unframe } from './framed.js';
import type { DocId } from './layout.js';
import {
  PATCH_TYPES,
  type PatchType,
  type PatchValue,
  readType,
  readValues,
  readVersions,
  type ValueColumn,
  valueColumn,
  writeValues,
  writeVersions,
} from './patch-values.js';

/** 1: the first. */
export const OVERLAY: Frame = { magic: 'TIDEOVER', version: 1, what: 'an overlay' };

const SHA256_BYTES = 32;

/** What a patch's row stands for beside others: all of its rank that lies in different partitions. */
export interface PatchRank {
  readonly version: bigint | undefined;
  /** ms since the epoch. */
  readonly partitionTime: number;
}

/** A document's new value and the rank it came with. */
export interface OverlayEntry extends PatchRank {
  readonly docId: DocId;
  readonly value: PatchValue;
}

export interface Overlay {
  /** Hex SHA-256 of the segment it belongs to. */
  readonly segmentSha256: string;
  /** Documents of the segment. */
  readonly docs: number;
  readonly field: string;
  readonly type: PatchType;
  /** Ascending. */
  readonly docIds: Uint32Array;
  readonly versions: readonly (bigint | undefined)[];
  /** Partition times, ms since the epoch. */
  readonly times: Float64Array;
  /** One place a document. */
  readonly values: ValueColumn;
}

/** Positive where `a` is newer. As rows do, patches of one partition compete by version first; where groups replace, by partition first. */
export function comparePatchRanks(a: PatchRank, b: PatchRank, replace: 'record' | 'group'): number {
  const versions = compareVersions(a.version, b.version);
  const times = a.partitionTime - b.partitionTime;
  return replace === 'record' ? versions || times : times || versions;
}

function compareVersions(a: bigint | undefined, b: bigint | undefined): number {
  if (a === b) return 0;
  if (a === undefined) return -1;
  if (b === undefined) return 1;
  return a < b ? -1 : 1;
}

/** `entries` by document, ascending. */
export function overlayOf(
  target: Pick<Overlay, 'segmentSha256' | 'docs' | 'field' | 'type'>,
  entries: readonly OverlayEntry[],
): Overlay {
  const { segmentSha256, docs, field, type } = target;
  return {
    segmentSha256,
    docs,
    field,
    type,
    docIds: Uint32Array.from(entries, ({ docId }) => docId),
    versions: entries.map(({ version }) => version),
    times: Float64Array.from(entries, ({ partitionTime }) => partitionTime),
    values: valueColumn(
      type,
      entries.map(({ value }) => value),
    ),
  };
}

export function encodeOverlay(overlay: Overlay): Uint8Array {
  const { segmentSha256, docs, field, type, docIds, versions, times, values } = overlay;
  const out = new ByteWriter();
  assert(/^[0-9a-f]{64}$/.test(segmentSha256), 'an overlay names a SHA-256');
  out.raw(Buffer.from(segmentSha256, 'hex')).u32(docs).sized(new TextEncoder().encode(field));
  out.u8(PATCH_TYPES.indexOf(type)).u32(docIds.length);
  let before = -1;
  for (const docId of docIds) {
    assert(docId > before && docId < docs, 'an overlay lists documents of its segment in order');
    out.varint(docId - before - 1);
    before = docId;
  }
  writeVersions(out, versions);
  const distinct = [...new Set(times)].sort((a, b) => a - b);
  const ordinals = new Map(distinct.map((time, i) => [time, i]));
  out.varint(distinct.length);
  for (const time of distinct) out.i64(BigInt(time));
  for (const time of times) out.varint(ordinals.get(time)!);
  writeValues(out, values);
  return frame(OVERLAY, out.finish());
}

/** Fails with code `corrupt` on a broken one and, given `segment`, on one that belongs to other bytes. */
export function decodeOverlay(
  bytes: Uint8Array,
  where: ErrorWhere,
  segment?: { readonly sha256: string; readonly docs: number },
): Overlay {
  const cursor = unframe(OVERLAY, bytes, where);
  const segmentSha256 = Buffer.from(cursor.take(SHA256_BYTES)).toString('hex');
  const docs = cursor.u32();
  if (segment !== undefined && (segment.sha256 !== segmentSha256 || segment.docs !== docs)) {
    throw corrupt('the overlay belongs to another segment', where);
  }
  const field = new TextDecoder('utf-8', { ignoreBOM: true }).decode(cursor.take(cursor.varint()));
  const type = readType(cursor);
  const count = cursor.u32();
  const docIds = readDocIds(cursor, count, docs);
  const versions = readVersions(cursor, count);
  const distinct = Array.from({ length: cursor.varint() }, () => Number(cursor.i64()));
  const times = Float64Array.from(docIds, () => distinct[cursor.varint()] ?? Number.NaN);
  if (times.some(Number.isNaN)) throw corrupt('a value of an overlay has no partition', where);
  const values = readValues(cursor, type, count);
  cursor.expectDone('an overlay');
  return { segmentSha256, docs, field, type, docIds, versions, times, values };
}

function readDocIds(cursor: ByteCursor, count: number, docs: number): Uint32Array {
  const docIds = new Uint32Array(Math.min(count, docs));
  let docId = -1;
  for (let i = 0; i < count; i++) {
    docId += cursor.varint() + 1;
    if (docId >= docs) throw corrupt('the overlay leads beyond its segment', cursor.where);
    docIds[i] = docId;
  }
  return docIds;
}

/**
 * Several layers as one, by rank. `keep` leaves documents out: those that are killed by now need no value.
 */
export function mergeOverlays(
  layers: readonly Overlay[],
  replace: 'record' | 'group',
  keep: (docId: DocId) => boolean,
): { readonly layer: number; readonly at: number; readonly docId: DocId }[] {
  const cursors = layers.map(() => 0);
  const merged: { layer: number; at: number; docId: DocId }[] = [];
  for (;;) {
    let docId = Number.POSITIVE_INFINITY;
    layers.forEach(({ docIds }, i) => {
      docId = Math.min(docId, docIds[cursors[i]!] ?? Number.POSITIVE_INFINITY);
    });
    if (docId === Number.POSITIVE_INFINITY) return merged;
    let best: { layer: number; at: number; docId: DocId } | undefined;
    layers.forEach((layer, i) => {
      const at = cursors[i]!;
      if (layer.docIds[at] !== docId) return;
      cursors[i] = at + 1;
      if (
        best === undefined ||
        comparePatchRanks(rankAt(layer, at), rankAt(layers[best.layer]!, best.at), replace) >= 0
      )
        best = { layer: i, at, docId };
    });
    if (keep(docId)) merged.push(best!);
  }
}

export function rankAt({ versions, times }: Overlay, at: number): PatchRank {
  return { version: versions[at], partitionTime: times[at]! };
}
