/** One partition -> one part: shards over the pool, merged and written. A part that is there already is taken as it is. */

import { TidemarkError } from '../base/errors.js';
import { mapOrdered } from '../base/ordered.js';
import { KERNEL_ABI } from '../kernel/abi.js';
import { partHashOf, partKey, rejectKey } from '../manifest/names.js';
import { shardInput } from '../merge/shard-input.js';
import { FORMAT_VERSION } from '../segment/layout.js';
import { assignShards } from '../shard/assign.js';
import type { BuildPlan, PinnedObject, RejectedRow, ShardResult, ShardTask } from '../shard/task.js';
import { refuseRejects } from './bad-partition.js';
import type { RunContext } from './context.js';
import { openInputs, type PinnedInput } from './inputs.js';
import { makerOf } from './part-maker.js';
import { hashPlan, type PartRecord, recordOf, writePartRecord } from './part-record.js';
import { resolvePlan } from './resolve-plan.js';
import { reuseSegment } from './reuse-object.js';
import { rowGroupSizes } from './row-group-sizes.js';
import type { PartNote } from './run-notes.js';
import { writeSegmentObject } from './write-object.js';

/** A partition whose objects are pinned: read with these etags or not at all. */
export interface PinnedPartition {
  /** ms since the epoch. */
  readonly time: number;
  /** In key order. */
  readonly objects: readonly PinnedObject[];
  /** The plan hash by which the manifest names its part, where its objects were not listed: it was made from them before. */
  readonly part?: string;
}

/** Hashes by the pinned objects: those of a partition that was not listed anew stay the very same ones. */
const hashes = new WeakMap<readonly PinnedObject[], { readonly maker: string; readonly hash: string }>();

/** Names a part by everything that decides its bytes, so that a changed partition is another part. */
export function partHash(
  { fingerprint, stored }: Pick<RunContext, 'fingerprint' | 'stored'>,
  partition: PinnedPartition,
): string {
  if (partition.part !== undefined) return partition.part;
  const maker = `${makerOf(stored)} ${fingerprint}`;
  const known = hashes.get(partition.objects);
  if (known?.maker === maker) return known.hash;
  const objects = partition.objects.map(({ key, size, etag }) => [key, size, etag]);
  const { time } = partition;
  const hash = hashPlan({ format: FORMAT_VERSION, abi: KERNEL_ABI, schema: fingerprint, stored, time, objects });
  hashes.set(partition.objects, { maker, hash });
  return hash;
}

/** Whether a plan hash names the part of these very objects, whichever way its stored fields were compressed. */
export function isPartOf(
  context: Pick<RunContext, 'fingerprint' | 'storedChoices'>,
  partition: PinnedPartition,
  hash: string | undefined,
): boolean {
  const { fingerprint } = context;
  return context.storedChoices.some((stored) => partHash({ fingerprint, stored }, partition) === hash);
}

/** The plan hash that a part goes by in this run: that of the part which is there already, or else the one it will be made under. */
export function partName(context: RunContext, partition: PinnedPartition): string {
  const kept = context.keptParts.get(partition.time);
  return kept !== undefined && isPartOf(context, partition, kept) ? kept : partHash(context, partition);
}

/** The part's record where it is complete already, by the configured compression or by the cheaper one; noted as kept. */
export function findPart(context: RunContext, partition: PinnedPartition): Promise<PartRecord | undefined> {
  const { fingerprint, storedChoices, keptParts } = context;
  return context.phases.time('read', async () => {
    for (const stored of storedChoices) {
      const hash = partHash({ fingerprint, stored }, partition);
      const found = await recordOf(context, partKey(hash));
      if (found === undefined) continue;
      keptParts.set(partition.time, hash);
      return found;
    }
    return undefined;
  });
}

/** Builds the part, or finds it complete under its name. */
export async function buildPart(context: RunContext, partition: PinnedPartition): Promise<PartRecord> {
  const { clock } = context;
  const hash = partName(context, partition);
  const key = partKey(hash);
  const found = await reuseSegment(context, key);
  if (found !== undefined) {
    notePart(context, partition, found);
    return found;
  }
  if (partition.part !== undefined) throw partIsGone(context, key);
  const began = clock.elapsed();
  const inputs = await context.phases.time('read', () => openInputs(context, partition));
  const opened = clock.elapsed();
  try {
    const plan = resolvePlan(context.schema, inputs, context.knownTypes);
    const results = await context.phases.time('build', () => buildShards(context, plan, partition.objects, inputs));
    const rejects = results.flatMap((result) => result.rejects);
    const rows = inputs.reduce((sum, { file }) => sum + file.rows, 0);
    await writeRejects(context, hash, partition, rejects);
    refuseRejects(partition, rejects, rows, context.maxRejectRatio);
    const built = clock.elapsed();
    const record = await context.phases.time('merge', () => writePart(context, plan, key, partition, results, rows));
    const ms = { read: opened - began, build: built - opened, write: clock.elapsed() - built };
    notePart(context, partition, record, ms);
    for (const { memory } of results) context.pool.memory.takeBack('shard', memory);
    return record;
  } finally {
    for (const { file } of inputs) file.close();
  }
}

function notePart(context: RunContext, { time, objects }: PinnedPartition, record: PartRecord, ms?: PartNote['ms']) {
  const { segment, rejected } = record;
  const isFast = context.stored !== context.storedChoices[0];
  context.notes.parts.push({
    time,
    part: partHashOf(segment.key)!,
    cached: ms === undefined,
    objects: objects.length,
    inputBytes: objects.reduce((sum, { size }) => sum + size, 0),
    bytes: segment.bytes,
    docs: segment.docs,
    rejected,
    ...(ms === undefined ? {} : { ms }),
    ...(ms !== undefined && isFast ? { storedFast: true } : {}),
  });
}

async function buildShards(
  context: RunContext,
  plan: BuildPlan,
  objects: readonly PinnedObject[],
  inputs: readonly PinnedInput[],
): Promise<ShardResult[]> {
  const groups = inputs.flatMap(({ file }, object) => rowGroupSizes(file, object, plan));
  const assigned = assignShards(groups, { threads: context.pool.threads, shardBytes: context.shardBytes });
  // A partition without rows still becomes a part: one shard of nothing gives every section its empty form.
  const shards = assigned.length > 0 ? assigned : [{ slices: [], bytes: 0 }];
  const run = mapOrdered(shards, shards.length + 1, ({ slices, bytes }) => {
    const task: ShardTask = {
      kind: 'shard',
      plan,
      store: context.sourceConfig,
      objects,
      slices,
      memory: context.pool.memory.lend('shard'),
      cancel: context.cancel,
    };
    return context.pool.run(task, bytes);
  });
  const results: ShardResult[] = [];
  for await (const result of run) {
    results.push(result);
    context.onProgress?.({ docs: result.docs, shards: shards.length });
  }
  return results;
}

async function writePart(
  context: RunContext,
  plan: BuildPlan,
  key: string,
  partition: PinnedPartition,
  results: readonly ShardResult[],
  rows: number,
): Promise<PartRecord> {
  const partitions = [{ time: partition.time, objects: partition.objects.map(({ key: object }) => object) }];
  const inputs = results.map((result) => shardInput(result, partitions));
  const segment = await writeSegmentObject(context, plan, key, inputs);
  const record: PartRecord = {
    segment,
    partitions: [partition.time],
    tombstones: results.reduce((sum, { tombstones }) => sum + tombstones.length, 0),
    rejected: results.reduce((sum, { rejects }) => sum + rejects.length, 0),
    rows,
    objects: partition.objects.map(({ key: object, size, etag }) => ({ key: object, size, etag })),
    parts: [],
  };
  await writePartRecord(context.index, record);
  return record;
}

/** The ledger of rejected rows, tied to the part by its name; written before anyone can refuse the partition. */
async function writeRejects(
  context: RunContext,
  hash: string,
  partition: PinnedPartition,
  rejects: readonly RejectedRow[],
): Promise<void> {
  if (rejects.length === 0) return;
  const rows = rejects.map(({ object, ...row }) => ({ object: partition.objects[object]!.key, ...row }));
  const ledger = { partition: new Date(partition.time).toISOString(), rejected: rejects.length, rows };
  await context.index.put(rejectKey(hash), new TextEncoder().encode(`${JSON.stringify(ledger, null, 1)}\n`));
}

/** Its objects must be listed before it can be built anew: the run starts over from a whole listing. */
function partIsGone(context: RunContext, key: string): TidemarkError {
  context.memory?.source.distrust();
  return new TidemarkError('changed', 'a part that the manifest names is gone', { where: { part: key } });
}
