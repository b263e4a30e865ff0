/** Phases `read` and `build` for column patches: every partition a patch part, found again by its name. */

import { createHash } from 'node:crypto';
import { describeError, TidemarkError } from '../base/errors.js';
import { toIso } from '../base/time.js';
import type { PatchSource } from '../manifest/manifest.js';
import { badPartKey, patchKey, rejectKey } from '../manifest/names.js';
import { advanceWatermark } from '../partition/watermark.js';
import { readPatchPart } from '../patches/read-part.js';
import { decodePatchPart, encodePatchPart, type PatchPart } from '../segment/patch-part.js';
import type { Store } from '../store/store.js';
import { refuseRejects } from './bad-partition.js';
import type { RunContext } from './context.js';
import { openInputs } from './inputs.js';
import { writePartRecord } from './part-record.js';
import { reuseSegment } from './reuse-object.js';
import type { SelectedPartition, SelectionResult } from './select-partitions.js';
import { hasPatches, latePatches, patchHash, type SelectedPatches } from './select-patches.js';

/** A patch source as the next generation has it. */
export interface BuiltPatches {
  readonly state: PatchSource;
  /** Hashes of parts that the generation before does not have. */
  readonly fresh: ReadonlySet<string>;
  /** Whether the generation before holds nothing that this one does not. */
  readonly isAdded: boolean;
  /** LastModified of the newest partition's last object. */
  readonly newestModified: number | undefined;
}

/** Reads a part of the index. */
export async function readPatches(store: Store, hash: string): Promise<PatchPart> {
  const key = patchKey(hash);
  return decodePatchPart(await store.read(key), { object: key });
}

/** Sources with nothing new stand as they were. */
export async function buildPatches(context: RunContext, sources: readonly SelectedPatches[], passOver: boolean) {
  const built: BuiltPatches[] = [];
  for (const source of sources) {
    const known = passOver ? await knownBad(context.index, source) : new Map<number, string>();
    const selected = known.size === 0 ? source : { ...source, listed: source.listed.without(known) };
    if (hasPatches(selected)) built.push(await buildSource(context, selected, passOver));
  }
  return built;
}

async function buildSource(context: RunContext, source: SelectedPatches, passOver: boolean): Promise<BuiltPatches> {
  let listed: SelectionResult = source.listed;
  let parts = new Map<number, PatchPart>();
  for (;;) {
    const bad = new Map<number, string>();
    parts = new Map();
    for (const partition of listed.selection.partitions) {
      try {
        parts.set(partition.time, await buildPart(context, source, partition));
      } catch (error) {
        if (!passOver || !(error instanceof TidemarkError) || error.code !== 'bad-data') throw error;
        bad.set(partition.time, await rememberBad(context.index, source, partition, error));
      }
    }
    if (bad.size === 0) break;
    listed = listed.without(bad);
  }
  return stateOf({ ...source, listed }, parts);
}

function stateOf(source: SelectedPatches, parts: ReadonlyMap<number, PatchPart>): BuiltPatches {
  const { settings, planHash, plan, previous, listed } = source;
  const { selection } = listed;
  const late = latePatches(source);
  const partitions = selection.partitions.map((partition) => ({
    time: partition.time,
    part: patchHash(source, partition),
    state: late.has(partition.time) ? ('late' as const) : ('read' as const),
  }));
  const before = new Set(previous?.coverage.partitions.map(({ part }) => part));
  const now = new Set(partitions.map(({ part }) => part));
  const newest = partitions.at(-1)?.time;
  const sum = (count: (part: PatchPart) => number) => [...parts.values()].reduce((all, part) => all + count(part), 0);
  const state: PatchSource = {
    name: settings.name,
    plan: planHash,
    fields: Object.fromEntries(plan.fields.map(({ name, type }) => [name, type])),
    versioned: plan.version !== undefined,
    unknownId: settings.unknownId,
    watermark: newest === undefined ? previous?.watermark : advanceWatermark(previous?.watermark, newest),
    coverage: {
      from: selection.coverage?.from ?? previous?.coverage.from,
      to: newest ?? previous?.coverage.to,
      partitions,
      skipped: [...selection.skipped],
      gap: selection.gap,
      gaps: [...selection.gaps],
      lateBeyondBase: previous?.coverage.lateBeyondBase ?? 0,
    },
    folded: previous?.folded ?? null,
    ...(previous?.held === undefined ? {} : { held: previous.held }),
    counts: { rows: sum(({ rows }) => rows), rejected: sum(({ rejected }) => rejected), unknown: 0 },
  };
  return {
    state,
    fresh: new Set([...now].filter((part) => !before.has(part))),
    isAdded: previous !== undefined && [...before].every((part) => now.has(part)),
    newestModified: selection.partitions.at(-1)?.newestModified,
  };
}

async function buildPart(context: RunContext, source: SelectedPatches, partition: SelectedPartition) {
  const hash = patchHash(source, partition);
  const key = patchKey(hash);
  if ((await reuseSegment(context, key)) !== undefined) return readPatches(context.index, hash);
  const inputs = await context.phases.time('read', () => openInputs({ ...context, source: source.store }, partition));
  try {
    const { part, rejects } = await context.phases.time('build', () =>
      readPatchPart(source.plan, partition.time, inputs, context.signal),
    );
    if (rejects.length > 0) {
      const rows = rejects.map(({ object, ...row }) => ({ object: partition.objects[object]!.key, ...row }));
      const ledger = { patches: source.settings.name, partition: toIso(partition.time), rejected: rows.length, rows };
      await context.index.put(rejectKey(hash), new TextEncoder().encode(`${JSON.stringify(ledger, null, 1)}\n`));
    }
    refuseRejects(partition, rejects, part.read, context.maxRejectRatio);
    await writePart(context.index, key, partition, part);
    return part;
  } finally {
    for (const { file } of inputs) file.close();
  }
}

/** The record after the part, as for segments: its presence means that the part is whole. */
async function writePart(index: Store, key: string, partition: SelectedPartition, part: PatchPart): Promise<void> {
  const bytes = encodePatchPart(part);
  await index.put(key, bytes);
  await writePartRecord(index, {
    segment: { key, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex'), docs: part.rows },
    partitions: [partition.time],
    tombstones: 0,
    rejected: part.rejected,
    rows: part.read,
    objects: partition.objects.map(({ key: object, size, etag }) => ({ key: object, size, etag })),
    parts: [],
  });
}

/** Partitions that were bad with these very objects, by time, with the reason. */
async function knownBad(index: Store, source: SelectedPatches): Promise<Map<number, string>> {
  const committed = new Set(source.previous?.coverage.partitions.map(({ part }) => part));
  const bad = new Map<number, string>();
  for (const partition of source.listed.selection.partitions) {
    const hash = patchHash(source, partition);
    const key = badPartKey(hash);
    if (committed.has(hash) || (await index.stat(key)) === undefined) continue;
    const { reason } = JSON.parse(new TextDecoder().decode(await index.read(key))) as { reason: string };
    bad.set(partition.time, reason);
  }
  return bad;
}

async function rememberBad(index: Store, source: SelectedPatches, partition: SelectedPartition, error: TidemarkError) {
  const reason = describeError(error);
  const bytes = new TextEncoder().encode(`${JSON.stringify({ reason })}\n`);
  await index.put(badPartKey(patchHash(source, partition)), bytes);
  return reason;
}
