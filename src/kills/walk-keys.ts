/** Walks the keys of small cursors in order and looks each one up in large ones. */
import { compareBytes } from '../base/bytes.js';
import type { KeyCursor } from './key-cursor.js';

/** Told of a key: `hits` are the cursors that stand on it, in no order. They must not be moved. */
export type VisitKey<Cursor> = (hits: readonly Cursor[]) => void | Promise<void>;

/**
 * Visits every distinct key of `walked` once, in byte order, with all cursors of either kind that have it. The cost
 * follows the walked keys, not the size of what the sought cursors lie in.
 */
export async function walkKeys<Cursor extends KeyCursor>(
  walked: readonly Cursor[],
  sought: readonly Cursor[],
  visit: VisitKey<Cursor>,
): Promise<void> {
  const heap = new CursorHeap<Cursor>();
  for (const cursor of walked) if (cursor.step() || (await cursor.load())) heap.push(cursor);
  while (heap.top !== undefined) {
    const { key } = heap.top;
    const hits = [heap.pop()];
    while (heap.top !== undefined && compareBytes(heap.top.key, key) === 0) hits.push(heap.pop());
    const walkedHits = hits.length;
    for (const cursor of sought) {
      const found = cursor.seek(key);
      // A promise only where bytes must be read: waiting for what is known costs more than the search.
      if (typeof found === 'boolean' ? found : await found) hits.push(cursor);
    }
    const pending = visit(hits);
    if (pending !== undefined) await pending;
    for (let i = 0; i < walkedHits; i++) {
      const cursor = hits[i]!;
      if (cursor.step() || (await cursor.load())) heap.push(cursor);
    }
  }
}

/** A binary heap of cursors, smallest key on top. */
class CursorHeap<Cursor extends KeyCursor> {
  readonly #cursors: Cursor[] = [];

  get top(): Cursor | undefined {
    return this.#cursors[0];
  }

  push(cursor: Cursor): void {
    const cursors = this.#cursors;
    let at = cursors.length;
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      if (compareBytes(cursors[parent]!.key, cursor.key) <= 0) break;
      cursors[at] = cursors[parent]!;
      at = parent;
    }
    cursors[at] = cursor;
  }

  /** Takes the top off; there must be one. */
  pop(): Cursor {
    const cursors = this.#cursors;
    const top = cursors[0]!;
    const last = cursors.pop()!;
    if (cursors.length === 0) return top;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= cursors.length) break;
      if (child + 1 < cursors.length && compareBytes(cursors[child + 1]!.key, cursors[child]!.key) < 0) child++;
      if (compareBytes(cursors[child]!.key, last.key) >= 0) break;
      cursors[at] = cursors[child]!;
      at = child;
    }
    cursors[at] = last;
    return top;
  }
}
