/** A streamed write: one PUT while it fits into a part, else a multipart upload with a few parts under way at once. */
import { CreateMultipartUploadCommand, UploadPartCommand } from '@aws-sdk/client-s3';
import { TidemarkError } from '../base/errors.js';
import { type S3Link, type S3Request, send } from './s3-client.js';
import { requireEtag } from './s3-list.js';
import { putObject } from './s3-put.js';
import { abortUpload, completeUpload, type Part, type Upload } from './s3-upload.js';
import type { ObjectInfo, ObjectWriter } from './store.js';

/**
 * All parts but the last are equal, since some stores insist; S3 allows 10,000 of 5 MiB or more. At 16 MiB that is 156 GiB an
 * object, and 80 MiB of memory with four under way and one being filled.
 */
export const PART_BYTES = 16 << 20;
const MAX_PARTS = 10_000;

/** One connection takes 50-90 MB/s and compression makes less than 200 MB/s a thread: four keep up. */
const PARALLEL_PARTS = 4;

/** Lives for one object. After a failure or an abort nothing of it is left in the store. */
export class S3Writer implements ObjectWriter {
  readonly #link: S3Link;
  readonly #key: string;
  readonly #partBytes: number;
  readonly #userSignal: AbortSignal | undefined;
  /** Stops the parts under way when the writer is aborted. */
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;
  readonly #parts: Part[] = [];
  readonly #underWay = new Set<Promise<void>>();
  /** Buffers of parts that have been sent. */
  readonly #spare: Uint8Array[] = [];
  #filling: Uint8Array;
  #filledBytes = 0;
  #totalBytes = 0;
  #partCount = 0;
  #upload: Upload | undefined;
  #failure: { readonly error: unknown } | undefined;
  #isOpen = true;

  constructor(link: S3Link, key: string, partBytes: number, signal: AbortSignal | undefined) {
    this.#link = link;
    this.#key = key;
    this.#partBytes = partBytes;
    this.#userSignal = signal;
    this.#signal = signal === undefined ? this.#stop.signal : AbortSignal.any([signal, this.#stop.signal]);
    this.#filling = new Uint8Array(partBytes);
  }

  write(chunk: Uint8Array): Promise<void> {
    return this.#step(async () => {
      for (let at = 0; at < chunk.length; ) {
        if (this.#filledBytes === this.#partBytes) await this.#sendPart();
        const taken = Math.min(chunk.length - at, this.#partBytes - this.#filledBytes);
        this.#filling.set(chunk.subarray(at, at + taken), this.#filledBytes);
        this.#filledBytes += taken;
        this.#totalBytes += taken;
        at += taken;
      }
    });
  }

  close(): Promise<ObjectInfo> {
    return this.#step(async () => {
      const last = this.#filling.subarray(0, this.#filledBytes);
      const info = this.#upload === undefined ? await this.#putWhole(last) : await this.#complete(this.#upload);
      this.#isOpen = false;
      return info;
    });
  }

  async abort(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#stop.abort(new TidemarkError('cancelled', 'the write was aborted', { where: { object: this.#key } }));
    // A part that lands after the abort would stay in the store, unseen and paid for.
    await Promise.all(this.#underWay);
    if (this.#upload !== undefined) await abortUpload(this.#link, this.#upload);
  }

  async #step<T>(work: () => Promise<T>): Promise<T> {
    if (!this.#isOpen) {
      throw new TidemarkError('internal', 'a writer was used after its end', { where: { object: this.#key } });
    }
    try {
      this.#userSignal?.throwIfAborted();
      return await work();
    } catch (error) {
      // The failure that led here is the one to tell; remains are swept at the next start.
      await this.abort().catch(() => undefined);
      this.#userSignal?.throwIfAborted();
      throw error;
    }
  }

  #putWhole(bytes: Uint8Array): Promise<ObjectInfo> {
    return putObject(this.#link, this.#key, bytes, this.#signal);
  }

  async #complete(upload: Upload): Promise<ObjectInfo> {
    if (this.#filledBytes > 0) await this.#sendPart();
    await Promise.all(this.#underWay);
    this.#throwFailure();
    const parts = this.#parts.toSorted((a, b) => a.number - b.number);
    return completeUpload(this.#link, upload, parts, this.#totalBytes, this.#signal);
  }

  /** Sends the filled buffer behind the caller's back and goes on with another one. */
  async #sendPart(): Promise<void> {
    this.#upload ??= await this.#create();
    while (this.#underWay.size >= PARALLEL_PARTS) await Promise.race(this.#underWay);
    this.#throwFailure();
    if (this.#partCount === MAX_PARTS) {
      throw new TidemarkError(
        'store',
        `an object may not be larger than ${MAX_PARTS} parts of ${this.#partBytes} bytes`,
        {
          where: { store: this.#link.address.uri, object: this.#key },
          fix: 'cut the index into slices (index.slices)',
        },
      );
    }
    const buffer = this.#filling;
    const sending = this.#putPart(this.#upload, ++this.#partCount, buffer.subarray(0, this.#filledBytes))
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => {
        this.#underWay.delete(sending);
        this.#spare.push(buffer);
      });
    this.#underWay.add(sending);
    this.#filling = this.#spare.pop() ?? new Uint8Array(this.#partBytes);
    this.#filledBytes = 0;
  }

  async #create(): Promise<Upload> {
    const { bucket, prefix } = this.#link.address;
    const { output, date } = await send(
      this.#link,
      this.#request('begin an upload'),
      () => new CreateMultipartUploadCommand({ Bucket: bucket, Key: prefix + this.#key }),
    );
    if (output.UploadId === undefined) {
      throw new TidemarkError('store', 'the store began an upload without naming it', { where: { object: this.#key } });
    }
    return { key: this.#key, id: output.UploadId, createdAt: date };
  }

  async #putPart(upload: Upload, number: number, bytes: Uint8Array): Promise<void> {
    const { bucket, prefix } = this.#link.address;
    const { output } = await send(
      this.#link,
      this.#request('write a part'),
      () =>
        new UploadPartCommand({
          Bucket: bucket,
          Key: prefix + this.#key,
          UploadId: upload.id,
          PartNumber: number,
          Body: bytes,
          ContentLength: bytes.length,
        }),
    );
    this.#link.counters.writtenBytes += bytes.length;
    this.#parts.push({ number, etag: requireEtag(this.#link, this.#key, output.ETag), crc32: output.ChecksumCRC32 });
  }

  #request(doing: string): S3Request {
    return { kind: 'put', doing, key: this.#key, signal: this.#signal };
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}
