/** Real stores under a virtual day: requests pass a gate first, listings tell the times of the day, and commits are told of. */
import type { ListOptions, ListPage, ObjectInfo, ObjectWriter, ReadOptions, Store } from '../store/store.js';

export interface ReplayHooks {
  /** Before every request; fails where the day says so. */
  readonly enter: () => Promise<void>;
  /** LastModified of an object by the day's clock; that of the store where undefined. */
  readonly modifiedOf?: (key: string) => number | undefined;
  /** Before an object is created under condition. */
  readonly beforeCreate?: (key: string, bytes: Uint8Array) => Promise<void>;
  /** Once it was. */
  readonly created?: (key: string) => void;
}

export class ReplayStore implements Store {
  readonly uri: string;

  constructor(
    private readonly store: Store,
    private readonly hooks: ReplayHooks,
  ) {
    this.uri = store.uri;
  }

  async stat(key: string, signal?: AbortSignal): Promise<ObjectInfo | undefined> {
    await this.hooks.enter();
    const info = await this.store.stat(key, signal);
    return info === undefined ? undefined : this.dated(info);
  }

  async read(key: string, options?: ReadOptions): Promise<Uint8Array> {
    await this.hooks.enter();
    return this.store.read(key, options);
  }

  async list(options: ListOptions): Promise<ListPage> {
    await this.hooks.enter();
    const page = await this.store.list(options);
    return { ...page, objects: page.objects.map((info) => this.dated(info)) };
  }

  async createWriter(key: string, signal?: AbortSignal): Promise<ObjectWriter> {
    await this.hooks.enter();
    return this.store.createWriter(key, signal);
  }

  async put(key: string, bytes: Uint8Array, signal?: AbortSignal): Promise<ObjectInfo> {
    await this.hooks.enter();
    return this.store.put(key, bytes, signal);
  }

  async putIfAbsent(key: string, bytes: Uint8Array, signal?: AbortSignal): Promise<'created' | 'exists'> {
    await this.hooks.enter();
    await this.hooks.beforeCreate?.(key, bytes);
    const result = await this.store.putIfAbsent(key, bytes, signal);
    if (result === 'created') this.hooks.created?.(key);
    return result;
  }

  async delete(key: string, signal?: AbortSignal): Promise<void> {
    await this.hooks.enter();
    return this.store.delete(key, signal);
  }

  /** Whoever opened the store beneath closes it. */
  close(): void {}

  private dated(info: ObjectInfo): ObjectInfo {
    return { ...info, lastModified: this.hooks.modifiedOf?.(info.key) ?? info.lastModified };
  }
}
