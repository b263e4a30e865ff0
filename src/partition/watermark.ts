/** The watermark: time of the newest committed partition. It only rises, except at a recorded rollback. */
import { assert } from '../base/errors.js';

/** The watermark after a commit whose newest partition is `latest`; a late partition leaves it where it is. */
export function advanceWatermark(current: number | undefined, latest: number): number {
  return current === undefined ? latest : Math.max(current, latest);
}

/** States the rule between two neighbouring manifests; `rolledBackFrom` is the generation a rollback left behind. */
export function requireMonotone(
  before: { readonly watermark: number | undefined },
  after: { readonly watermark: number | undefined; readonly rolledBackFrom?: number | undefined },
): void {
  if (after.rolledBackFrom !== undefined || before.watermark === undefined) return;
  assert(after.watermark !== undefined && after.watermark >= before.watermark, 'a watermark falls only at a rollback');
}
