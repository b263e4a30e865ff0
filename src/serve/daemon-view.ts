/** What this room knows of the daemon that it speaks for: its own words, so that doors do not import each other. */
import type { StoreCounters } from '../store/store.js';

export interface IndexView {
  readonly name: string;
  readonly ticks: number;
  readonly hinted: number;
  readonly skipped: Readonly<Record<string, number>>;
  /** Runs by how they ended. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** ms since the last run that ended well; undefined before the first one. */
  readonly sinceGoodMs: number | undefined;
  readonly generation: number | undefined;
  /** ms since the epoch. */
  readonly watermark: number | undefined;
  /** Of the last commit, ms. */
  readonly freshnessMs: number | undefined;
  readonly live: number | undefined;
  /** Another daemon leads; this one dropped the index. */
  readonly isFenced: boolean;
  readonly stores: { readonly source: StoreCounters | undefined; readonly index: StoreCounters | undefined };
}

export interface DaemonView {
  /** Without a good run for longer an index is not ready. */
  readonly staleMs: number;
  readonly isDraining: boolean;
  readonly indexes: readonly IndexView[];
  /** Wakes an index, or all of them; gives the names. */
  wake(index: string | undefined): readonly string[];
}
