/** Sorted keys that are walked or sought forward, whatever they lie in. */

/**
 * A cursor over distinct keys in byte order. Reads are rare, so all that can be told from the bytes at hand is told without a
 * promise: millions of keys pass here.
 */
export interface KeyCursor {
  /** Current key; a view valid until the next move. */
  readonly key: Uint8Array;
  /** Rows that carry the current key, at least 1. */
  readonly count: number;
  /** Moves to the next key; false where more must be loaded first, or at the end. */
  step(): boolean;
  /** Reads on and moves to the next key; false at the end. */
  load(): Promise<boolean>;
  /**
   * Moves forward to the key; false where there is none. Keys must be asked for in order; a cursor is either stepped or
   * sought, never both.
   */
  seek(key: Uint8Array): boolean | Promise<boolean>;
}
