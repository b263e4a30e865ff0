/** Merged terms, range after range -> dictionary blocks and their index. Blocks of 64 terms do not care where ranges end. */

import type { Kernel } from '../kernel/kernel.js';

/** Pieces of two sections, in order. */
export interface EncodedDictionary {
  readonly terms: readonly Uint8Array[];
  readonly termIndex: readonly Uint8Array[];
}

export class DictionaryEncoder {
  private rest: Uint8Array = new Uint8Array(0);
  private readonly blocks: Uint8Array[] = [];
  private readonly index: Uint8Array[] = [];

  constructor(
    private readonly kernel: Kernel,
    private readonly text: boolean,
  ) {}

  /** Takes the next terms; those that do not fill a block wait for more. */
  add(merged: Uint8Array): void {
    this.encode(merged, false);
  }

  /** Closes the last block. */
  finish(): EncodedDictionary {
    this.encode(new Uint8Array(0), true);
    return { terms: this.blocks, termIndex: this.index };
  }

  private encode(merged: Uint8Array, last: boolean): void {
    const { call } = this.kernel;
    call.reset();
    const length = this.rest.length + merged.length;
    const at = call.alloc(length) >>> 0;
    const placed = this.kernel.view(at, length);
    placed.set(this.rest);
    placed.set(merged, this.rest.length);
    const closed = call.encodeTerms(at, length, this.text ? 1 : 0, last ? 1 : 0) >>> 0;
    const { out } = this.kernel;
    this.blocks.push(this.kernel.copyOut(out.at, closed));
    const index = call.termIndex.value >>> 0;
    this.index.push(this.kernel.copyOut(index, call.termIndexLength.value));
    this.rest = this.kernel.copyOut(out.at + closed, index - out.at - closed);
  }
}
