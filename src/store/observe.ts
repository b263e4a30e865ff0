/** A store that tells of its calls, one after the other as they end: for profiles. Stores are plain unless somebody listens. */
import { channel } from 'node:diagnostics_channel';
import { sharedUs } from '../base/time.js';
import type { RequestKind } from './counters.js';
import type { ListOptions, ListPage, ObjectInfo, ObjectWriter, ReadOptions, Store, StoreCounters } from './store.js';

/** Tells of every call that ended in this thread as a `StoreCall`. Heard by stores that are opened while somebody listens. */
export const storeCalls = channel('tidemark.store');

/** One call as its caller sees it: retries and the parts of an upload lie within it. µs on the clock that all threads share. */
export interface StoreCall {
  readonly kind: RequestKind;
  /** Object or prefix. */
  readonly key: string;
  /** Read or written. */
  readonly bytes: number;
  readonly startUs: number;
  readonly endUs: number;
  readonly failed: boolean;
}

function tell(kind: RequestKind, key: string, startUs: number, bytes: number, failed: boolean): void {
  storeCalls.publish({ kind, key, bytes, startUs, endUs: sharedUs(), failed } satisfies StoreCall);
}

async function told<T>(
  kind: RequestKind,
  key: string,
  call: () => Promise<T>,
  bytesOf?: (result: T) => number,
): Promise<T> {
  const startUs = sharedUs();
  try {
    const result = await call();
    tell(kind, key, startUs, bytesOf?.(result) ?? 0, false);
    return result;
  } catch (error) {
    tell(kind, key, startUs, 0, true);
    throw error;
  }
}

/** Wraps a store; what it answers is the inner store's answer. */
export class ObservedStore implements Store {
  readonly uri: string;
  readonly counters?: StoreCounters;
  readonly abortUnfinishedUploads?: Store['abortUnfinishedUploads'];
  readonly open?: Store['open'];

  constructor(private readonly inner: Store) {
    this.uri = inner.uri;
    if (inner.counters !== undefined) this.counters = inner.counters;
    if (inner.open !== undefined) this.open = inner.open.bind(inner);
    if (inner.abortUnfinishedUploads !== undefined) {
      this.abortUnfinishedUploads = inner.abortUnfinishedUploads.bind(inner);
    }
  }

  stat(key: string, signal?: AbortSignal): Promise<ObjectInfo | undefined> {
    return told('head', key, () => this.inner.stat(key, signal));
  }

  read(key: string, options?: ReadOptions): Promise<Uint8Array> {
    return told(
      'get',
      key,
      () => this.inner.read(key, options),
      ({ byteLength }) => byteLength,
    );
  }

  list(options: ListOptions): Promise<ListPage> {
    return told('list', options.prefix, () => this.inner.list(options));
  }

  async createWriter(key: string, signal?: AbortSignal): Promise<ObjectWriter> {
    const startUs = sharedUs();
    const writer = await this.inner.createWriter(key, signal);
    let bytes = 0;
    return {
      write(chunk) {
        bytes += chunk.byteLength;
        return writer.write(chunk);
      },
      async close() {
        try {
          const info = await writer.close();
          tell('put', key, startUs, bytes, false);
          return info;
        } catch (error) {
          tell('put', key, startUs, bytes, true);
          throw error;
        }
      },
      async abort() {
        await writer.abort();
        tell('put', key, startUs, bytes, true);
      },
    };
  }

  put(key: string, bytes: Uint8Array, signal?: AbortSignal): Promise<ObjectInfo> {
    return told(
      'put',
      key,
      () => this.inner.put(key, bytes, signal),
      () => bytes.byteLength,
    );
  }

  putIfAbsent(key: string, bytes: Uint8Array, signal?: AbortSignal): Promise<'created' | 'exists'> {
    return told(
      'put',
      key,
      () => this.inner.putIfAbsent(key, bytes, signal),
      () => bytes.byteLength,
    );
  }

  delete(key: string, signal?: AbortSignal): Promise<void> {
    return told('delete', key, () => this.inner.delete(key, signal));
  }

  close(): void {
    this.inner.close();
  }
}
