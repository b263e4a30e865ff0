/** Remembers the last thing loaded: slices of one row group are read one after another by the same thread. */

/** Larger things are loaded anew each time: a thread holds this much on top of what it works on. */
const MAX_KEPT_BYTES = 64 * 2 ** 20;

export interface KeepLast<T> {
  /** The kept value if it has this key, else a loaded one. A failed load is forgotten. */
  get(key: string, byteLength: number, load: () => Promise<T>): Promise<T>;
  clear(): void;
}

export function keepLast<T>(): KeepLast<T> {
  let kept: { readonly key: string; readonly value: Promise<T> } | undefined;
  return {
    get(key, byteLength, load) {
      if (kept?.key === key) return kept.value;
      const value = load();
      if (byteLength > MAX_KEPT_BYTES) return value;
      const entry = { key, value };
      kept = entry;
      value.catch(() => {
        if (kept === entry) kept = undefined;
      });
      return value;
    },
    clear() {
      kept = undefined;
    },
  };
}
