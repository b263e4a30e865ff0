/**
 * A store over an S3-style bucket, through the SDK's client. Loaded only where an s3:// address is opened (`open.ts`).
 *
 * Credentials come from the SDK's usual chain and stay inside its client. Every request takes the caller's signal; the
 * deadline is that signal, not a timeout of the SDK's.
 */
import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { TidemarkError } from '../base/errors.js';
import { type Clock, systemClock } from '../base/time.js';
import { requireKey } from './key.js';
import { connectS3, type S3Link, send } from './s3-client.js';
import { headObject } from './s3-head.js';
import { listObjects } from './s3-list.js';
import { putObject, putObjectIfAbsent } from './s3-put.js';
import { getObject } from './s3-read.js';
import { abortUploads } from './s3-upload.js';
import { PART_BYTES, S3Writer } from './s3-writer.js';
import type { ReadOptions, Store, StoreConfig } from './store.js';

/** What tests set smaller than it should be. */
export interface S3Tuning {
  readonly partBytes?: number;
  readonly maxSockets?: number;
}

/** Opens a bucket prefix as a store; sends nothing. Fails with code `config` where the address or endpoint cannot work. */
export async function openS3Store(
  config: StoreConfig,
  clock: Clock = systemClock,
  tuning: S3Tuning = {},
): Promise<Store> {
  const link = await connectS3(config, clock, tuning.maxSockets);
  const checked = <T>(key: string, request: () => Promise<T>): Promise<T> => {
    try {
      requireKey(key);
    } catch (error) {
      return Promise.reject(error);
    }
    return request();
  };
  return {
    uri: link.address.uri,
    counters: link.counters,
    stat: (key, signal) => checked(key, () => headObject(link, key, signal)),
    read: (key, options = {}) => checked(key, () => readObject(link, key, options)),
    list: (options) => listObjects(link, options),
    createWriter: (key, signal) =>
      checked(key, async () => {
        signal?.throwIfAborted();
        return new S3Writer(link, key, tuning.partBytes ?? PART_BYTES, signal);
      }),
    put: (key, bytes, signal) => checked(key, () => putObject(link, key, bytes, signal)),
    putIfAbsent: (key, bytes, signal) => checked(key, () => putObjectIfAbsent(link, key, bytes, signal)),
    delete: (key, signal) => checked(key, () => deleteObject(link, key, signal)),
    abortUnfinishedUploads: (prefix, olderThanMs, signal) => abortUploads(link, prefix, olderThanMs, signal),
    close: () => link.client.destroy(),
  };
}

async function readObject(link: S3Link, key: string, options: ReadOptions): Promise<Uint8Array> {
  const { start = 0, end = Number.POSITIVE_INFINITY, ifMatch, signal } = options;
  const bytes = end > start ? await getObject(link, key, options) : undefined;
  if (bytes !== undefined) return bytes;
  // A range cannot say "nothing", and 416 does not say which revision it speaks of: a HEAD does.
  const info = await headObject(link, key, signal);
  const where = { store: link.address.uri, object: key };
  if (info === undefined) throw new TidemarkError('not-found', 'there is no such object', { where });
  if (ifMatch === undefined || ifMatch === info.etag) return new Uint8Array(0);
  throw new TidemarkError('changed', 'the object was rewritten since it was listed', { where });
}

async function deleteObject(link: S3Link, key: string, signal: AbortSignal | undefined): Promise<void> {
  const request = { kind: 'delete', doing: 'delete an object', key, signal } as const;
  const makeCommand = () => new DeleteObjectCommand({ Bucket: link.address.bucket, Key: link.address.prefix + key });
  try {
    await send(link, request, makeCommand);
  } catch (error) {
    // Some servers complain where S3 does not.
    if (!(error instanceof TidemarkError && error.code === 'not-found')) throw error;
  }
}
