/** What an explanation looks at: one generation of an index, and the source where a configuration names it. */
import type { Clock } from '../base/time.js';
import type { SourceSettings } from '../coordinator/settings.js';
import type { Manifest } from '../manifest/manifest.js';
import { openSnapshot, type Snapshot } from '../search/snapshot.js';
import type { Store } from '../store/store.js';

/** Where partitions come from. */
export interface ExplainSource {
  readonly store: Store;
  readonly settings: SourceSettings;
  readonly idColumn: string;
}

export interface Explained {
  readonly index: Store;
  readonly manifest: Manifest;
  readonly source: ExplainSource | undefined;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** The generation's segments; opened when asked for. */
  snapshot(): Promise<Snapshot>;
}

export async function openExplain(
  index: Store,
  manifest: Manifest,
  source: ExplainSource | undefined,
  clock: Clock,
  signal: AbortSignal,
): Promise<Explained> {
  let snapshot: Promise<Snapshot> | undefined;
  return {
    index,
    manifest,
    source,
    clock,
    signal,
    snapshot: () => {
      snapshot ??= openSnapshot(index, manifest);
      return snapshot;
    },
  };
}
