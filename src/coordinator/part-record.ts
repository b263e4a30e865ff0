/**
 * The record beside every segment object: what it was made from and what came of it. It is written after the segment, so
 * that its presence means that the segment is complete; it holds what may not be in the segment itself, since etags and
 * the like differ from store to store while the segment's bytes do not.
 */

import { createHash } from 'node:crypto';
import { z } from 'zod';
import { canonicalJson } from '../base/canonical-json.js';
import { TidemarkError } from '../base/errors.js';
import { planHash, recordKey } from '../manifest/names.js';
import type { Store } from '../store/store.js';

const count = z.int().nonnegative();

const partRecordSchema = z.object({
  segment: z.object({ key: z.string(), bytes: count, sha256: z.string(), docs: count }),
  /** Partition times it holds, ms since the epoch, ascending. */
  partitions: z.array(z.number()),
  tombstones: count,
  rejected: count,
  rows: count,
  /** What it was made from; empty for a segment that was merged from parts. */
  objects: z.array(z.object({ key: z.string(), size: count, etag: z.string() })),
  /** Plan hashes of the parts it was merged from. */
  parts: z.array(z.string()),
});

export type PartRecord = z.output<typeof partRecordSchema>;

/** The record of a segment, or undefined where it was never completed. */
export async function readPartRecord(store: Store, segmentKey: string): Promise<PartRecord | undefined> {
  const key = recordKey(segmentKey);
  if ((await store.stat(key)) === undefined) return undefined;
  const text = new TextDecoder().decode(await store.read(key));
  const parsed = partRecordSchema.safeParse(JSON.parse(text));
  if (parsed.success) return parsed.data;
  throw new TidemarkError('corrupt', `the record of a segment cannot be read: ${parsed.error.issues[0]?.message}`, {
    where: { object: key },
    fix: 'delete it: the next run builds the segment anew',
  });
}

export async function writePartRecord(store: Store, record: PartRecord): Promise<void> {
  await store.put(recordKey(record.segment.key), new TextEncoder().encode(`${canonicalJson(record)}\n`));
}

/** The hash that names a segment: over everything that decides its bytes, canonically spelled. */
export function hashPlan(plan: unknown): string {
  return planHash(createHash('sha256').update(canonicalJson(plan)).digest('hex'));
}
