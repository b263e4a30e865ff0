/**
 * What one process remembers of an index between its runs. It only saves work: a run without it ends with the same
 * generation, and whatever it holds is either immutable under its name or listed anew in turn.
 */
import type { Manifest } from '../manifest/manifest.js';
import { readNewer, readNewest } from '../manifest/newest.js';
import { KnownSource } from '../partition/known-source.js';
import type { Store } from '../store/store.js';
import { LateBeyondBase } from './late-beyond-base.js';

export class RunMemory {
  readonly source = new KnownSource();
  readonly lateBeyondBase = new LateBeyondBase();
  #manifest: Manifest | undefined;

  /** The newest manifest, read only where another one has come. */
  async newest(index: Store, signal: AbortSignal): Promise<Manifest | undefined> {
    const known = this.#manifest;
    this.#manifest = await (known === undefined ? readNewest(index, { signal }) : readNewer(index, known, signal));
    return this.#manifest;
  }

  /** Notes the generation that this process has committed. */
  noteCommit(manifest: Manifest): void {
    this.#manifest = manifest;
  }
}
