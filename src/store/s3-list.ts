/** ListObjectsV2 pages as the store's pages. */
import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { TidemarkError } from '../base/errors.js';
import { type S3Link, send } from './s3-client.js';
import type { ListOptions, ListPage, ObjectInfo } from './store.js';

/** What S3 gives at most. */
const MAX_PAGE = 1_000;

/** One request; the token is the server's own. */
export async function listObjects(link: S3Link, options: ListOptions): Promise<ListPage> {
  const { prefix, delimiter, startAfter, limit = MAX_PAGE, token, signal } = options;
  const { bucket, prefix: home } = link.address;
  const { output, date } = await send(
    link,
    { kind: 'list', doing: 'list objects', key: prefix, signal },
    () =>
      new ListObjectsV2Command({
        Bucket: bucket,
        Prefix: home + prefix,
        MaxKeys: Math.max(1, Math.min(limit, MAX_PAGE)),
        ...(delimiter === undefined ? {} : { Delimiter: delimiter }),
        ...(startAfter === undefined || startAfter === '' ? {} : { StartAfter: home + startAfter }),
        ...(token === undefined ? {} : { ContinuationToken: token }),
      }),
  );
  const objects: ObjectInfo[] = [];
  for (const { Key, Size, ETag, LastModified } of output.Contents ?? []) {
    const key = Key?.slice(home.length) ?? '';
    // Some consoles make an empty object `prefix/` to show a folder.
    if (key === '') continue;
    const lastModified = LastModified?.getTime() ?? Number.NaN;
    if (Size === undefined || Number.isNaN(lastModified)) {
      throw new TidemarkError('store', 'the store lists an object without its size or time', {
        where: { store: link.address.uri, object: key },
      });
    }
    objects.push({ key, size: Size, etag: requireEtag(link, key, ETag), lastModified });
  }
  const prefixes = (output.CommonPrefixes ?? []).flatMap(({ Prefix }) =>
    Prefix === undefined ? [] : [Prefix.slice(home.length)],
  );
  const next = output.IsTruncated === true ? output.NextContinuationToken : undefined;
  return { objects, prefixes, next, date };
}

/**
 * The etag in quotes, as If-Match wants it: some servers leave them out of listings. A missing one is an error, since
 * nothing could be pinned: `''` would match any revision.
 */
export function requireEtag(link: S3Link, key: string, etag: string | undefined): string {
  if (etag !== undefined && etag !== '' && etag !== '""') return etag.endsWith('"') ? etag : `"${etag}"`;
  throw new TidemarkError('store', 'the store gives no ETag for an object, so what is read cannot be pinned', {
    where: { store: link.address.uri, object: key },
    fix: "upload the object through the store's own interface (a file copied into a server's folder has no ETag)",
  });
}
