/** Many inputs -> one segment, section by section, streamed to where it goes. */

import { KERNEL_ABI } from '../kernel/abi.js';
import { type FieldEntry, GROUP_FIELD, hasTerms, ID_FIELD, VERSION_FIELD } from '../segment/layout.js';
import { encodeSources, type SourcePartition, type SourceRun } from '../segment/write-sources.js';
import { encodeTombstones, type TombstoneEntry } from '../segment/write-tombstones.js';
import { type SegmentSummary, SegmentWriter, type WriteChunk } from '../segment/writer.js';
import type { BuildPlan, PlannedField } from '../shard/task.js';
import type { MergeContext } from './context.js';
import type { SegmentInput } from './input.js';
import { planColumns, writeColumns } from './write-columns.js';
import { startStored, writeStored } from './write-stored.js';
import { writeTerms } from './write-terms.js';

/**
 * Writes a segment from inputs in document order. `fingerprint` = the schema's. The inputs' partitions must be in time order,
 * those of shards the same one.
 */
export async function writeSegment(
  context: MergeContext,
  plan: BuildPlan,
  fingerprint: string,
  inputs: readonly SegmentInput[],
  sink: WriteChunk,
): Promise<SegmentSummary> {
  const writer = await SegmentWriter.begin(sink);
  const fields = allFields(plan);
  const stored = startStored(context, inputs);
  const numeric = planColumns(
    context.kernel,
    fields.filter(({ type }) => !hasTerms(type)),
    inputs,
  );
  const withTerms = fields.filter(({ type }) => hasTerms(type));
  let terms: FieldEntry[];
  try {
    terms = await writeTerms(context, writer, withTerms, inputs, numeric.ahead);
  } finally {
    await numeric.settled();
  }
  const columns = await writeColumns(writer, numeric);
  await writeStored(writer, stored);
  const { partitions, runs, tombstones } = joinSources(inputs);
  await writer.section('sources', undefined, encodeSources(partitions, runs));
  await writer.section('tombstones', undefined, encodeTombstones(tombstones));
  const entries = new Map([...terms, ...columns].map((entry) => [entry.name, entry]));
  return writer.finish({
    abi: KERNEL_ABI,
    docs: inputs.reduce((sum, input) => sum + input.docs, 0),
    schema: fingerprint,
    group: plan.group !== undefined,
    version: plan.version?.field ?? null,
    stored: plan.stored,
    fields: fields.map(({ name }) => entries.get(name)!),
  });
}

/** The footer's order: keys, the schema's fields, the version where it is no field of its own. */
function allFields(plan: BuildPlan): PlannedField[] {
  const keys: PlannedField[] = [{ name: ID_FIELD, type: 'keyword' }];
  if (plan.group !== undefined) keys.push({ name: GROUP_FIELD, type: 'keyword' });
  const version: PlannedField[] = plan.version?.field === VERSION_FIELD ? [{ name: VERSION_FIELD, type: 'i64' }] : [];
  return [...keys, ...plan.fields, ...version];
}

interface JoinedSources {
  readonly partitions: readonly SourcePartition[];
  readonly runs: readonly SourceRun[];
  readonly tombstones: readonly TombstoneEntry[];
}

/** Lines the inputs' objects up: shards share the objects of their partition, parts bring their own. */
function joinSources(inputs: readonly SegmentInput[]): JoinedSources {
  const partitions: SourcePartition[] = [];
  const runs: SourceRun[] = [];
  const tombstones: TombstoneEntry[] = [];
  let base = 0;
  let count = 0;
  let last: readonly SourcePartition[] | undefined;
  for (const { sources, tombstones: own } of inputs) {
    if (sources.partitions !== last) {
      last = sources.partitions;
      base = count;
      partitions.push(...last);
      count += last.reduce((sum, { objects }) => sum + objects.length, 0);
    }
    for (const run of sources.runs) runs.push({ ...run, object: base + run.object });
    for (const tombstone of own) tombstones.push({ ...tombstone, object: base + tombstone.object });
  }
  return { partitions, runs, tombstones };
}
