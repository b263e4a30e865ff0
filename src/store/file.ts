/**
 * A store over a directory. A key is the path of a file below the root.
 *
 * Every object is written aside, synced, and then put under its name in one step: `rename` replaces, `link` creates only
 * where nothing is. So a reader, a crash or a second writer sees whole objects only, and exactly one of many `putIfAbsent`
 * wins. Files under way lie in one folder below the root, on the same file system, in no listing.
 *
 * The etag is (inode, size, mtime). It tells every rewrite made through a store; a foreign tool that rewrites a file in place
 * with the same length inside one tick of the file system's clock (1-4 ms) goes unseen.
 */
import { randomUUID } from 'node:crypto';
import { type FileHandle, link, mkdir, open, readdir, rename, rmdir, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { TidemarkError } from '../base/errors.js';
import { type Clock, systemClock } from '../base/time.js';
import { type MutableCounters, newCounters } from './counters.js';
import { fileError, isMissing, systemCode } from './file-errors.js';
import { listTree, type TreeEntry } from './file-listing.js';
import { openFileObject } from './file-open.js';
import { parseFileUri } from './file-path.js';
import { BufferedFile } from './file-writer.js';
import { requireKey } from './key.js';
import type { ListOptions, ListPage, ObjectInfo, ObjectWriter, OpenObject, ReadOptions, Store } from './store.js';

/** Holds files under way; names that start so are no keys and in no listing. */
const ASIDE_PREFIX = '.tmp-';
const ASIDE_FOLDER = `${ASIDE_PREFIX}tidemark`;

/** Of an encoded key in the name of a file under way: 255 bytes a name may have, less the 37 of the random part. */
const ASIDE_KEY_CHARS = 200;

const UUID_CHARS = 36;

/** One read call: long enough to be worth its trip, short enough that an abort is noticed within some 10 ms. */
const READ_BYTES = 16 << 20;

/** How often a folder may vanish between making it and using it: each time means that another writer deleted its last object. */
const MAX_FOLDER_RACES = 20;

/** Opens a directory as a store; it need not exist before the first write. */
export function openFileStore(uriOrPath: string, clock: Clock = systemClock): Store {
  return new FileStore(parseFileUri(uriOrPath), clock);
}

interface FileStats {
  readonly ino: bigint;
  readonly size: bigint;
  readonly mtimeNs: bigint;
}

function infoOf(key: string, { ino, size, mtimeNs }: FileStats): ObjectInfo {
  const etag = `"${ino.toString(36)}-${size.toString(36)}-${mtimeNs.toString(36)}"`;
  return { key, size: Number(size), etag, lastModified: Number(mtimeNs / 1_000_000n) };
}

/** A file under way. */
interface Aside {
  readonly path: string;
  readonly handle: FileHandle;
  readonly file: BufferedFile;
}

class FileStore implements Store {
  readonly uri: string;
  readonly counters: MutableCounters = newCounters();
  readonly #root: string;
  readonly #clock: Clock;

  constructor(root: string, clock: Clock) {
    this.#root = root;
    this.uri = `file:${root}`;
    this.#clock = clock;
  }

  async stat(key: string, signal?: AbortSignal): Promise<ObjectInfo | undefined> {
    signal?.throwIfAborted();
    const path = this.#pathOf(key);
    this.counters.head++;
    return this.#stat(key, path);
  }

  async read(key: string, options: ReadOptions = {}): Promise<Uint8Array> {
    options.signal?.throwIfAborted();
    const path = this.#pathOf(key);
    this.counters.get++;
    const handle = await open(path, 'r').catch((error) => {
      if (isMissing(error)) throw this.#notFound(key);
      throw this.#failure(error, 'open an object', key);
    });
    try {
      const bytes = await this.#readOpen(key, handle, options);
      this.counters.readBytes += bytes.length;
      return bytes;
    } catch (error) {
      options.signal?.throwIfAborted();
      throw this.#failure(error, 'read an object', key);
    } finally {
      await handle.close();
    }
  }

  async open(key: string, ifMatch: string): Promise<OpenObject | undefined> {
    const path = this.#pathOf(key);
    this.counters.get++;
    try {
      const etagOf = async (file: FileHandle) => infoOf(key, await file.stat({ bigint: true })).etag;
      return await openFileObject(await open(path, 'r'), ifMatch, { etagOf, changed: () => this.#changed(key) });
    } catch (error) {
      if (systemCode(error) === 'EMFILE') return undefined;
      throw isMissing(error) ? this.#notFound(key) : this.#failure(error, 'open an object', key);
    }
  }

  async list(options: ListOptions): Promise<ListPage> {
    const date = this.#clock.now();
    try {
      const page = await listTree(
        {
          readDirectory: (folder) => this.#readDirectory(folder),
          stat: (key) => this.#stat(key, join(this.#root, key)),
        },
        options,
      );
      return { ...page, date };
    } catch (error) {
      options.signal?.throwIfAborted();
      throw this.#failure(error, 'list a folder', options.prefix);
    }
  }

  async createWriter(key: string, signal?: AbortSignal): Promise<ObjectWriter> {
    signal?.throwIfAborted();
    const path = this.#pathOf(key);
    const aside = await this.#openAside(key);
    let isOpen = true;
    const abort = async () => {
      if (!isOpen) return;
      isOpen = false;
      await this.#dropAside(aside);
    };
    const step = async <T>(work: () => Promise<T>): Promise<T> => {
      if (!isOpen) throw new TidemarkError('internal', 'a writer was used after its end', { where: { object: key } });
      try {
        signal?.throwIfAborted();
        return await work();
      } catch (error) {
        await abort();
        signal?.throwIfAborted();
        throw this.#failure(error, 'write an object', key);
      }
    };
    const close = async () => {
      const info = await this.#sealAside(key, aside);
      await this.#publish(path, () => rename(aside.path, path));
      isOpen = false;
      this.counters.put++;
      return info;
    };
    return { write: (chunk) => step(() => aside.file.write(chunk)), close: () => step(close), abort };
  }

  async put(key: string, bytes: Uint8Array, signal?: AbortSignal): Promise<ObjectInfo> {
    const writer = await this.createWriter(key, signal);
    await writer.write(bytes);
    return writer.close();
  }

  async putIfAbsent(key: string, bytes: Uint8Array, signal?: AbortSignal): Promise<'created' | 'exists'> {
    signal?.throwIfAborted();
    const path = this.#pathOf(key);
    this.counters.put++;
    // Saves the write where the name is taken already; the link below is what decides.
    if ((await this.#stat(key, path)) !== undefined) return 'exists';
    const aside = await this.#openAside(key);
    try {
      await aside.file.write(bytes);
      await this.#sealAside(key, aside);
      signal?.throwIfAborted();
      await this.#publish(path, () => link(aside.path, path));
      return 'created';
    } catch (error) {
      signal?.throwIfAborted();
      if (systemCode(error) === 'EEXIST' && (await this.#stat(key, path)) !== undefined) return 'exists';
      throw this.#failure(error, 'create an object', key);
    } finally {
      await this.#dropAside(aside);
    }
  }

  async delete(key: string, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const path = this.#pathOf(key);
    this.counters.delete++;
    try {
      await unlink(path);
    } catch (error) {
      // A folder is no object, so there is nothing to delete.
      if (isMissing(error) || systemCode(error) === 'EISDIR') return;
      throw this.#failure(error, 'delete an object', key);
    }
    await this.#removeEmptyFolders(dirname(path));
  }

  /** Removes files under way that nobody has written to for that long; a living writer touches its file with every MiB. */
  async abortUnfinishedUploads(prefix: string, olderThanMs: number, signal?: AbortSignal): Promise<number> {
    const folder = join(this.#root, ASIDE_FOLDER);
    const wanted = encodeURIComponent(prefix).slice(0, ASIDE_KEY_CHARS);
    const before = this.#clock.now() - olderThanMs;
    let removedCount = 0;
    try {
      for (const name of await namesIn(folder)) {
        signal?.throwIfAborted();
        const path = join(folder, name);
        const stats = await statIfAny(path);
        if (!name.slice(UUID_CHARS + 1).startsWith(wanted) || stats === undefined || stats.mtimeMs >= before) continue;
        await unlink(path);
        removedCount++;
      }
    } catch (error) {
      signal?.throwIfAborted();
      throw this.#failure(error, 'remove unfinished writes', prefix);
    }
    return removedCount;
  }

  close(): void {}

  #pathOf(key: string): string {
    requireKey(key);
    if (key.split('/').some((name) => name.startsWith(ASIDE_PREFIX))) {
      throw new TidemarkError('store', `names that start with '${ASIDE_PREFIX}' are kept for files under way`, {
        where: { store: this.uri, object: key },
        fix: 'choose another name',
      });
    }
    return join(this.#root, key);
  }

  async #stat(key: string, path: string): Promise<ObjectInfo | undefined> {
    try {
      const stats = await statIfAny(path);
      return stats?.isFile() ? infoOf(key, stats) : undefined;
    } catch (error) {
      throw this.#failure(error, 'look at an object', key);
    }
  }

  /** The identity is taken before and after: bytes read while another program rewrote the file are never handed out. */
  async #readOpen(key: string, handle: FileHandle, options: ReadOptions): Promise<Uint8Array> {
    const stats = await handle.stat({ bigint: true });
    if (!stats.isFile()) throw this.#notFound(key);
    const { etag, size } = infoOf(key, stats);
    if (options.ifMatch !== undefined && options.ifMatch !== etag) throw this.#changed(key);
    const start = Math.min(options.start ?? 0, size);
    const end = Math.min(options.end ?? size, size);
    const bytes = new Uint8Array(Math.max(0, end - start));
    for (let at = 0; at < bytes.length; ) {
      options.signal?.throwIfAborted();
      const { bytesRead } = await handle.read(bytes, at, Math.min(bytes.length - at, READ_BYTES), start + at);
      if (bytesRead === 0) throw this.#changed(key);
      at += bytesRead;
    }
    if (infoOf(key, await handle.stat({ bigint: true })).etag !== etag) throw this.#changed(key);
    return bytes;
  }

  async #readDirectory(folder: string): Promise<TreeEntry[]> {
    this.counters.list++;
    const path = join(this.#root, folder);
    const entries = await readdir(path, { withFileTypes: true }).catch((error) => {
      if (isMissing(error)) return [];
      throw error;
    });
    const found: TreeEntry[] = [];
    for (const entry of entries) {
      if (entry.name.startsWith(ASIDE_PREFIX)) continue;
      // Links are followed; other kinds (sockets, pipes, devices) hold no bytes of ours.
      const kind = entry.isSymbolicLink() ? await statIfAny(join(path, entry.name)) : entry;
      if (kind?.isDirectory()) found.push({ name: entry.name, isDirectory: true });
      else if (kind?.isFile()) found.push({ name: entry.name, isDirectory: false });
    }
    return found;
  }

  async #openAside(key: string): Promise<Aside> {
    const folder = join(this.#root, ASIDE_FOLDER);
    const name = `${randomUUID()}~${encodeURIComponent(key).slice(0, ASIDE_KEY_CHARS)}`;
    try {
      await mkdir(folder, { recursive: true });
      const handle = await open(join(folder, name), 'wx');
      return { path: join(folder, name), handle, file: new BufferedFile(handle) };
    } catch (error) {
      throw this.#failure(error, 'begin an object', key);
    }
  }

  /** All bytes durable; a rename or a link changes none of what the etag is made of. */
  async #sealAside(key: string, aside: Aside): Promise<ObjectInfo> {
    await aside.file.flush();
    await aside.handle.sync();
    const info = infoOf(key, await aside.handle.stat({ bigint: true }));
    await aside.handle.close();
    this.counters.writtenBytes += info.size;
    return info;
  }

  async #dropAside(aside: Aside): Promise<void> {
    // Whatever goes wrong here, the failure that led here is the one to tell; remains are swept later.
    await aside.handle.close().catch(() => undefined);
    await unlink(aside.path).catch(() => undefined);
  }

  /** Puts a sealed file under its name and makes the name durable, and those of all folders made on the way. */
  async #publish(path: string, putInPlace: () => Promise<void>): Promise<void> {
    const folder = dirname(path);
    for (let race = 0; ; race++) {
      try {
        const firstMade = await mkdir(folder, { recursive: true });
        await putInPlace();
        return await syncFolders(folder, firstMade === undefined ? folder : dirname(firstMade));
      } catch (error) {
        // Another writer deleted the last object in there, and the folder with it.
        if (systemCode(error) !== 'ENOENT' || race === MAX_FOLDER_RACES) throw error;
      }
    }
  }

  /** As on S3, a folder is there as long as something is in it. Not synced: an empty folder after a crash does no harm. */
  async #removeEmptyFolders(from: string): Promise<void> {
    for (let folder = from; folder.length > this.#root.length; folder = dirname(folder)) {
      const isRemoved = await rmdir(folder).then(
        () => true,
        () => false,
      );
      if (!isRemoved) return;
    }
  }

  #failure(error: unknown, doing: string, key: string): TidemarkError {
    return fileError(error, doing, { store: this.uri, object: key });
  }

  #notFound(key: string): TidemarkError {
    return new TidemarkError('not-found', 'there is no such object', { where: { store: this.uri, object: key } });
  }

  #changed(key: string): TidemarkError {
    return new TidemarkError('changed', 'the object was rewritten since it was listed', {
      where: { store: this.uri, object: key },
      fix: 'list it again and read the new revision',
    });
  }
}

async function statIfAny(path: string) {
  return stat(path, { bigint: true }).catch((error) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch((error) => {
    if (isMissing(error)) return [];
    throw error;
  });
}

/** Syncs a folder and those above it up to `top`: a new name is durable once the folder that holds it is. */
async function syncFolders(folder: string, top: string): Promise<void> {
  for (let at = folder; at.length >= top.length; at = dirname(at)) {
    const handle = await openIfAny(at);
    // Gone means that the object in it was deleted again by now: nothing is left to make durable.
    if (handle === undefined) continue;
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  }
}

async function openIfAny(path: string): Promise<FileHandle | undefined> {
  return open(path, 'r').catch((error) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
}
