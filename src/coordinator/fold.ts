/** What a compaction folds into the base: a pure decision over one manifest. */

import type { CoveredPartition, Manifest } from '../manifest/manifest.js';
import type { CoverageRule } from '../partition/coverage.js';

export interface Fold {
  /** Covered partitions that go into the base, in order. */
  readonly fold: readonly CoveredPartition[];
  /** Those that stay in the delta. */
  readonly rest: readonly CoveredPartition[];
  /** Nothing after this instant is folded: a later try must not take more. */
  readonly upTo: number;
}

/** How far back late changes are looked for: partitions that young stay in the delta. */
export function spanOf(coverage: CoverageRule & { readonly spanMs?: number }): number {
  return coverage.spanMs ?? 0;
}

/**
 * Folds what is older than `latest - span`. A base's watermark says that all before it is in the base: so nothing is folded beyond a
 * partition that is still to be read, one that a rollback holds or whose data is bad.
 */
export function planFold(manifest: Manifest, spanMs: number, upTo = Number.POSITIVE_INFINITY): Fold {
  const { partitions, skipped } = manifest.coverage;
  const latest = partitions.at(-1)?.time ?? Number.NEGATIVE_INFINITY;
  const unread = skipped.filter(({ reason }) => reason === 'quarantined' || reason === 'held');
  const bound = Math.min(
    latest - spanMs,
    upTo,
    ...manifest.held.map(({ from }) => from ?? Number.NEGATIVE_INFINITY),
    ...unread.map(({ time }) => time - 1),
  );
  return {
    fold: partitions.filter(({ time }) => time <= bound),
    rest: partitions.filter(({ time }) => time > bound),
    upTo: bound,
  };
}
