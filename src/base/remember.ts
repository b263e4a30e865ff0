/** What a map must have to remember values by their keys: a `Map` or a `WeakMap`. */
interface Memory<K, T> {
  get(key: K): Promise<T> | undefined;
  set(key: K, value: Promise<T>): unknown;
  delete(key: K): boolean;
}

/** Makes a value once a key; whoever asks meanwhile waits for the same one. A failure is not remembered: the next call tries again. */
export function remember<K, T>(known: Memory<K, T>, key: K, make: () => Promise<T>): Promise<T> {
  let value = known.get(key);
  if (value === undefined) {
    value = make();
    known.set(key, value);
    value.catch(() => known.delete(key));
  }
  return value;
}
