/** One partition -> one part: shards over the pool, merged and written. A part that is there already is taken as it is. */

import { mapOrdered } from '../base/ordered.js';
import { KERNEL_ABI } from '../kernel/abi.js';
import { partKey, rejectKey } from '../manifest/names.js';
import { shardInput } from '../merge/shard-input.js';
import { FORMAT_VERSION } from '../segment/layout.js';
import { assignShards } from '../shard/assign.js';
import type { BuildPlan, PinnedObject, RejectedRow, ShardResult, ShardTask } from '../shard/task.js';
import { refuseRejects } from './bad-partition.js';
import type { RunContext } from './context.js';
import { openInputs, type PinnedInput } from './inputs.js';
import { hashPlan, type PartRecord, writePartRecord } from './part-record.js';
import { resolvePlan } from './resolve-plan.js';
import { reuseSegment } from './reuse-object.js';
import { rowGroupSizes } from './row-group-sizes.js';
import { writeSegmentObject } from './write-object.js';

/** A partition whose objects are pinned: read with these etags or not at all. */
export interface PinnedPartition {
  /** ms since the epoch. */
  readonly time: number;
  /** In key order. */
  readonly objects: readonly PinnedObject[];
}

/** Names a part by everything that decides its bytes, so that a changed partition is another part. */
export function partHash(
  { fingerprint, stored }: Pick<RunContext, 'fingerprint' | 'stored'>,
  partition: PinnedPartition,
): string {
  const objects = partition.objects.map(({ key, size, etag }) => [key, size, etag]);
  const { time } = partition;
  return hashPlan({ format: FORMAT_VERSION, abi: KERNEL_ABI, schema: fingerprint, stored, time, objects });
}

/** Builds the part, or finds it complete under its name. */
export async function buildPart(context: RunContext, partition: PinnedPartition): Promise<PartRecord> {
  const hash = partHash(context, partition);
  const key = partKey(hash);
  const found = await reuseSegment(context, key);
  if (found !== undefined) return found;
  const inputs = await context.phases.time('read', () => openInputs(context, partition));
  try {
    const plan = resolvePlan(context.schema, inputs, context.knownTypes);
    const results = await context.phases.time('build', () => buildShards(context, plan, partition.objects, inputs));
    const rejects = results.flatMap((result) => result.rejects);
    const rows = inputs.reduce((sum, { file }) => sum + file.rows, 0);
    await writeRejects(context, hash, partition, rejects);
    refuseRejects(partition, rejects, rows, context.maxRejectRatio);
    const record = await context.phases.time('merge', () => writePart(context, plan, key, partition, results, rows));
    for (const { memory } of results) context.pool.memory.takeBack('shard', memory);
    return record;
  } finally {
    for (const { file } of inputs) file.close();
  }
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
