/** Tombstones of one segment as a key cursor. */
import { compareBytes } from '../base/bytes.js';
import type { KeyCursor } from './key-cursor.js';
import { groupTombstones, idTombstones, type SegmentRows, type TombstoneRow } from './segment-rows.js';

export class TombstoneCursor implements KeyCursor {
  readonly kind = 'tombstones';
  /** Rows [start, end) carry the current key. */
  #start = 0;
  #end = 0;

  private constructor(
    readonly segment: SegmentRows,
    private readonly tombstones: readonly TombstoneRow[],
    private readonly keyOf: (row: TombstoneRow) => Uint8Array,
  ) {}

  static byId(segment: SegmentRows): TombstoneCursor {
    return new TombstoneCursor(segment, idTombstones(segment), ({ entry }) => entry.id!);
  }

  static byGroup(segment: SegmentRows): TombstoneCursor {
    return new TombstoneCursor(segment, groupTombstones(segment), ({ entry }) => entry.group!);
  }

  get key(): Uint8Array {
    return this.keyOf(this.tombstones[this.#start]!);
  }

  get count(): number {
    return this.#end - this.#start;
  }

  /** Tombstones of the current key. */
  rows(): readonly TombstoneRow[] {
    return this.tombstones.slice(this.#start, this.#end);
  }

  step(): boolean {
    this.#start = this.#end;
    if (this.#start === this.tombstones.length) return false;
    const { key } = this;
    do this.#end++;
    while (this.#end < this.tombstones.length && compareBytes(this.keyOf(this.tombstones[this.#end]!), key) === 0);
    return true;
  }

  async load(): Promise<boolean> {
    return false;
  }

  seek(key: Uint8Array): boolean {
    if (this.#end === 0) this.step();
    while (this.#start < this.tombstones.length) {
      const order = compareBytes(this.key, key);
      if (order >= 0) return order === 0;
      this.step();
    }
    return false;
  }
}
