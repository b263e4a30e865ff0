/**
 * Visibility. Creating manifest N is the commit and the fence: the store lets one writer create it, and all it names was
 * written before.
 */

import { encodeManifest } from '../manifest/codec.js';
import type { Manifest } from '../manifest/manifest.js';
import { manifestKey } from '../manifest/names.js';
import { readManifest } from '../manifest/newest.js';
import type { Store } from '../store/store.js';

export type CommitResult =
  | { readonly committed: true }
  /** Another writer was first; its manifest stands under this generation. */
  | { readonly committed: false; readonly other: Manifest };

/**
 * Creates the manifest. `exists` may be the echo of our own write whose answer was lost: the nonce tells.
 */
export async function commitManifest(store: Store, manifest: Manifest, signal?: AbortSignal): Promise<CommitResult> {
  const answer = await store.putIfAbsent(manifestKey(manifest.generation), encodeManifest(manifest), signal);
  if (answer === 'created') return { committed: true };
  const other = await readManifest(store, manifest.generation, signal);
  return other.nonce === manifest.nonce ? { committed: true } : { committed: false, other };
}
