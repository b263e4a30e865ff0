/**
 * What one process remembers of an index between its runs. It only saves work: a run without it ends with the same
 * generation, and whatever it holds is either immutable under its name or listed anew in turn.
 */
import type { KillSet } from '../kills/resolve.js';
import type { Manifest } from '../manifest/manifest.js';
import { readNewer, readNewest } from '../manifest/newest.js';
import { KnownSource } from '../partition/known-source.js';
import type { Store } from '../store/store.js';
import type { RunContext } from './context.js';
import { LateBeyondBase } from './late-beyond-base.js';
import type { OpenedSegment } from './open-segments.js';
import type { PartRecord } from './part-record.js';

/** What a commit leaves for the work that follows it. */
export interface CommittedRun {
  readonly manifest: Manifest;
  readonly context: RunContext;
}

export class RunMemory {
  readonly source = new KnownSource();
  readonly lateBeyondBase = new LateBeyondBase();
  /** Open segments by name. */
  readonly segments = new Map<string, OpenedSegment>();
  /** Records of segments by their names. */
  readonly records = new Map<string, PartRecord>();
  /** Bytes a ms that merging segments has taken in. */
  mergeBytesPerMs: number | undefined;
  #manifest: Manifest | undefined;
  #kills: { readonly nonce: string; readonly set: KillSet } | undefined;
  #committed: CommittedRun | undefined;

  /** The newest manifest, read only where another one has come. */
  async newest(index: Store, signal: AbortSignal): Promise<Manifest | undefined> {
    const known = this.#manifest;
    this.#manifest = await (known === undefined ? readNewest(index, { signal }) : readNewer(index, known, signal));
    // Another writer has seen the source since: what was listed here before must not stand against what it has read.
    if (known !== undefined && this.#manifest?.nonce !== known.nonce) this.source.distrust();
    return this.#manifest;
  }

  /** The kills of a manifest, where this process has resolved them. */
  killsOf({ nonce }: Manifest): KillSet | undefined {
    return this.#kills?.nonce === nonce ? this.#kills.set : undefined;
  }

  /** The run that committed the newest manifest, if it was one of this process. */
  get committed(): CommittedRun | undefined {
    return this.#committed?.manifest === this.#manifest ? this.#committed : undefined;
  }

  /** Notes the generation that this process has committed, and lets go of what it does not name. */
  noteCommit(manifest: Manifest, context: RunContext, set: KillSet): void {
    this.#manifest = manifest;
    this.#committed = { manifest, context };
    this.#kills = { nonce: manifest.nonce, set };
    const named = new Set([...(manifest.base?.segments ?? []), ...manifest.delta.segments].map(({ name }) => name));
    for (const name of this.segments.keys()) if (!named.has(name)) this.segments.delete(name);
    const parts = new Set(manifest.coverage.partitions.map(({ part }) => part));
    for (const name of this.records.keys()) {
      if (!named.has(name) && !parts.has(name.slice(name.indexOf('/') + 1, -'.tms'.length))) this.records.delete(name);
    }
  }
}
