/**
 * Rolling back: generation M + 1 with N's content. What came between is held until `resume`, so that a daemon beside it does not
 * at once read again what was rolled back.
 */

import { TidemarkError } from '../base/errors.js';
import type { Manifest, PatchSource, TimeSpan } from '../manifest/manifest.js';
import { patchKey } from '../manifest/names.js';
import { listGenerations, readManifest } from '../manifest/newest.js';
import type { Store } from '../store/store.js';
import { commitOnNewest, successorOf } from './successor.js';

/** Generations named in an error. */
const MAX_NAMED = 5;

/** Commits the content of generation `to`; fails with `usage` where it is no older one, `corrupt` where it is not whole any more. */
export async function rollback(store: Store, to: number, now: () => number, signal?: AbortSignal): Promise<Manifest> {
  const { manifest } = await commitOnNewest(
    store,
    async (newest) => {
      const target = await readTarget(store, to, newest, signal);
      await requireObjects(store, target, signal);
      return {
        ...successorOf(newest, target, now()),
        rolledBackFrom: newest.generation,
        held: joinSpans([...newest.held, ...spansBetween(target, newest)]),
        ...heldPatches(target, newest),
      };
    },
    signal,
  );
  return manifest;
}

/** Lets held partitions in again: the daemon's next tick reads them. Nothing is committed where nothing is held. */
export function resume(store: Store, now: () => number, signal?: AbortSignal) {
  return commitOnNewest(
    store,
    async (newest) => {
      const holdsPatches = newest.patches?.some(({ held = [] }) => held.length > 0) === true;
      if (newest.held.length === 0 && !holdsPatches) return undefined;
      const patches = newest.patches?.map(({ held: _, ...source }) => source);
      return { ...successorOf(newest, newest, now()), held: [], ...(patches === undefined ? {} : { patches }) };
    },
    signal,
  );
}

async function readTarget(
  store: Store,
  to: number,
  newest: Manifest,
  signal: AbortSignal | undefined,
): Promise<Manifest> {
  if (to >= newest.generation) {
    throw new TidemarkError('usage', `generation ${to} is not older than the newest one, ${newest.generation}`, {
      fix: 'name an older generation',
    });
  }
  try {
    return await readManifest(store, to, signal);
  } catch (error) {
    if (!(error instanceof TidemarkError) || error.code !== 'not-found') throw error;
    const known = await listGenerations(store, signal === undefined ? {} : { signal });
    const named = known.slice(-MAX_NAMED - 1, -1).map(({ generation }) => generation);
    throw new TidemarkError('usage', `generation ${to} is not there any more`, {
      where: { index: store.uri },
      fix: named.length === 0 ? 'there is none to go back to' : `the latest ones are ${named.join(', ')}`,
    });
  }
}

/** A generation whose objects were collected must not become the newest one. */
async function requireObjects(store: Store, target: Manifest, signal: AbortSignal | undefined): Promise<void> {
  const segments = [...(target.base?.segments ?? []), ...target.delta.segments];
  const needed = [
    ...segments.map(({ name, bytes }) => ({ name, bytes })),
    ...Object.values(target.kills).map(({ object }) => ({ name: object, bytes: undefined })),
    ...Object.values(target.overlays ?? {}).flatMap((layers) =>
      layers.map(({ object, bytes }) => ({ name: object, bytes })),
    ),
    ...(target.patches ?? []).flatMap(({ coverage, folded }) =>
      [...coverage.partitions, ...(folded === null ? [] : [folded])].map(({ part }) => ({
        name: patchKey(part),
        bytes: undefined,
      })),
    ),
  ];
  for (const { name, bytes } of needed) {
    const info = await store.stat(name, signal);
    if (info !== undefined && (bytes === undefined || info.size === bytes)) continue;
    throw new TidemarkError('corrupt', `generation ${target.generation} is not whole any more`, {
      where: { object: name },
      fix: 'name another generation',
    });
  }
}

/**
 * What `newest` took in since `target`: everything beyond its watermark, and each covered partition that holds other objects by now
 * (its part is another one).
 */
function spansBetween(target: Covered, newest: Covered): TimeSpan[] {
  const spans: TimeSpan[] = [];
  const { watermark } = target;
  if (newest.watermark !== undefined && (watermark === undefined || watermark < newest.watermark)) {
    spans.push({ from: watermark, to: newest.watermark });
  }
  const before = new Map(target.coverage.partitions.map(({ time, part }) => [time, part]));
  for (const { time, part } of newest.coverage.partitions) {
    if (before.get(time) !== part) spans.push({ from: time - 1, to: time });
  }
  return spans;
}

/** A source of rows or of patches. */
type Covered = Pick<Manifest, 'watermark' | 'coverage'>;

const NOTHING_COVERED: PatchSource['coverage'] = {
  from: undefined,
  to: undefined,
  partitions: [],
  skipped: [],
  gap: false,
  gaps: [],
  lateBeyondBase: 0,
};

/** Patch sources as `target` has them, each with its own partitions held; one that came later holds all it had. */
function heldPatches(target: Manifest, newest: Manifest): Pick<Manifest, 'patches'> {
  if (newest.patches === undefined) return {};
  const patches = newest.patches.map((now): PatchSource => {
    const before = target.patches?.find(({ name, plan }) => name === now.name && plan === now.plan);
    const counts = { rows: 0, rejected: 0, unknown: 0 };
    const kept = before ?? { ...now, watermark: undefined, coverage: NOTHING_COVERED, folded: null, counts };
    return { ...kept, held: joinSpans([...(now.held ?? []), ...spansBetween(kept, now)]) };
  });
  return { patches };
}

/** Spans in order, those that touch or overlap as one. */
function joinSpans(spans: readonly TimeSpan[]): TimeSpan[] {
  const start = ({ from }: TimeSpan) => from ?? Number.NEGATIVE_INFINITY;
  const joined: TimeSpan[] = [];
  for (const span of spans.toSorted((a, b) => start(a) - start(b))) {
    const last = joined.at(-1);
    if (last === undefined || start(span) > last.to) joined.push(span);
    else joined[joined.length - 1] = { from: last.from, to: Math.max(last.to, span.to) };
  }
  return joined;
}
