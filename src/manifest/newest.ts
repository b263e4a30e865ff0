/**
 * Finding the newest manifest when all a store can do is list in ascending order.
 *
 * Names are zero-padded, so the newest is the last one listed, and a request tells 1,000 of them:
 * - a reader that follows an index lists behind the generation it holds: one request when there is nothing new, two
 *   (list, read) when there is;
 * - a reader that opens an index of up to 1,000 manifests needs two as well. `gc` keeps `index.keep` of them: 24 h of
 *   five-minute partitions are 288;
 * - beyond that the end is searched for by doubling and halving. Whether anything lies behind generation x is one
 *   request, and its answer is right whatever holes gc has left, so 100,000 manifests cost 17 requests.
 *
 * A pointer object to the newest would save those few. It was left out: it would be a second thing to write at every
 * commit, it may be stale or lost, and so could only ever be believed after a listing.
 */
import { TidemarkError } from '../base/errors.js';
import type { Store } from '../store/store.js';
import { decodeManifest } from './codec.js';
import type { Manifest } from './manifest.js';
import { generationOf, MANIFEST_PREFIX, manifestKey } from './names.js';

/** A manifest's name as listed. */
export interface GenerationInfo {
  readonly generation: number;
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  /** ms since the epoch. */
  readonly lastModified: number;
}

export interface NewestOptions {
  /** A generation known to exist once: the search starts there. */
  readonly atLeast?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Names a request can tell, as on S3. */
const PAGE_NAMES = 1_000;

/** The newest generation, or undefined in an index without one. */
export async function newestGeneration(store: Store, options: NewestOptions = {}): Promise<number | undefined> {
  const { signal } = options;
  const first = await pageBehind(store, (options.atLeast ?? 0) - 1, signal);
  if (first.last === undefined || !first.more) return first.last;

  let known = first.last; // a generation that exists
  let beyond = Number.POSITIVE_INFINITY; // nothing lies behind it
  let step = PAGE_NAMES;
  while (beyond - known > PAGE_NAMES) {
    const isBounded = beyond < Number.POSITIVE_INFINITY;
    const probe: number = isBounded ? known + Math.floor((beyond - known) / 2) : known + step;
    const page = await pageBehind(store, probe, signal);
    if (page.last === undefined) beyond = probe;
    else if (!page.more) return page.last;
    else known = page.last;
    step *= 2;
  }
  for (;;) {
    const page = await pageBehind(store, known, signal);
    known = page.last ?? known;
    if (!page.more) return known;
  }
}

/**
 * The last generation named on the first page behind `after` that names any, and whether there are more pages. A store may answer
 * with fewer names than it was asked for, even with none: only it says which page is the last.
 */
async function pageBehind(
  store: Store,
  after: number,
  signal: AbortSignal | undefined,
): Promise<{ last: number | undefined; more: boolean }> {
  const options = { prefix: MANIFEST_PREFIX, limit: PAGE_NAMES, ...(signal === undefined ? {} : { signal }) };
  let at: { startAfter?: string; token?: string } = after < 0 ? {} : { startAfter: manifestKey(after) };
  for (;;) {
    const page = await store.list({ ...options, ...at });
    const last = page.objects.map((object) => generationOf(object.key)).findLast((found) => found !== undefined);
    if (last !== undefined || page.next === undefined) return { last, more: page.next !== undefined };
    at = { token: page.next };
  }
}

/** Reads the newest manifest; undefined in an index without one. Fails with code `corrupt` where it cannot be read. */
export async function readNewest(store: Store, options: NewestOptions = {}): Promise<Manifest | undefined> {
  const generation = await newestGeneration(store, options);
  return generation === undefined ? undefined : readManifest(store, generation, options.signal);
}

/** Reads one generation; fails with code `not-found` or `corrupt`. */
export async function readManifest(store: Store, generation: number, signal?: AbortSignal): Promise<Manifest> {
  const key = manifestKey(generation);
  const manifest = decodeManifest(await store.read(key, signal === undefined ? {} : { signal }), key);
  if (manifest.generation === generation) return manifest;
  throw new TidemarkError('corrupt', `the manifest says generation ${manifest.generation}`, { where: { object: key } });
}

/** All generations behind `after` (exclusive), ascending; what gc, rollback and a fence check look at. */
export async function listGenerations(
  store: Store,
  options: { readonly after?: number; readonly signal?: AbortSignal } = {},
): Promise<GenerationInfo[]> {
  const generations: GenerationInfo[] = [];
  let at: { startAfter?: string; token?: string } =
    options.after === undefined ? {} : { startAfter: manifestKey(options.after) };
  const signal = options.signal === undefined ? {} : { signal: options.signal };
  for (;;) {
    const page = await store.list({ prefix: MANIFEST_PREFIX, ...at, ...signal });
    for (const { key, size, lastModified } of page.objects) {
      const generation = generationOf(key);
      if (generation !== undefined) generations.push({ generation, key, size, lastModified });
    }
    if (page.next === undefined) return generations;
    at = { token: page.next };
  }
}
