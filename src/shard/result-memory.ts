/**
 * Shared memory that workers write results into, used again task after task and run after run: memory that is reset, not freed.
 * Fresh memory costs a page fault every 4 KiB at its first touch, and makes the garbage collector run for the sake of a few
 * large buffers; it was a tenth of a build's CPU time.
 */

import type { ResultKind } from './task.js';

/** Kept between tasks, all kinds together: results of a partition of 200,000 documents take 110 MB. What is beyond it is left to the collector. */
const MAX_KEPT_BYTES = 256 * 1024 * 1024;

export class ResultMemory {
  private readonly kept = new Map<ResultKind, SharedArrayBuffer[][]>();
  private keptBytes = 0;

  /** The buffers of an earlier result of this kind, to be written over. */
  lend(kind: ResultKind): readonly SharedArrayBuffer[] {
    const buffers = this.kept.get(kind)?.pop() ?? [];
    this.keptBytes -= bytesOf(buffers);
    return buffers;
  }

  /** Takes the buffers of a result that nobody reads any more. */
  takeBack(kind: ResultKind, buffers: readonly SharedArrayBuffer[]): void {
    const bytes = bytesOf(buffers);
    if (bytes === 0 || this.keptBytes + bytes > MAX_KEPT_BYTES) return;
    this.keptBytes += bytes;
    const lists = this.kept.get(kind);
    if (lists === undefined) this.kept.set(kind, [[...buffers]]);
    else lists.push([...buffers]);
  }
}

function bytesOf(buffers: readonly SharedArrayBuffer[]): number {
  return buffers.reduce((sum, { byteLength }) => sum + byteLength, 0);
}
