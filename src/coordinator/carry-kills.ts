/**
 * Kills of the next generation, at the price of what is new in it: the bitmaps of the generation before are taken over, and
 * only keys of parts that came or went are looked up.
 *
 * Keys are resolved over the segments as they lay before, with the new parts beside them; the bits are then handed on
 * partition by partition to the segments as they lie now. A merge keeps the order of documents, so a partition's bits are the
 * same stretch in either. Everything is resolved anew where the base is another, and where a group's delivery may have gone.
 */
import { assert, TidemarkError } from '../base/errors.js';
import { type KillSet, resolveKills } from '../kills/resolve.js';
import type { Manifest, SegmentEntry } from '../manifest/manifest.js';
import { partKey } from '../manifest/names.js';
import { countBits, decodeKillBitmap, isKilled } from '../segment/kill-bitmap.js';
import type { SegmentReader } from '../segment/reader.js';
import type { RunContext } from './context.js';
import type { NamedPart } from './delta-plan.js';
import { openIndexSegment } from './open-segments.js';
import { type PartRecord, recordOf } from './part-record.js';

/** What the next generation consists of. */
export interface NextSegments {
  /** Base and delta, opened. */
  readonly readers: readonly SegmentReader[];
  readonly baseNames: readonly string[];
  /** Partitions of the delta. */
  readonly covered: readonly NamedPart[];
}

/** Same kills as a full resolution over `next.readers`. */
export async function resolveNext(
  context: RunContext,
  previous: Manifest | undefined,
  next: NextSegments,
): Promise<KillSet> {
  const { replace } = context.schema;
  const full = () => resolveKills({ segments: next.readers, replace });
  if (previous === undefined || previous.schema.replace !== replace) return full();
  const change = changeBetween(previous, next);
  if (change === undefined || (replace === 'group' && change.gone.length > 0)) return full();
  const [came, went] = await Promise.all([openParts(context, change.came), openParts(context, change.gone)]);
  if (came === undefined || went === undefined) return full();
  const entries = [...(previous.base?.segments ?? []), ...previous.delta.segments];
  const open = new Map(next.readers.map((reader) => [reader.name, reader]));
  const settled = await Promise.all(
    entries.map(async (entry) => open.get(entry.name) ?? (await openIndexSegment(context, entry)).reader),
  );
  const resolved = await resolveKills({
    segments: [...settled, ...came],
    replace,
    settled: await settledKills(context, previous, entries),
    ...(went.length > 0 && { gone: { segments: went, times: new Set(change.gone.map(({ time }) => time)) } }),
  });
  const fresh = new Map(change.came.map(({ time }, i) => [time, came[i]!]));
  return handOn(resolved, settled, fresh, next.readers);
}

interface Change {
  readonly came: readonly NamedPart[];
  readonly gone: readonly NamedPart[];
}

/** Undefined where the generations have no base in common. */
function changeBetween(previous: Manifest, next: NextSegments): Change | undefined {
  const bases = (previous.base?.segments ?? []).map(({ name }) => name);
  if (bases.join() !== next.baseNames.join()) return undefined;
  const before = new Set(previous.coverage.partitions.map(({ time, part }) => `${time} ${part}`));
  const now = new Set(next.covered.map(({ time, part }) => `${time} ${part}`));
  return {
    came: next.covered.filter(({ time, part }) => !before.has(`${time} ${part}`)),
    gone: previous.coverage.partitions.filter(({ time, part }) => !now.has(`${time} ${part}`)),
  };
}

/** Undefined where one of the parts is not there any more. */
async function openParts(context: RunContext, parts: readonly NamedPart[]): Promise<SegmentReader[] | undefined> {
  const readers: SegmentReader[] = [];
  for (const { part } of parts) {
    const record: PartRecord | undefined = await recordOf(context, partKey(part));
    if (record === undefined) return undefined;
    const { key, bytes } = record.segment;
    readers.push((await openIndexSegment(context, { name: key, bytes })).reader);
  }
  return readers;
}

/** The kills that the manifest names, bound to the bytes of its segments. */
async function settledKills(
  { index, memory }: RunContext,
  manifest: Manifest,
  entries: readonly SegmentEntry[],
): Promise<KillSet> {
  const known = memory?.killsOf(manifest);
  if (known !== undefined) return known;
  const kills = new Map<string, Uint8Array>();
  for (const entry of entries) {
    const kill = manifest.kills[entry.name];
    if (kill === undefined) continue;
    const bitmap = decodeKillBitmap(await index.read(kill.object), { object: kill.object }, entry);
    if (bitmap.killed !== kill.count) {
      throw new TidemarkError('corrupt', `it kills ${bitmap.killed} documents, the manifest says ${kill.count}`, {
        where: { object: kill.object },
      });
    }
    kills.set(entry.name, bitmap.bits);
  }
  const { killed, moved } = manifest.counts;
  return { segments: new Set(entries.map(({ name }) => name)), kills, killed, moved };
}

/** Where a partition's documents lie: half-open range of a segment. */
interface Stretch {
  readonly reader: SegmentReader;
  readonly start: number;
  readonly end: number;
}

/** The bits of the resolved segments as bits of the segments that hold the same partitions now. */
async function handOn(
  resolved: KillSet,
  settled: readonly SegmentReader[],
  fresh: ReadonlyMap<number, SegmentReader>,
  readers: readonly SegmentReader[],
): Promise<KillSet> {
  const kills = new Map<string, Uint8Array>();
  let killed = 0;
  const from = new Map<number, Stretch>();
  for (const reader of settled) for (const [time, stretch] of await stretchesOf(reader)) from.set(time, stretch);
  for (const [, reader] of fresh) for (const [time, stretch] of await stretchesOf(reader)) from.set(time, stretch);
  for (const reader of readers) {
    const bits = resolved.segments.has(reader.name)
      ? resolved.kills.get(reader.name)
      : collectBits(resolved, await stretchesOf(reader), from, reader.docs);
    if (bits === undefined) continue;
    const count = countBits(bits);
    if (count > 0) kills.set(reader.name, bits);
    killed += count;
  }
  return { segments: new Set(readers.map(({ name }) => name)), kills, killed, moved: resolved.moved };
}

function collectBits(
  resolved: KillSet,
  to: ReadonlyMap<number, Stretch>,
  from: ReadonlyMap<number, Stretch>,
  docs: number,
): Uint8Array {
  const bits = new Uint8Array(Math.ceil(docs / 8));
  for (const [time, target] of to) {
    const origin = from.get(time);
    assert(origin !== undefined && origin.end - origin.start === target.end - target.start, 'a merge keeps every row');
    const source = resolved.kills.get(origin.reader.name);
    if (source === undefined) continue;
    for (let doc = origin.start, at = target.start; doc < origin.end; doc++, at++) {
      if (isKilled(source, doc)) bits[at >> 3]! |= 1 << (at & 7);
    }
  }
  return bits;
}

/** Documents lie in the order of their partitions. */
async function stretchesOf(reader: SegmentReader): Promise<Map<number, Stretch>> {
  const { runs, runStarts, objects } = await reader.sources();
  const stretches = new Map<number, Stretch>();
  for (let i = 0; i < runs.length; i++) {
    const { partitionTime } = objects[runs[i]!.object]!;
    const start = stretches.get(partitionTime)?.start ?? runStarts[i]!;
    stretches.set(partitionTime, { reader, start, end: runStarts[i + 1]! });
  }
  return stretches;
}
