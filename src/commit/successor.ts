/** Commits that build nothing: a known content under a new generation, made on top of the newest one whatever it is by then. */

import { randomUUID } from 'node:crypto';
import { TidemarkError } from '../base/errors.js';
import type { Manifest } from '../manifest/manifest.js';
import { readNewest } from '../manifest/newest.js';
import type { Store } from '../store/store.js';
import { commitManifest } from './commit.js';

/** Each lost race means that somebody else committed, which takes a build: so many in a row are no chance. */
const MAX_RACES = 20;

/** `content` as the generation after `newest`, under its epoch; no work was done for it. */
export function successorOf(newest: Manifest, content: Manifest, createdAt: number): Manifest {
  const { rolledBackFrom: _, degradeStep: __, ...rest } = content;
  return {
    ...rest,
    generation: newest.generation + 1,
    epoch: newest.epoch,
    nonce: randomUUID(),
    parent: newest.nonce,
    createdAt,
    closeReason: 'complete',
    outcome: 'met',
    phases: { select: 0, read: 0, build: 0, merge: 0, seal: 0, commit: 0 },
    totalMs: 0,
    freshnessMs: null,
    held: newest.held,
  };
}

/**
 * Commits what `make` makes of the newest manifest; where another writer was first, of the next newest. Undefined from `make`
 * = nothing is to be committed.
 */
export async function commitOnNewest(
  store: Store,
  make: (newest: Manifest) => Promise<Manifest | undefined>,
  signal?: AbortSignal,
): Promise<{ readonly manifest: Manifest; readonly committed: boolean }> {
  for (let race = 0; race < MAX_RACES; race++) {
    const newest = await readNewest(store, { signal });
    if (newest === undefined) throw noIndex(store);
    const manifest = await make(newest);
    if (manifest === undefined) return { manifest: newest, committed: false };
    const result = await commitManifest(store, manifest, signal);
    if (result.committed) return { manifest, committed: true };
  }
  throw new TidemarkError('store', `another writer was first ${MAX_RACES} times in a row`, {
    where: { index: store.uri },
    fix: 'find out who else writes to this index',
  });
}

function noIndex(store: Store): TidemarkError {
  return new TidemarkError('not-found', 'there is no index here: nothing was committed yet', {
    where: { index: store.uri },
    fix: 'build one with tidemark build, or name another place',
  });
}
