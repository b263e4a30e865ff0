/** A real store in front of which a test can crash: before a call takes effect, or after it did and before anybody learns of it. */
import type { ObjectWriter, Store } from '#src/store/store.js';

export type StoreOperation =
  | 'stat'
  | 'read'
  | 'list'
  | 'put'
  | 'putIfAbsent'
  | 'delete'
  | 'createWriter'
  | 'write'
  | 'close'
  | 'abort';

/**
 * Asked twice a call; throws to fail it. `index` counts calls from 0 over the wrapper's life, so that a test can go through
 * all of them one by one; `key` is a listing's prefix.
 */
export type FailureHook = (index: number, operation: StoreOperation, key: string, when: 'before' | 'after') => void;

/** The same store with a failpoint before and after every call, those of its writers included (`close` is a writer's). */
export function failingStore(inner: Store, hook: FailureHook): Store {
  let callCount = 0;
  const guard = async <T>(operation: StoreOperation, key: string, call: () => Promise<T>): Promise<T> => {
    const index = callCount++;
    hook(index, operation, key, 'before');
    const result = await call();
    hook(index, operation, key, 'after');
    return result;
  };
  const guardWriter = (key: string, writer: ObjectWriter): ObjectWriter => ({
    write: (chunk) => guard('write', key, () => writer.write(chunk)),
    close: () => guard('close', key, () => writer.close()),
    abort: () => guard('abort', key, () => writer.abort()),
  });
  return {
    uri: inner.uri,
    ...(inner.counters === undefined ? {} : { counters: inner.counters }),
    stat: (key, signal) => guard('stat', key, () => inner.stat(key, signal)),
    read: (key, options) => guard('read', key, () => inner.read(key, options)),
    list: (options) => guard('list', options.prefix, () => inner.list(options)),
    createWriter: (key, signal) =>
      guard('createWriter', key, async () => guardWriter(key, await inner.createWriter(key, signal))),
    put: (key, bytes, signal) => guard('put', key, () => inner.put(key, bytes, signal)),
    putIfAbsent: (key, bytes, signal) => guard('putIfAbsent', key, () => inner.putIfAbsent(key, bytes, signal)),
    delete: (key, signal) => guard('delete', key, () => inner.delete(key, signal)),
    ...(inner.abortUnfinishedUploads === undefined
      ? {}
      : {
          abortUnfinishedUploads: (prefix, olderThanMs, signal) =>
            inner.abortUnfinishedUploads!(prefix, olderThanMs, signal),
        }),
    close: () => inner.close(),
  };
}
