/**
 * Visibility. Creating manifest N is the commit and the fence: the store lets one writer create it, and all it names was
 * written before.
 *
 * Creating it is not quite enough. A writer that was stopped for longer than `index.keep` may create a generation that had been
 * there, and was collected since: a hole in the line far behind its end. So the writer lists past N before it believes in its
 * commit, and takes a manifest that nobody can see any more away again.
 */

import { TidemarkError } from '../base/errors.js';
import { encodeManifest } from '../manifest/codec.js';
import type { Manifest } from '../manifest/manifest.js';
import { manifestKey } from '../manifest/names.js';
import { listGenerations, readManifest, readNewest } from '../manifest/newest.js';
import type { Store } from '../store/store.js';

export type CommitResult =
  /** `newest`: what was committed on top of it since, if anything; of a higher epoch, it fences a daemon. */
  | { readonly committed: true; readonly newest: Manifest | undefined }
  /** Another writer was first; this manifest of it is to be built on. */
  | { readonly committed: false; readonly other: Manifest };

/**
 * Creates the manifest. `exists` may be the echo of our own write whose answer was lost: the nonce tells.
 */
export async function commitManifest(store: Store, manifest: Manifest, signal?: AbortSignal): Promise<CommitResult> {
  const answer = await store.putIfAbsent(manifestKey(manifest.generation), encodeManifest(manifest), signal);
  if (answer === 'exists') {
    const other = await otherAt(store, manifest, signal);
    if (other !== undefined) return { committed: false, other };
  }
  return confirm(store, manifest, signal);
}

/** The manifest that stands where ours should; undefined where it is ours. */
async function otherAt(store: Store, manifest: Manifest, signal: AbortSignal | undefined) {
  try {
    const other = await readManifest(store, manifest.generation, signal);
    return other.nonce === manifest.nonce ? undefined : other;
  } catch (error) {
    if (!(error instanceof TidemarkError) || error.code !== 'not-found') throw error;
    // Gone since: it was a stray, or collected. Either way the line has moved on.
    const newest = await readNewest(store, { signal });
    if (newest === undefined) throw error;
    return newest;
  }
}

async function confirm(store: Store, manifest: Manifest, signal: AbortSignal | undefined): Promise<CommitResult> {
  const { generation, nonce } = manifest;
  const after = await listGenerations(store, { after: generation, ...(signal === undefined ? {} : { signal }) });
  const last = after.at(-1);
  if (last === undefined) return { committed: true, newest: undefined };
  const newest = await readManifest(store, last.generation, signal);
  const next = after[0]!.generation === generation + 1 ? await readManifest(store, generation + 1, signal) : undefined;
  if (next?.parent === nonce) return { committed: true, newest };
  await store.delete(manifestKey(generation), signal);
  return { committed: false, other: newest };
}
