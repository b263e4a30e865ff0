/** Base and folded parts -> the new base: one segment without what they supersede and delete among themselves. */

import { createHash } from 'node:crypto';
import { resolveKills } from '../kills/resolve.js';
import { segmentKey } from '../manifest/names.js';
import { purgedInput } from '../merge/purged-input.js';
import { writeSegment } from '../merge/write-segment.js';
import { FORMAT_VERSION, GROUP_FIELD, ID_FIELD } from '../segment/layout.js';
import type { SegmentReader } from '../segment/reader.js';
import type { TombstoneEntry } from '../segment/write-tombstones.js';
import type { RunContext } from './context.js';
import { planOf } from './merge-delta.js';
import { openIndexSegment } from './open-segments.js';
import { hashPlan, type PartRecord, writePartRecord } from './part-record.js';
import { reuseSegment } from './reuse-object.js';
import { streamSegment } from './write-object.js';

export interface FoldedBase {
  readonly record: PartRecord;
  /** Documents left out. */
  readonly purged: number;
  /** Deletions that had nothing left to delete. */
  readonly droppedTombstones: number;
}

/**
 * `inputs` in time order: the segments of the base so far, then the parts that are folded. What a document of theirs supersedes may
 * go for good; what only the delta supersedes stays, since the delta may change. A deletion goes as well, unless `delta` holds its id
 * or group: there it may still be the newest word.
 */
export async function foldBase(
  context: RunContext,
  inputs: readonly PartRecord[],
  delta: SegmentReader | undefined,
): Promise<FoldedBase> {
  const opened = await Promise.all(
    inputs.map(({ segment }) => openIndexSegment(context.index, { name: segment.key, bytes: segment.bytes })),
  );
  const readers = opened.map(({ reader }) => reader);
  const { kills, killed } = await resolveKills({ segments: readers, replace: context.schema.replace });
  const tombstones = (await Promise.all(readers.map((reader) => reader.tombstones()))).flat();
  const needed = await neededTombstones(context, tombstones, delta);
  const keptTombstones = tombstones.filter((tombstone) => needed.has(keyOf(tombstone))).length;
  const droppedTombstones = tombstones.length - keptTombstones;
  const told = { purged: killed, droppedTombstones };
  if (inputs.length === 1 && killed === 0 && droppedTombstones === 0) return { record: inputs[0]!, ...told };
  const names = inputs.map(({ segment }) => segment.key);
  const digests = names.map((name) => (kills.has(name) ? digestOf(kills.get(name)!) : null));
  const plan = { format: FORMAT_VERSION, parts: names, purged: digests, tombstones: [...needed].sort() };
  const key = segmentKey(hashPlan(plan));
  const found = await reuseSegment(context, key);
  if (found !== undefined) return { record: found, ...told };
  const keepsTombstone = (tombstone: TombstoneEntry) => needed.has(keyOf(tombstone));
  const segment = await streamSegment(context, key, async (sink) => {
    const merge = { ...context, store: context.indexConfig };
    const parts = await Promise.all(
      opened.map(({ object, reader }) =>
        purgedInput(merge, object, reader, { kills: kills.get(reader.name), keepsTombstone }),
      ),
    );
    return writeSegment(merge, planOf(context, readers[0]!), context.fingerprint, parts, sink);
  });
  const record: PartRecord = {
    segment,
    partitions: inputs.flatMap(({ partitions }) => partitions),
    tombstones: keptTombstones,
    rejected: inputs.reduce((sum, { rejected }) => sum + rejected, 0),
    rows: inputs.reduce((sum, { rows }) => sum + rows, 0),
    objects: [],
    parts: names,
  };
  await writePartRecord(context.index, record);
  return { record, ...told };
}

/** Where groups replace, a later delivery always wins; else an older version in the delta may still meet its deletion. */
async function neededTombstones(
  { schema }: RunContext,
  tombstones: readonly TombstoneEntry[],
  delta: SegmentReader | undefined,
): Promise<ReadonlySet<string>> {
  const needed = new Set<string>();
  if (delta === undefined || schema.replace === 'group' || delta.docs === 0) return needed;
  const ids = await delta.dictionary(ID_FIELD);
  const groups = delta.footer.group ? await delta.dictionary(GROUP_FIELD) : undefined;
  for (const tombstone of tombstones) {
    const { id, group } = tombstone;
    const term = id === undefined ? await groups?.seekExact(group!) : await ids.seekExact(id);
    if (term !== undefined) needed.add(keyOf(tombstone));
  }
  return needed;
}

function keyOf({ id, group }: TombstoneEntry): string {
  const [kind, bytes] = id === undefined ? ['group', group!] : ['id', id];
  return `${kind}:${Buffer.from(bytes).toString('hex')}`;
}

function digestOf(bits: Uint8Array): string {
  return createHash('sha256').update(bits).digest('hex');
}
