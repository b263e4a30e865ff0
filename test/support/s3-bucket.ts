/** What the in-process S3 server keeps: objects in the order of their UTF-8 bytes, and uploads under way. */
import { createHash } from 'node:crypto';
import { S3Failure } from './s3-signature.js';

export interface StoredObject {
  readonly bytes: Buffer;
  readonly etag: string;
  readonly modified: Date;
}

export interface Upload {
  readonly key: string;
  readonly initiated: Date;
  readonly parts: Map<number, StoredObject>;
}

export interface Listing {
  readonly objects: readonly (readonly [string, StoredObject])[];
  readonly prefixes: readonly string[];
  readonly next: string | undefined;
}

export interface ListQuery {
  readonly prefix: string;
  readonly delimiter: string | undefined;
  /** Only what comes behind this key, or behind all keys of this folded prefix. */
  readonly after: string;
  readonly limit: number;
}

const compareUtf8 = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
const md5 = (bytes: Uint8Array): Buffer => createHash('md5').update(bytes).digest();

export class S3Bucket {
  readonly uploads = new Map<string, Upload>();
  readonly #objects = new Map<string, StoredObject>();
  #sorted: string[] | undefined;
  #uploadCount = 0;

  get(key: string): StoredObject | undefined {
    return this.#objects.get(key);
  }

  put(key: string, object: StoredObject): void {
    if (!this.#objects.has(key)) this.#sorted = undefined;
    this.#objects.set(key, object);
  }

  delete(key: string): void {
    if (this.#objects.delete(key)) this.#sorted = undefined;
  }

  list({ prefix, delimiter, after, limit }: ListQuery): Listing {
    this.#sorted ??= [...this.#objects.keys()].sort(compareUtf8);
    const objects: [string, StoredObject][] = [];
    const prefixes: string[] = [];
    let last = '';
    for (const key of this.#sorted) {
      if (!key.startsWith(prefix)) continue;
      const cut = delimiter === undefined ? -1 : key.indexOf(delimiter, prefix.length);
      const name = cut < 0 ? key : key.slice(0, cut + 1);
      if (name === last || compareUtf8(name, after) <= 0) continue;
      if (objects.length + prefixes.length === limit) return { objects, prefixes, next: last };
      last = name;
      if (cut < 0) objects.push([key, this.#objects.get(key)!]);
      else prefixes.push(name);
    }
    return { objects, prefixes, next: undefined };
  }

  beginUpload(key: string): string {
    const id = `upload-${++this.#uploadCount}`;
    this.uploads.set(id, { key, initiated: new Date(), parts: new Map() });
    return id;
  }

  upload(id: string): Upload {
    const upload = this.uploads.get(id);
    if (upload === undefined) throw new S3Failure(404, 'NoSuchUpload');
    return upload;
  }

  /** Joins the named parts; each must have landed with that etag, in rising order. */
  completeUpload(id: string, wanted: readonly { readonly number: number; readonly etag: string }[]): StoredObject {
    const upload = this.upload(id);
    const parts = wanted.map(({ number, etag }, i) => {
      const part = upload.parts.get(number);
      if (part === undefined || part.etag !== etag) throw new S3Failure(400, 'InvalidPart');
      if (i > 0 && wanted[i - 1]!.number >= number) throw new S3Failure(400, 'InvalidPartOrder');
      return part;
    });
    if (parts.length === 0) throw new S3Failure(400, 'MalformedXML');
    const digest = md5(Buffer.concat(parts.map((part) => md5(part.bytes)))).toString('hex');
    const bytes = Buffer.concat(parts.map((part) => part.bytes));
    const object = { bytes, etag: `"${digest}-${parts.length}"`, modified: new Date() };
    this.put(upload.key, object);
    this.uploads.delete(id);
    return object;
  }
}

export function storedObject(bytes: Buffer): StoredObject {
  return { bytes, etag: `"${md5(bytes).toString('hex')}"`, modified: new Date() };
}
