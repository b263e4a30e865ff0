/** When a patch counts: its rank against that of the row whose field it would change. */
import { comparePatchRanks, type PatchRank } from '../segment/overlay.js';

/** How the patches of one source compete. */
export interface PatchRule {
  /** As the index's rows: by version first, or by partition first. */
  readonly replace: 'record' | 'group';
  /** Whether patches have a version; else their rank starts at the partition time, against rows too. */
  readonly versioned: boolean;
  /**
   * `wait`: a patch counts for whatever document of its id there is, one that came after it too. `count`: only for a document
   * whose row was there by the patch's partition.
   */
  readonly unknownId: 'wait' | 'count';
}

/**
 * Whether a patch stands in the place of the row's own value. At equal version and partition it does: it was made to change the
 * row. A newer full row brings its own value, and an older patch changes nothing.
 */
export function outranks(patch: PatchRank, row: PatchRank, { replace, versioned, unknownId }: PatchRule): boolean {
  const isThere = patch.partitionTime >= row.partitionTime;
  if (!versioned) return isThere;
  return comparePatchRanks(patch, row, replace) >= 0 && (isThere || unknownId === 'wait');
}
