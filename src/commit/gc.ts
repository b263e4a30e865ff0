/**
 * Collecting what nobody can need any more. It lists objects first and generations afterwards, so that whatever is committed while
 * it looks names only objects that it has not seen or that are new; and it looks at the end of the line again before every batch.
 */

import { TidemarkError } from '../base/errors.js';
import type { Clock } from '../base/time.js';
import { decodeManifest } from '../manifest/codec.js';
import { MANIFEST_PREFIX, manifestKey } from '../manifest/names.js';
import { listGenerations } from '../manifest/newest.js';
import type { ObjectInfo, Store } from '../store/store.js';
import { collectable, KINDS, kindOf, namedHashes, type ObjectKind, retainedGenerations } from './gc-plan.js';

export interface GcOptions {
  readonly keepMs: number;
  /** Of the daemon that collects: a higher one in the index stops it. */
  readonly epoch?: number | undefined;
  /** Tells what would go and deletes nothing. */
  readonly dryRun: boolean;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
}

export interface Tally {
  readonly count: number;
  readonly bytes: number;
}

export interface GcReport {
  readonly dryRun: boolean;
  /** The newest generation. */
  readonly generation: number;
  /** Generations that a reader may be on. */
  readonly retained: number;
  readonly deleted: Readonly<Record<ObjectKind, Tally>>;
  readonly kept: Readonly<Record<ObjectKind, Tally>>;
  /** Half-written uploads thrown away; null in a dry run, since they are in no listing. */
  readonly uploads: number | null;
}

/** Objects deleted between two looks at the newest generation. */
const BATCH = 100;

/** Manifests read at once. */
const READ_AT_ONCE = 16;

/** A plan older than this is made anew: a collector that was stopped must not act on what it saw before. */
const PLAN_LIFE_MS = 60_000;

/** Collects once. Fails with code `fenced` where a higher epoch leads, `corrupt` where a retained manifest cannot be read. */
export async function collectGarbage(store: Store, options: GcOptions): Promise<GcReport> {
  const deleted = new Map<ObjectKind, Tally>();
  for (;;) {
    const plan = await makePlan(store, options);
    const isDone = options.dryRun ? tallyAll(plan, deleted) : await deletePlanned(store, plan, options, deleted);
    if (!isDone) continue;
    const signal = options.signal === undefined ? [] : [options.signal];
    const uploads = options.dryRun
      ? null
      : ((await store.abortUnfinishedUploads?.('', options.keepMs, ...signal)) ?? 0);
    const gone = new Set(plan.doomed.map(({ key }) => key));
    const kept = new Map<ObjectKind, Tally>();
    for (const object of plan.objects) if (!gone.has(object.key)) add(kept, object);
    const { newest, retained } = plan;
    return {
      dryRun: options.dryRun,
      generation: newest,
      retained,
      deleted: talliesOf(deleted),
      kept: talliesOf(kept),
      uploads,
    };
  }
}

interface GcPlan {
  readonly objects: readonly ObjectInfo[];
  readonly doomed: readonly ObjectInfo[];
  readonly named: Set<string>;
  readonly newest: number;
  readonly retained: number;
  /** On the monotonic clock. */
  readonly madeAt: number;
}

async function makePlan(store: Store, options: GcOptions): Promise<GcPlan> {
  const { clock, keepMs, signal } = options;
  const madeAt = clock.elapsed();
  const objects: ObjectInfo[] = [];
  for (const prefix of Object.values(KINDS)) objects.push(...(await listAll(store, prefix, signal)));
  const { date } = await store.list({ prefix: MANIFEST_PREFIX, limit: 1, ...(signal && { signal }) });
  const generations = await listGenerations(store, signal === undefined ? {} : { signal });
  const rule = { keepMs, now: date };
  const retained = retainedGenerations(generations, rule);
  const newest = retained.at(-1);
  if (newest === undefined) {
    throw new TidemarkError('not-found', 'there is no index here: nothing was committed yet', {
      where: { index: store.uri },
      fix: 'name another place',
    });
  }
  const named = new Set<string>();
  for (let start = 0; start < retained.length; start += READ_AT_ONCE) {
    const some = retained.slice(start, start + READ_AT_ONCE);
    const epochs = await Promise.all(some.map(({ generation }) => noteNamed(store, generation, named, signal)));
    requireEpoch(epochs.at(-1)!, options);
  }
  const doomed = collectable(objects, retained, named, rule);
  return { objects, doomed, named, newest: newest.generation, retained: retained.length, madeAt };
}

/** True when all of the plan is done; false where it grew too old on the way. */
async function deletePlanned(
  store: Store,
  plan: GcPlan,
  options: GcOptions,
  deleted: Map<ObjectKind, Tally>,
): Promise<boolean> {
  const { clock, signal } = options;
  let newest = plan.newest;
  // Manifests first, as they are listed: none may ever name what is gone.
  for (let start = 0; start < plan.doomed.length; start += BATCH) {
    newest = await noteNewer(store, newest, plan.named, options);
    for (const object of plan.doomed.slice(start, start + BATCH)) {
      if (clock.elapsed() - plan.madeAt > PLAN_LIFE_MS) return false;
      const hash = /\/([0-9a-f]{32})\./.exec(object.key)?.[1];
      if (hash !== undefined && plan.named.has(hash)) continue;
      const now = await store.stat(object.key, signal);
      if (now === undefined || isAnother(now, object)) continue;
      await store.delete(object.key, signal);
      add(deleted, object);
    }
  }
  return true;
}

/** HTTP dates have whole seconds, where listings may tell more. */
const DATE_STEP_MS = 1_000;

/** Written anew since it was listed, maybe with the same bytes: somebody relies on it. */
function isAnother(now: ObjectInfo, listed: ObjectInfo): boolean {
  return now.etag !== listed.etag || now.lastModified - listed.lastModified >= DATE_STEP_MS;
}

/** Adds what was committed behind `known` to the hashes that are named; gives the newest generation. */
async function noteNewer(store: Store, known: number, named: Set<string>, options: GcOptions): Promise<number> {
  const { signal } = options;
  const behind = await listGenerations(store, { after: known, ...(signal && { signal }) });
  for (const { generation } of behind) requireEpoch(await noteNamed(store, generation, named, signal), options);
  return behind.at(-1)?.generation ?? known;
}

/** Adds what one generation names; gives its epoch. One that cannot be read might name anything: it fails. */
async function noteNamed(
  store: Store,
  generation: number,
  named: Set<string>,
  signal: AbortSignal | undefined,
): Promise<number> {
  const key = manifestKey(generation);
  const bytes = await store.read(key, signal === undefined ? {} : { signal });
  for (const hash of namedHashes(new TextDecoder().decode(bytes))) named.add(hash);
  return decodeManifest(bytes, key).epoch;
}

function requireEpoch(epoch: number, options: GcOptions): void {
  if (options.epoch === undefined || epoch <= options.epoch) return;
  throw new TidemarkError('fenced', `the index is led under epoch ${epoch}`, {
    where: { 'own epoch': options.epoch },
    fix: 'another daemon has taken over; this one must stop',
  });
}

async function listAll(store: Store, prefix: string, signal: AbortSignal | undefined): Promise<ObjectInfo[]> {
  const objects: ObjectInfo[] = [];
  let token: string | undefined;
  do {
    const page = await store.list({ prefix, ...(token === undefined ? {} : { token }), ...(signal && { signal }) });
    objects.push(...page.objects);
    token = page.next;
  } while (token !== undefined);
  return objects;
}

function tallyAll(plan: GcPlan, deleted: Map<ObjectKind, Tally>): true {
  for (const object of plan.doomed) add(deleted, object);
  return true;
}

function add(tallies: Map<ObjectKind, Tally>, { key, size }: ObjectInfo): void {
  const kind = kindOf(key)!;
  const tally = tallies.get(kind) ?? { count: 0, bytes: 0 };
  tallies.set(kind, { count: tally.count + 1, bytes: tally.bytes + size });
}

function talliesOf(tallies: ReadonlyMap<ObjectKind, Tally>): Record<ObjectKind, Tally> {
  const kinds = Object.keys(KINDS) as ObjectKind[];
  return Object.fromEntries(kinds.map((kind) => [kind, tallies.get(kind) ?? { count: 0, bytes: 0 }])) as Record<
    ObjectKind,
    Tally
  >;
}
