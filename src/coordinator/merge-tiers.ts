/**
 * Delta segments made from parts, and from smaller segments: on the way to a commit what is new, between commits what the
 * tier policy says.
 *
 * A merge between commits only writes a segment under its name; the next generation takes it in place of what it was made from, if
 * all of that is still as it was. So it is no generation of its own, it can be dropped at any moment, and a crash
 * leaves an object that the next run finds or `gc` collects.
 */
import { assert } from '../base/errors.js';
import { cancelFlag, raiseCancel } from '../shard/pool.js';
import type { RunContext } from './context.js';
import { type DeltaPiece, heldSegments } from './delta-plan.js';
import { mergedName, mergeParts } from './merge-delta.js';
import { type PartRecord, recordOf } from './part-record.js';
import { PhaseTimer } from './phases.js';
import { namedObjects } from './reuse-object.js';
import type { RunMemory } from './run-memory.js';
import { nextTierMerge } from './tier-policy.js';

/** One record a piece: kept segments as they are, the others merged from the parts that were built. */
export async function mergePieces(
  context: RunContext,
  pieces: readonly DeltaPiece[],
  built: ReadonlyMap<number, PartRecord>,
): Promise<PartRecord[]> {
  const records: PartRecord[] = [];
  for (const { times, kept } of pieces) {
    if (kept !== undefined) records.push(await keptRecord(context, kept.name));
    else
      records.push(
        await timedMerge(
          context,
          times.map((time) => built.get(time)!),
        ),
      );
  }
  return records;
}

/** Puts merges that are there already in the place of what they were made from. */
export async function takeMerged(context: RunContext, pieces: readonly DeltaPiece[]): Promise<DeltaPiece[]> {
  let now = [...pieces];
  for (;;) {
    // What is still to be made neither waits for a merge, nor does a merge for it.
    const due = nextTierMerge(now.map(({ times, kept }) => (kept === undefined ? undefined : times.length)));
    if (due === undefined) return now;
    const inputs = now.slice(due.start, due.end);
    const records = await Promise.all(inputs.map(({ kept }) => keptRecord(context, kept!.name)));
    const merged = await mergedBefore(context, mergedName(records).key);
    if (merged === undefined) return now;
    const { key, bytes, sha256, docs } = merged.segment;
    const times = inputs.flatMap((piece) => piece.times);
    const partitions = { count: times.length, runs: [[times[0]!, times.at(-1)!] as [number, number]] };
    const kept = { name: key, bytes, sha256, docs, live: docs, partitions };
    now = [...now.slice(0, due.start), { times, kept }, ...now.slice(due.end)];
  }
}

/**
 * A merge that this process has made between runs, or that a manifest names. Others would have to be read through first to be
 * trusted: that is left to the next slack, and so is one that may be collected before it is named.
 */
async function mergedBefore(context: RunContext, key: string): Promise<PartRecord | undefined> {
  const { index, memory, named, keepMs, clock, signal } = context;
  if (named.has(key)) return recordOf(context, key);
  const record = memory?.records.get(key);
  if (record === undefined) return undefined;
  const object = await index.stat(key, signal);
  if (object?.size === record.segment.bytes && object.lastModified > clock.now() - keepMs / 2) return record;
  memory?.records.delete(key);
  return undefined;
}

/** Merges ahead of the next run, one merge a call; false where none is due or where this process has not committed. */
export async function mergeAhead(memory: RunMemory, slackMs: number, signal: AbortSignal): Promise<boolean> {
  const { committed } = memory;
  if (committed === undefined) return false;
  const context = {
    ...committed.context,
    named: namedObjects(committed.manifest),
    signal,
    cancel: cancelFlag(),
    phases: new PhaseTimer(committed.context.clock),
  };
  const held: DeltaPiece[] = heldSegments(committed.manifest).map(({ entry, times }) => ({ times, kept: entry }));
  const pieces = await takeMerged(context, held);
  const due = nextTierMerge(pieces.map(({ times }) => times.length));
  if (due === undefined) return false;
  const inputs = pieces.slice(due.start, due.end);
  const bytes = inputs.reduce((sum, { kept }) => sum + kept!.bytes, 0);
  const isUrgent = pieces.length > MOST_SEGMENTS;
  if (!isUrgent && memory.mergeBytesPerMs !== undefined && bytes / memory.mergeBytesPerMs > slackMs) return false;
  const onAbort = () => raiseCancel(context.cancel);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    await timedMerge(context, await Promise.all(inputs.map(({ kept }) => keptRecord(context, kept!.name))));
    return true;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** Beyond so many segments every query pays: a merge that does not fit between two ticks is then made all the same. */
const MOST_SEGMENTS = 48;

async function timedMerge(context: RunContext, records: readonly PartRecord[]): Promise<PartRecord> {
  const { memory, clock } = context;
  const since = clock.elapsed();
  const merged = await mergeParts(context, records);
  const tookMs = clock.elapsed() - since;
  if (memory !== undefined) {
    memory.records.set(merged.segment.key, merged);
    if (records.length > 1 && tookMs > 0) memory.mergeBytesPerMs = merged.segment.bytes / tookMs;
  }
  return merged;
}

async function keptRecord(context: RunContext, name: string): Promise<PartRecord> {
  const record = await recordOf(context, name);
  assert(record !== undefined, 'a segment that a manifest names has a record');
  return record;
}
