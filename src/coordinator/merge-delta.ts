/** Parts -> the one delta segment (or the base). A single part is the segment itself: nothing is written twice. */

import { assert } from '../base/errors.js';
import { segmentKey } from '../manifest/names.js';
import { partInput } from '../merge/part-input.js';
import { FORMAT_VERSION, hasTerms, VERSION_FIELD } from '../segment/layout.js';
import type { SegmentReader } from '../segment/reader.js';
import type { BuildPlan, PlannedField } from '../shard/task.js';
import type { RunContext } from './context.js';
import { openIndexSegment } from './open-segments.js';
import { hashPlan, type PartRecord, recordOf, writePartRecord } from './part-record.js';
import { writeSegmentObject } from './write-object.js';

/** Merges parts, which must be in time order. Returns the record of the segment that holds them all. */
export async function mergeParts(context: RunContext, parts: readonly PartRecord[]): Promise<PartRecord> {
  assert(parts.length > 0, 'a segment is merged from at least one part');
  if (parts.length === 1) return parts[0]!;
  const { names, key } = mergedName(parts);
  const began = context.clock.elapsed();
  const note = (cached: boolean) => {
    const inputBytes = parts.reduce((sum, { segment }) => sum + segment.bytes, 0);
    const ms = context.clock.elapsed() - began;
    context.notes.merges.push({ segment: key, cached, inputs: parts.length, inputBytes, ms });
  };
  const found = await recordOf(context, key);
  if (found !== undefined) {
    note(true);
    return found;
  }
  // Opened for this once: a merge reads all of them, and most are not there any more afterwards.
  const opened = await Promise.all(
    parts.map(({ segment }) => openIndexSegment({ index: context.index }, { name: segment.key, bytes: segment.bytes })),
  );
  const inputs = await Promise.all(opened.map(({ object, reader }) => partInput(object, reader)));
  const plan = planOf(context, opened[0]!.reader);
  const segment = await writeSegmentObject(context, plan, key, inputs);
  const record: PartRecord = {
    segment,
    partitions: parts.flatMap(({ partitions }) => partitions),
    tombstones: parts.reduce((sum, { tombstones }) => sum + tombstones, 0),
    rejected: parts.reduce((sum, { rejected }) => sum + rejected, 0),
    rows: parts.reduce((sum, { rows }) => sum + rows, 0),
    objects: [],
    parts: [...names],
  };
  await writePartRecord(context.index, record);
  note(false);
  return record;
}

/** What a merge is called: by the parts that went into it, whatever was merged before. */
export function mergedName(parts: readonly PartRecord[]): { readonly names: readonly string[]; readonly key: string } {
  const names = parts.flatMap(({ segment, parts: inner }) => (inner.length === 0 ? [segment.key] : inner));
  return { names, key: segmentKey(hashPlan({ format: FORMAT_VERSION, parts: names })) };
}

/** The plan that a part was built by, read back from its footer: merging needs fields and keys, not columns. */
function planOf(context: RunContext, { footer }: SegmentReader): BuildPlan {
  const fields = footer.fields
    .filter(({ name }) => !name.startsWith('_'))
    .map(({ name, type, analyzer }): PlannedField => ({ name, type, ...(analyzer === undefined ? {} : { analyzer }) }));
  const versionField = footer.version ?? undefined;
  assert(
    versionField === undefined || versionField === VERSION_FIELD || !hasTerms(footerType(fields, versionField)),
    'a version is a number',
  );
  const { schema } = context;
  return {
    id: schema.id,
    group: footer.group ? schema.group : undefined,
    version: versionField === undefined ? undefined : { column: schema.version ?? versionField, field: versionField },
    deleted: schema.deleted,
    replaceGroup: schema.replace === 'group',
    fields,
    stored: footer.stored,
  };
}

function footerType(fields: readonly PlannedField[], name: string): PlannedField['type'] {
  return fields.find((field) => field.name === name)?.type ?? 'i64';
}
