/**
 * Where bytes live: one interface over a file system or an S3-style bucket.
 *
 * Keys are relative to the store's prefix, use `/`, never start with one, and are ordered by their UTF-8 bytes.
 * A `Store` knows nothing of partitions, segments or manifests.
 */

/** What a store tells about an object without reading it. */
export interface ObjectInfo {
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  /** Opaque revision of the content; never interpreted as a hash. */
  readonly etag: string;
  /** ms since the epoch. */
  readonly lastModified: number;
}

export interface ListOptions {
  /** Keys that start with this text; '' lists all. */
  readonly prefix: string;
  /** When '/', keys that hold a further '/' after the prefix are folded into `prefixes`. */
  readonly delimiter?: '/';
  /**
   * Only keys after this one. With a delimiter, whether the folder that it lies in is told is each server's own choice: start
   * behind the folder instead.
   */
  readonly startAfter?: string;
  /** At most this many entries (objects + prefixes) a page; 1,000 unless told. */
  readonly limit?: number;
  /** `next` of the page before. */
  readonly token?: string;
  readonly signal?: AbortSignal;
}

export interface ListPage {
  readonly objects: readonly ObjectInfo[];
  /** Folded prefixes, each ending in the delimiter. */
  readonly prefixes: readonly string[];
  /** Token of the next page; undefined on the last one. */
  readonly next: string | undefined;
  /** The store's own clock when it answered, ms since the epoch: what LastModified is to be compared with. */
  readonly date: number;
}

export interface ReadOptions {
  /** Half-open byte range; the whole object unless told. Beyond the end it is clamped. */
  readonly start?: number;
  readonly end?: number;
  /** Fails with code `changed` when the object's etag is another by now. */
  readonly ifMatch?: string;
  readonly signal?: AbortSignal;
}

/** A streamed write: invisible until `close` resolves; `abort` leaves nothing behind. */
export interface ObjectWriter {
  write(chunk: Uint8Array): Promise<void>;
  close(): Promise<ObjectInfo>;
  abort(): Promise<void>;
}

/** An object that was opened once for many reads. */
export interface OpenObject {
  /** By what any thread of this process reads it until it is closed: see `store/file-open.ts`. */
  readonly file: number;
  read(start: number, end: number): Promise<Uint8Array>;
  /** Fails with code `changed` when the object was written to since it was opened. */
  close(): Promise<void>;
}

/** What a store has been asked for since it was opened; every attempt counts, a retried one too. */
export interface StoreCounters {
  /** LIST requests; on a file system directories read. */
  readonly list: number;
  readonly get: number;
  /** PUT requests, among them the parts, the start and the end of a multipart upload. */
  readonly put: number;
  readonly head: number;
  readonly delete: number;
  /** Attempts beyond a request's first one. */
  readonly retries: number;
  readonly readBytes: number;
  readonly writtenBytes: number;
}

export interface Store {
  /** The address without credentials, for messages. */
  readonly uri: string;
  /** Live figures: the same object for the store's whole life. */
  readonly counters?: StoreCounters;
  /** Undefined where there is no such object. */
  stat(key: string, signal?: AbortSignal): Promise<ObjectInfo | undefined>;
  /** Fails with code `not-found` or `changed`. */
  read(key: string, options?: ReadOptions): Promise<Uint8Array>;
  /** Only where reads of an open object are cheaper than others; undefined when no more can be open. Fails as `read` does. */
  open?(key: string, ifMatch: string): Promise<OpenObject | undefined>;
  list(options: ListOptions): Promise<ListPage>;
  createWriter(key: string, signal?: AbortSignal): Promise<ObjectWriter>;
  /** Overwrites in one step: a reader sees the old bytes or the new ones. */
  put(key: string, bytes: Uint8Array, signal?: AbortSignal): Promise<ObjectInfo>;
  /**
   * Creates the object unless its key is taken; atomic against every other writer. After a lost answer of our own it may
   * say `exists` for bytes that are ours: the caller reads back and compares.
   */
  putIfAbsent(key: string, bytes: Uint8Array, signal?: AbortSignal): Promise<'created' | 'exists'>;
  /** Deleting what is not there is no error. */
  delete(key: string, signal?: AbortSignal): Promise<void>;
  /**
   * Throws away what crashed writers left half-written under a prefix, if it was begun more than `olderThanMs` ago; gives
   * how many. Such remains are in no listing, but they take up room.
   */
  abortUnfinishedUploads?(prefix: string, olderThanMs: number, signal?: AbortSignal): Promise<number>;
  /** Releases sockets; the store is unusable afterwards. */
  close(): void;
}

/** All that is needed to open the same store in another thread; holds no credentials. */
export interface StoreConfig {
  /** `s3://bucket/prefix`, `file:path`, `file:///path`, or a plain path. */
  readonly uri: string;
  /** S3 only: a non-AWS endpoint, for example http://127.0.0.1:7070. */
  readonly endpoint?: string;
  readonly region?: string;
  /** S3 only: whether the SDK adds and checks its default checksums. `auto` = on for AWS, off for a custom endpoint. */
  readonly integrity?: 'auto' | 'on' | 'off';
}
