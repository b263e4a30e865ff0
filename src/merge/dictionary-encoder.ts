/** Term entries, range after range -> dictionary blocks and their index. Blocks of 64 terms do not care where ranges end. */

import { concatBytes } from '../base/bytes.js';
import type { Kernel } from '../kernel/kernel.js';

export class DictionaryEncoder {
  private rest: Uint8Array = new Uint8Array(0);
  private readonly blocks: Uint8Array[] = [];
  private readonly index: Uint8Array[] = [];

  constructor(
    private readonly kernel: Kernel,
    private readonly text: boolean,
  ) {}

  /** Takes the next entries; those that do not fill a block wait for more. */
  add(entries: Uint8Array): void {
    this.encode(concatBytes([this.rest, entries]), false);
  }

  /** Closes the last block. */
  finish(): { readonly terms: Uint8Array; readonly termIndex: Uint8Array } {
    this.encode(this.rest, true);
    return { terms: concatBytes(this.blocks), termIndex: concatBytes(this.index) };
  }

  private encode(entries: Uint8Array, last: boolean): void {
    const { call } = this.kernel;
    call.reset();
    const at = this.kernel.copyIn(entries);
    const consumed = call.encodeTerms(at, entries.length, this.text ? 1 : 0, last ? 1 : 0) >>> 0;
    const { out } = this.kernel;
    this.blocks.push(this.kernel.copyOut(out.at, out.length));
    this.index.push(this.kernel.copyOut(call.termIndex.value, call.termIndexLength.value));
    this.rest = entries.slice(consumed);
  }
}
