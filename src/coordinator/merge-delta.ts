/** Parts -> the one delta segment (or the base). A single part is the segment itself: nothing is written twice. */

import { assert } from '../base/errors.js';
import { segmentKey } from '../manifest/names.js';
import { partInput } from '../merge/part-input.js';
import { FORMAT_VERSION, hasTerms, VERSION_FIELD } from '../segment/layout.js';
import type { SegmentReader } from '../segment/reader.js';
import type { BuildPlan, PlannedField } from '../shard/task.js';
import type { RunContext } from './context.js';
import { holdIndexSegment } from './open-segments.js';
import { hashPlan, type PartRecord, writePartRecord } from './part-record.js';
import { reuseSegment } from './reuse-object.js';
import { writeSegmentObject } from './write-object.js';

/** Merges parts, which must be in time order. Returns the record of the segment that holds them all. */
export async function mergeParts(context: RunContext, parts: readonly PartRecord[]): Promise<PartRecord> {
  assert(parts.length > 0, 'a segment is merged from at least one part');
  if (parts.length === 1) return parts[0]!;
  const names = parts.map(({ segment }) => segment.key);
  const key = segmentKey(hashPlan({ format: FORMAT_VERSION, parts: names }));
  const found = await reuseSegment(context, key);
  if (found !== undefined) return found;
  const segment = await mergeHeld(context, parts, key);
  const record: PartRecord = {
    segment,
    partitions: parts.flatMap(({ partitions }) => partitions),
    tombstones: parts.reduce((sum, { tombstones }) => sum + tombstones, 0),
    rejected: parts.reduce((sum, { rejected }) => sum + rejected, 0),
    rows: parts.reduce((sum, { rows }) => sum + rows, 0),
    objects: [],
    parts: names,
  };
  await writePartRecord(context.index, record);
  return record;
}

/** Every part is opened once for the whole merge, by all threads. */
async function mergeHeld(context: RunContext, parts: readonly PartRecord[], key: string) {
  const opening = parts.map(({ segment }) =>
    holdIndexSegment(context.index, { name: segment.key, bytes: segment.bytes }),
  );
  const close = async () => {
    const settled = await Promise.allSettled(opening);
    return Promise.all(settled.map((one) => (one.status === 'fulfilled' ? one.value.held?.close() : undefined)));
  };
  try {
    const opened = await Promise.all(opening);
    const inputs = await Promise.all(opened.map(({ object, reader, held }) => partInput(object, reader, held?.file)));
    const segment = await writeSegmentObject(context, planOf(context, opened[0]!.reader), key, inputs);
    return segment;
  } finally {
    // A part that was written to meanwhile fails the merge here, before the segment has a record or a manifest names it.
    await close();
  }
}

/** The plan that a part was built by, read back from its footer: merging needs fields and keys, not columns. */
export function planOf(context: RunContext, { footer }: SegmentReader): BuildPlan {
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
