/** Single PUTs, plain and conditional. Bodies are always buffers: their length and checksum stand in headers, and they can be sent anew. */
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { requestError, type S3Link, type S3Request, send, sendRaw } from './s3-client.js';
import { kindOf } from './s3-errors.js';
import { requireEtag } from './s3-list.js';
import type { ObjectInfo } from './store.js';

/** Overwrites. `lastModified` is the date of the answer: within moments of what a listing will say. */
export async function putObject(
  link: S3Link,
  key: string,
  bytes: Uint8Array,
  signal: AbortSignal | undefined,
): Promise<ObjectInfo> {
  const request: S3Request = { kind: 'put', doing: 'write an object', key, signal };
  const { output, date } = await send(link, request, () => putCommand(link, key, bytes));
  link.counters.writtenBytes += bytes.length;
  return { key, size: bytes.length, etag: requireEtag(link, key, output.ETag), lastModified: date };
}

/**
 * Creates unless the key is taken. 409 means that another conditional write was under way and nothing landed: tried again.
 * A lost answer is tried again too, and then finds our own object: `exists` may mean bytes that are ours, so the caller reads
 * back and compares its nonce.
 */
export async function putObjectIfAbsent(
  link: S3Link,
  key: string,
  bytes: Uint8Array,
  signal: AbortSignal | undefined,
): Promise<'created' | 'exists'> {
  const request: S3Request = { kind: 'put', doing: 'create an object', key, signal };
  try {
    await sendRaw(
      link,
      request,
      () => putCommand(link, key, bytes, '*'),
      async () => undefined,
    );
    link.counters.writtenBytes += bytes.length;
    return 'created';
  } catch (error) {
    if (kindOf(error) === 'changed' && !signal?.aborted) return 'exists';
    throw requestError(link, request, error);
  }
}

function putCommand(link: S3Link, key: string, bytes: Uint8Array, ifNoneMatch?: '*'): PutObjectCommand {
  return new PutObjectCommand({
    Bucket: link.address.bucket,
    Key: link.address.prefix + key,
    Body: bytes,
    ContentLength: bytes.length,
    ...(ifNoneMatch === undefined ? {} : { IfNoneMatch: ifNoneMatch }),
  });
}
