/** Where a task's results go: shared memory lent with the task, more where that is not enough. */

import type { Kernel } from '../kernel/kernel.js';

/** Buffers are made in multiples of this, so that the next result, a little larger, still fits. */
const STEP_BYTES = 4 * 1024 * 1024;
const ALIGN = 8;

export class Outbox {
  private readonly buffers: SharedArrayBuffer[];
  private readonly taken: number[];

  /** `lent` = buffers that nobody reads any more. */
  constructor(lent: readonly SharedArrayBuffer[]) {
    this.buffers = [...lent];
    this.taken = this.buffers.map(() => 0);
  }

  /** All buffers by now: they go along with the result, and come back with a later task. */
  get memory(): readonly SharedArrayBuffer[] {
    return this.buffers;
  }

  /** `length` bytes, 8-aligned, holding whatever an earlier result left there. */
  take(length: number): Uint8Array {
    let at = this.buffers.findIndex(({ byteLength }, i) => byteLength - this.taken[i]! >= length);
    if (at < 0) {
      at = this.buffers.length;
      this.buffers.push(new SharedArrayBuffer(Math.ceil(Math.max(1, length) / STEP_BYTES) * STEP_BYTES));
      this.taken.push(0);
    }
    const start = this.taken[at]!;
    this.taken[at] = Math.ceil((start + length) / ALIGN) * ALIGN;
    return new Uint8Array(this.buffers[at]!, start, length);
  }

  /** Copies bytes of the kernel's memory out. */
  copyOut(kernel: Kernel, at: number, length: number): Uint8Array {
    const out = this.take(length);
    out.set(kernel.view(at, length));
    return out;
  }
}
