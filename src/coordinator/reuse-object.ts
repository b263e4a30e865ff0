/**
 * A segment that is there already is taken as it is, once it is sure that it is whole and that it stays. What the newest manifest
 * names is both. Anything else was left by a run that did not commit, or by a generation that was superseded: its length and
 * checksum are verified, and where it is older than half of `index.keep` it is written anew, since it might be collected before
 * this run commits.
 */

import { createHash } from 'node:crypto';
import type { Manifest } from '../manifest/manifest.js';
import { MANIFEST_PREFIX, partKey, patchKey } from '../manifest/names.js';
import type { ObjectInfo, Store } from '../store/store.js';
import type { RunContext } from './context.js';
import { type PartRecord, readPartRecord, recordOf, writePartRecord } from './part-record.js';

/** Bytes hashed or copied at a time. */
const CHUNK_BYTES = 4 * 1024 * 1024;

/** Keys of all segments and parts that a manifest names. */
export function namedObjects(manifest: Manifest | undefined): ReadonlySet<string> {
  if (manifest === undefined) return new Set();
  return new Set([
    ...(manifest.base?.segments ?? []).map(({ name }) => name),
    ...manifest.delta.segments.map(({ name }) => name),
    ...manifest.coverage.partitions.map(({ part }) => partKey(part)),
    ...(manifest.patches ?? []).flatMap(({ coverage }) => coverage.partitions.map(({ part }) => patchKey(part))),
  ]);
}

/** The segment's record; undefined where it is to be built: it is not there, or is not what its record says. */
export async function reuseSegment(
  context: Pick<RunContext, 'index' | 'memory' | 'named' | 'keepMs' | 'signal'>,
  key: string,
): Promise<PartRecord | undefined> {
  const { index, signal } = context;
  if (context.named.has(key)) return recordOf(context, key);
  const record = await readPartRecord(index, key);
  if (record === undefined) return undefined;
  const object = await index.stat(key, signal);
  if (object === undefined || object.size !== record.segment.bytes) return undefined;
  if ((await digestOf(index, object, signal)) !== record.segment.sha256) return undefined;
  if (object.lastModified < (await storeTime(index, signal)) - context.keepMs / 2)
    await writeAnew(index, object, record, signal);
  return record;
}

/** The store's own clock. */
async function storeTime(store: Store, signal: AbortSignal): Promise<number> {
  return (await store.list({ prefix: MANIFEST_PREFIX, limit: 1, signal })).date;
}

async function digestOf(store: Store, object: ObjectInfo, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of chunksOf(store, object, signal)) hash.update(chunk);
  return hash.digest('hex');
}

/** The same bytes with a new date; the record last, as when both were made. */
async function writeAnew(store: Store, object: ObjectInfo, record: PartRecord, signal: AbortSignal): Promise<void> {
  const writer = await store.createWriter(object.key, signal);
  try {
    for await (const chunk of chunksOf(store, object, signal)) await writer.write(chunk);
    await writer.close();
  } catch (error) {
    await writer.abort();
    throw error;
  }
  await writePartRecord(store, record);
}

async function* chunksOf(
  store: Store,
  { key, size, etag }: ObjectInfo,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < size; start += CHUNK_BYTES) {
    yield await store.read(key, { start, end: Math.min(size, start + CHUNK_BYTES), ifMatch: etag, signal });
  }
}
