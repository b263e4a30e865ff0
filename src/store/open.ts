/** Opens a store by the scheme of its address. */
import { TidemarkError } from '../base/errors.js';
import { type Clock, systemClock } from '../base/time.js';
import { openFileStore } from './file.js';
import { ObservedStore, storeCalls } from './observe.js';
import type { Store, StoreConfig } from './store.js';

/** A scheme has two letters or more: a single one would be the drive of a Windows path. */
const SCHEME = /^([a-z][a-z0-9+.-]+):/i;

/**
 * `s3://bucket/prefix`, `file:path`, `file:///path` or a plain path -> a store; fails with code `config` on any other
 * scheme. Endpoint and region are read for s3 only. No request is sent. Where
 * somebody listens to `storeCalls`, the store tells of its calls. The S3 client is loaded only where it is asked for: it costs 0.2 s of start-up.
 */
export async function openStore(config: StoreConfig, clock: Clock = systemClock): Promise<Store> {
  const store = await openPlain(config, clock);
  return storeCalls.hasSubscribers ? new ObservedStore(store) : store;
}

async function openPlain(config: StoreConfig, clock: Clock): Promise<Store> {
  const scheme = SCHEME.exec(config.uri)?.[1]?.toLowerCase() ?? 'file';
  if (scheme === 's3') {
    const { openS3Store } = await import('./s3.js');
    return openS3Store(config, clock);
  }
  if (scheme !== 'file') {
    throw new TidemarkError('config', `there is no store for addresses that begin with '${scheme}:'`, {
      fix: 'use s3://bucket/prefix, file:path or a plain path',
    });
  }
  return openFileStore(config.uri, clock);
}
