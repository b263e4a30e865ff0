/** The end of a multipart upload: completed, aborted, or found unfinished after a crash. */
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  ListMultipartUploadsCommand,
  type ListMultipartUploadsCommandOutput,
} from '@aws-sdk/client-s3';
import type { TidemarkError } from '../base/errors.js';
import { requestError, type S3Link, type S3Request, send, sendRaw } from './s3-client.js';
import { headObject } from './s3-head.js';
import { requireEtag } from './s3-list.js';
import type { ObjectInfo } from './store.js';

/** An upload under way. */
export interface Upload {
  readonly key: string;
  readonly id: string;
  /** The store's clock, ms since the epoch. */
  readonly createdAt: number;
}

/** A part that has landed. */
export interface Part {
  readonly number: number;
  readonly etag: string;
  /** Where the SDK adds checksums the completion has to repeat them. */
  readonly crc32: string | undefined;
}

/** Dates in headers are whole seconds. */
const DATE_STEP_MS = 1_000;

/** Makes the object visible. */
export async function completeUpload(
  link: S3Link,
  upload: Upload,
  parts: readonly Part[],
  size: number,
  signal: AbortSignal,
): Promise<ObjectInfo> {
  const { key } = upload;
  const request: S3Request = { kind: 'put', doing: 'complete an upload', key, signal };
  let attempts = 0;
  const makeCommand = (attempt: number) => {
    attempts = attempt;
    return new CompleteMultipartUploadCommand({
      ...targetOf(link, upload),
      MultipartUpload: { Parts: parts.map(sdkPart) },
    });
  };
  try {
    const { output, date } = await sendRaw(link, request, makeCommand, async (answer) => answer);
    return { key, size, etag: requireEtag(link, key, output.ETag), lastModified: date };
  } catch (error) {
    const landed = attempts > 1 && isUploadGone(error) ? await headObject(link, key, signal) : undefined;
    // The first attempt's answer was lost, and the upload is gone because it succeeded.
    if (landed?.size === size && landed.lastModified >= upload.createdAt - DATE_STEP_MS) return landed;
    throw requestError(link, request, error);
  }
}

/** Removes an upload and its parts; one that is gone already is fine. Goes through though the writer's signal is aborted. */
export async function abortUpload(link: S3Link, upload: Pick<Upload, 'key' | 'id'>): Promise<void> {
  const request: S3Request = { kind: 'delete', doing: 'abort an upload', key: upload.key };
  const makeCommand = () => new AbortMultipartUploadCommand(targetOf(link, upload));
  try {
    await sendRaw(link, request, makeCommand, async () => undefined);
  } catch (error) {
    if (!isUploadGone(error)) throw requestError(link, request, error) as TidemarkError;
  }
}

/** Aborts uploads under a prefix that were begun more than that long ago; gives how many. */
export async function abortUploads(
  link: S3Link,
  prefix: string,
  olderThanMs: number,
  signal: AbortSignal | undefined,
): Promise<number> {
  const home = link.address.prefix;
  let abortedCount = 0;
  let page: ListMultipartUploadsCommandOutput | undefined;
  do {
    const marker = page === undefined ? {} : { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker };
    const { output, date } = await send(
      link,
      { kind: 'list', doing: 'list unfinished uploads', key: prefix, signal },
      () => new ListMultipartUploadsCommand({ Bucket: link.address.bucket, Prefix: home + prefix, ...marker }),
    );
    for (const { Key, UploadId, Initiated } of output.Uploads ?? []) {
      if (Key === undefined || UploadId === undefined || Initiated === undefined) continue;
      if (Initiated.getTime() >= date - olderThanMs) continue;
      await abortUpload(link, { key: Key.slice(home.length), id: UploadId });
      abortedCount++;
    }
    page = output;
  } while (page.IsTruncated === true);
  return abortedCount;
}

function targetOf(link: S3Link, { key, id }: Pick<Upload, 'key' | 'id'>) {
  return { Bucket: link.address.bucket, Key: link.address.prefix + key, UploadId: id };
}

const sdkPart = ({ number, etag, crc32 }: Part) => ({
  PartNumber: number,
  ETag: etag,
  ...(crc32 === undefined ? {} : { ChecksumCRC32: crc32 }),
});

const isUploadGone = (error: unknown): boolean => error instanceof Error && error.name === 'NoSuchUpload';
