/**
 * A `Store` in memory that keeps every promise of the interface: byte order, paging, folding, start-after, etags,
 * conditional creates, writers that show nothing before `close`. It counts calls, so that tests can bound them.
 */
import { TidemarkError } from '#src/base/errors.js';
import type { ListOptions, ListPage, ObjectInfo, ObjectWriter, ReadOptions, Store } from '#src/store/store.js';

/** As on S3: a page never holds more, whatever `limit` says. */
const MAX_PAGE = 1_000;

interface Entry {
  readonly bytes: Uint8Array;
  readonly info: ObjectInfo;
}

/** How often each kind of request was made. */
export interface StoreCalls {
  stat: number;
  read: number;
  list: number;
  put: number;
  delete: number;
}

const compareUtf8 = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

export class MemoryStore implements Store {
  readonly uri: string;
  readonly calls: StoreCalls = { stat: 0, read: 0, list: 0, put: 0, delete: 0 };
  readonly #now: () => number;
  readonly #entries = new Map<string, Entry>();
  #sortedKeys: string[] | undefined;
  #revision = 0;

  /** `clock.now` stamps LastModified and the listing's date: what a test sets is what the store says. */
  constructor(clock: { now(): number }, uri = 'memory:test') {
    this.uri = uri;
    this.#now = () => clock.now();
  }

  async stat(key: string, signal?: AbortSignal): Promise<ObjectInfo | undefined> {
    signal?.throwIfAborted();
    this.calls.stat++;
    return this.#entries.get(key)?.info;
  }

  async read(key: string, options: ReadOptions = {}): Promise<Uint8Array> {
    options.signal?.throwIfAborted();
    this.calls.read++;
    const entry = this.#entries.get(key);
    if (entry === undefined)
      throw new TidemarkError('not-found', 'there is no such object', { where: { object: key } });
    if (options.ifMatch !== undefined && options.ifMatch !== entry.info.etag) {
      throw new TidemarkError('changed', 'the object was rewritten', { where: { object: key } });
    }
    return entry.bytes.slice(options.start ?? 0, options.end);
  }

  async list(options: ListOptions): Promise<ListPage> {
    options.signal?.throwIfAborted();
    this.calls.list++;
    const keys = this.#keys();
    const limit = Math.min(options.limit ?? MAX_PAGE, MAX_PAGE);
    const after = options.token ?? options.startAfter ?? '';
    const objects: ObjectInfo[] = [];
    const prefixes: string[] = [];
    // Keys under a prefix stand together, so the walk starts at the later of the two and ends at the first stranger.
    const start = Math.max(firstAfter(keys, after), firstFrom(keys, options.prefix));
    let last = after;
    for (let i = start; i < keys.length && keys[i]!.startsWith(options.prefix); i++) {
      // The token is the last key used up, a folder's last one included: so no folder is told twice.
      if (objects.length + prefixes.length === limit) return { objects, prefixes, next: last, date: this.#now() };
      const key = keys[i]!;
      const folder = folderOf(key, options);
      if (folder === undefined) {
        objects.push(this.#entries.get(key)!.info);
      } else {
        prefixes.push(folder);
        i = firstFrom(keys, `${folder.slice(0, -1)}0`) - 1; // '0' is the byte behind '/': past all its keys
      }
      last = keys[i]!;
    }
    return { objects, prefixes, next: undefined, date: this.#now() };
  }

  async createWriter(key: string, signal?: AbortSignal): Promise<ObjectWriter> {
    signal?.throwIfAborted();
    const chunks: Uint8Array[] = [];
    let done = false;
    return {
      write: async (chunk) => {
        if (done) throw new TidemarkError('internal', 'write after close');
        chunks.push(chunk.slice());
      },
      close: async () => {
        signal?.throwIfAborted();
        done = true;
        return this.put(key, Buffer.concat(chunks));
      },
      abort: async () => {
        done = true;
        chunks.length = 0;
      },
    };
  }

  async put(key: string, bytes: Uint8Array, signal?: AbortSignal): Promise<ObjectInfo> {
    signal?.throwIfAborted();
    this.calls.put++;
    const info: ObjectInfo = {
      key,
      size: bytes.byteLength,
      etag: `"${++this.#revision}"`,
      lastModified: this.#now(),
    };
    if (!this.#entries.has(key) && this.#sortedKeys !== undefined) {
      this.#sortedKeys.splice(firstFrom(this.#sortedKeys, key), 0, key);
    }
    this.#entries.set(key, { bytes: bytes.slice(), info });
    return info;
  }

  async putIfAbsent(key: string, bytes: Uint8Array, signal?: AbortSignal): Promise<'created' | 'exists'> {
    if (this.#entries.has(key)) {
      this.calls.put++;
      return 'exists';
    }
    await this.put(key, bytes, signal);
    return 'created';
  }

  async delete(key: string, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    this.calls.delete++;
    if (this.#entries.delete(key) && this.#sortedKeys !== undefined) {
      this.#sortedKeys.splice(firstFrom(this.#sortedKeys, key), 1);
    }
  }

  close(): void {}

  #keys(): string[] {
    this.#sortedKeys ??= [...this.#entries.keys()].sort(compareUtf8);
    return this.#sortedKeys;
  }
}

/** Index of the first key that `isBehind` says yes to; every later one does too. */
function lowerBound(keys: readonly string[], isBehind: (key: string) => boolean): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBehind(keys[middle]!)) high = middle;
    else low = middle + 1;
  }
  return low;
}

const firstAfter = (keys: readonly string[], text: string): number =>
  lowerBound(keys, (key) => compareUtf8(key, text) > 0);

const firstFrom = (keys: readonly string[], text: string): number =>
  lowerBound(keys, (key) => compareUtf8(key, text) >= 0);

/** The folder a key folds into, or undefined where it stands for itself. */
function folderOf(key: string, options: ListOptions): string | undefined {
  if (options.delimiter === undefined) return undefined;
  const end = key.indexOf(options.delimiter, options.prefix.length);
  return end < 0 ? undefined : key.slice(0, end + 1);
}
