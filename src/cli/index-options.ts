/** The options of every command that reads an index. */
import type { Command } from 'commander';
import { TidemarkError } from '../base/errors.js';
import type { Clock } from '../base/time.js';
import type { Manifest } from '../manifest/manifest.js';
import { readNewest } from '../manifest/newest.js';
import { openStore } from '../store/open.js';
import type { Store } from '../store/store.js';

export interface IndexOptions {
  readonly index: string;
  readonly endpoint?: string;
  readonly region?: string;
}

/** Adds `--index`, `--endpoint` and `--region`. */
export function addIndexOptions(command: Command, isIndexRequired = true): Command {
  const flags = '--index <uri>';
  const description = 'prefix of the index: s3://bucket/prefix, file:path or a path';
  const withIndex = isIndexRequired ? command.requiredOption(flags, description) : command.option(flags, description);
  return withIndex
    .option('--endpoint <url>', 'S3: address of a store that is not AWS')
    .option('--region <name>', 'S3: region of the bucket');
}

/** Opens the index's store. */
export function openIndexStore({ index, endpoint, region }: IndexOptions, clock: Clock): Promise<Store> {
  return openStore({ uri: index, ...(endpoint && { endpoint }), ...(region && { region }) }, clock);
}

/** The newest manifest; fails with code `not-found` where nothing was ever committed. */
export async function requireManifest(store: Store, signal: AbortSignal): Promise<Manifest> {
  const manifest = await readNewest(store, { signal });
  if (manifest !== undefined) return manifest;
  throw new TidemarkError('not-found', 'there is no index here: nothing was committed yet', {
    where: { index: store.uri },
    fix: 'build one with tidemark build, or name another place',
  });
}
