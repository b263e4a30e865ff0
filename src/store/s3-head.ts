/** HEAD: what is known of an object without reading it. */
import { HeadObjectCommand } from '@aws-sdk/client-s3';
import { requestError, type S3Link, type S3Request, sendRaw } from './s3-client.js';
import { kindOf } from './s3-errors.js';
import { requireEtag } from './s3-list.js';
import type { ObjectInfo } from './store.js';

/** Undefined where there is no such object. */
export async function headObject(
  link: S3Link,
  key: string,
  signal: AbortSignal | undefined,
): Promise<ObjectInfo | undefined> {
  const request: S3Request = { kind: 'head', doing: 'look at an object', key, signal };
  const makeCommand = () => new HeadObjectCommand({ Bucket: link.address.bucket, Key: link.address.prefix + key });
  try {
    const { output, date } = await sendRaw(link, request, makeCommand, async (answer) => answer);
    const etag = requireEtag(link, key, output.ETag);
    return { key, size: output.ContentLength ?? 0, etag, lastModified: output.LastModified?.getTime() ?? date };
  } catch (error) {
    if (kindOf(error) === 'missing' && !signal?.aborted) return undefined;
    throw requestError(link, request, error);
  }
}
