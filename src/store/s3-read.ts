/** Ranged GETs: whole, pinned, and never with a body left unread. */
import { GetObjectCommand, type GetObjectCommandOutput } from '@aws-sdk/client-s3';
import { assert, TidemarkError } from '../base/errors.js';
import { requestError, type S3Link, type S3Request, sendRaw } from './s3-client.js';
import { kindOf } from './s3-errors.js';
import type { ReadOptions } from './store.js';

/** What was asked for: at most so many bytes from there. */
interface Range {
  readonly start: number;
  readonly wanted: number;
}

/** A body as node gives it. */
interface NodeBody extends AsyncIterable<Uint8Array> {
  destroy(): void;
}

/**
 * One object or a range of it. A body that ends early is asked for anew, like a lost connection; short bytes are never
 * given. Undefined for a range that begins at or behind the end, where the server answers 416 and says nothing of the etag.
 */
export async function getObject(link: S3Link, key: string, options: ReadOptions): Promise<Uint8Array | undefined> {
  const { start = 0, end, ifMatch, signal } = options;
  const isRange = start > 0 || end !== undefined;
  const request: S3Request = { kind: 'get', doing: 'read an object', key, signal };
  const makeCommand = () =>
    new GetObjectCommand({
      Bucket: link.address.bucket,
      Key: link.address.prefix + key,
      ...(isRange ? { Range: `bytes=${start}-${end === undefined ? '' : end - 1}` } : {}),
      ...(ifMatch === undefined ? {} : { IfMatch: ifMatch }),
    });
  try {
    return await sendRaw(link, request, makeCommand, async ({ output }) => {
      const wanted = end === undefined ? Number.POSITIVE_INFINITY : end - start;
      return readBody(link, key, output, isRange ? { start, wanted } : undefined);
    });
  } catch (error) {
    if (kindOf(error) === 'range' && !signal?.aborted) return undefined;
    throw requestError(link, request, error);
  }
}

async function readBody(
  link: S3Link,
  key: string,
  output: GetObjectCommandOutput,
  range: Range | undefined,
): Promise<Uint8Array> {
  const body = output.Body as unknown as NodeBody;
  let isRead = false;
  try {
    const length = requireLength(link, key, output, range);
    const bytes = new Uint8Array(length);
    let at = 0;
    // A connection that ends before the announced length throws in here.
    for await (const chunk of body) {
      bytes.set(chunk, at);
      at += chunk.length;
      link.counters.readBytes += chunk.length;
    }
    isRead = true;
    assert(at === length, 'a body is as long as its answer said');
    return bytes;
  } finally {
    // An unread body would keep its socket out of the agent for ever.
    if (!isRead) body.destroy();
  }
}

/** Bytes to come; fails where the answer does not say, or is not the range that was asked for. */
function requireLength(link: S3Link, key: string, output: GetObjectCommandOutput, range: Range | undefined): number {
  const where = { store: link.address.uri, object: key };
  const { ContentLength: length, ContentRange: sent } = output;
  if (length === undefined) {
    throw new TidemarkError('store', 'the store does not say how long its answer is', {
      where,
      fix: 'take out the proxy between that compresses or re-chunks answers',
    });
  }
  if (range !== undefined && (length > range.wanted || (sent === undefined && range.start > 0))) {
    throw new TidemarkError('store', 'the store ignores ranges and sends the whole object', {
      where,
      fix: 'use a store that honours the Range header',
    });
  }
  return length;
}
