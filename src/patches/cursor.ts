/** The ids of a patch part as a key cursor. */
import { compareBytes } from '../base/bytes.js';
import type { KeyCursor } from '../kills/key-cursor.js';
import type { PatchRank } from '../segment/overlay.js';
import type { PatchPart } from '../segment/patch-part.js';

export class PatchCursor implements KeyCursor {
  readonly kind = 'patches';
  /** Rows [start, end) are those of the current id, the highest rank first. */
  start = 0;
  end = 0;

  constructor(readonly part: PatchPart) {}

  get key(): Uint8Array {
    return this.part.ids[this.start]!;
  }

  get count(): number {
    return this.end - this.start;
  }

  step(): boolean {
    const { ids, rows } = this.part;
    this.start = this.end;
    if (this.start === rows) return false;
    const { key } = this;
    do this.end++;
    while (this.end < rows && compareBytes(ids[this.end]!, key) === 0);
    return true;
  }

  async load(): Promise<boolean> {
    return false;
  }

  seek(key: Uint8Array): boolean {
    if (this.end === 0) this.step();
    while (this.start < this.part.rows) {
      const order = compareBytes(this.key, key);
      if (order >= 0) return order === 0;
      this.step();
    }
    return false;
  }

  /** Rank of a row of the part. */
  rankOf(at: number): PatchRank {
    const { versions, sources, source } = this.part;
    return { version: versions[at], partitionTime: sources[source[at]!]!.partitionTime };
  }
}
