/** Addresses of buckets. */
import { TidemarkError } from '../base/errors.js';
import type { StoreConfig } from './store.js';

/** Where a store's objects lie. */
export interface S3Address {
  readonly bucket: string;
  /** '' or a text that ends in `/`. */
  readonly prefix: string;
  /** For messages; no credentials. */
  readonly uri: string;
}

/** Wider than AWS's rule, which other servers are laxer about; narrow enough that a password cannot hide in it. */
const BUCKET = /^[A-Za-z0-9][A-Za-z0-9._-]{1,254}$/;

/** Directory buckets (S3 Express) carry this suffix; they do not list in key order, so the newest partition could not be found. */
const DIRECTORY_BUCKET = /--x-s3$/;

/** Takes `s3://bucket/prefix` apart; fails with code `config`, and never repeats a text that may hold credentials. */
export function parseS3Uri(uri: string): S3Address {
  const rest = uri.replace(/^s3:\/\//i, '');
  if (rest === uri) throw badAddress('an S3 address begins with s3://');
  const slash = rest.indexOf('/');
  const bucket = slash < 0 ? rest : rest.slice(0, slash);
  const path = slash < 0 ? '' : rest.slice(slash + 1).replace(/\/+$/, '');
  if (!BUCKET.test(bucket)) throw badAddress('the bucket in the S3 address is no valid name');
  if (DIRECTORY_BUCKET.test(bucket)) throw badAddress('directory buckets do not list in key order');
  if (path.split('/').some((name, _, names) => names.length > 1 && name === '')) {
    throw badAddress('the prefix in the S3 address holds two slashes in a row');
  }
  const prefix = path === '' ? '' : `${path}/`;
  return { bucket, prefix, uri: path === '' ? `s3://${bucket}` : `s3://${bucket}/${path}` };
}

/** Checks a custom endpoint; fails with code `config` without repeating it. */
export function requireEndpoint(endpoint: string): void {
  if (!URL.canParse(endpoint)) throw badEndpoint('the S3 endpoint is no address');
  const { protocol, username, password, pathname, search } = new URL(endpoint);
  if (protocol !== 'http:' && protocol !== 'https:')
    throw badEndpoint('the S3 endpoint must begin with http:// or https://');
  if (username !== '' || password !== '') throw badEndpoint('the S3 endpoint holds credentials');
  if (pathname !== '/' || search !== '') throw badEndpoint('the S3 endpoint holds more than host and port');
}

/** Whether the SDK's default checksums are wanted: other servers than AWS's refuse or mangle them, so `auto` asks AWS only. */
export function wantsChecksums(config: StoreConfig): boolean {
  const integrity = config.integrity ?? 'auto';
  return integrity === 'on' || (integrity === 'auto' && config.endpoint === undefined);
}

function badAddress(message: string): TidemarkError {
  return new TidemarkError('config', message, {
    fix: 'write s3://bucket/prefix with a general purpose bucket; credentials come from the environment or the profile',
  });
}

function badEndpoint(message: string): TidemarkError {
  return new TidemarkError('config', message, {
    fix: 'write http://host:port or https://host; credentials come from the environment or the profile',
  });
}
