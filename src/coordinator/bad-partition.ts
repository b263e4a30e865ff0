/** When rejected rows make a whole partition bad. */

import { TidemarkError } from '../base/errors.js';
import { toIso } from '../base/time.js';
import type { RejectedRow } from '../shard/task.js';
import type { PinnedPartition } from './build-part.js';

/** Fails with `bad-data` where more than `maxRatio` of the rows are rejects. */
export function refuseRejects(
  partition: PinnedPartition,
  rejects: readonly RejectedRow[],
  rows: number,
  maxRatio: number,
): void {
  if (rejects.length <= rows * maxRatio) return;
  const first = rejects[0]!;
  const share = ((100 * rejects.length) / rows).toFixed(1);
  throw new TidemarkError(
    'bad-data',
    `${rejects.length} of ${rows} rows (${share} %) cannot be indexed, more than build.maxRejectRatio allows; the first: ${first.reason}`,
    {
      where: {
        partition: toIso(partition.time),
        object: partition.objects[first.object]!.key,
        'row group': first.rowGroup,
        row: first.row,
      },
      fix: 'repair the rows, or raise build.maxRejectRatio; the ledger under rejects/ lists every one of them',
    },
  );
}
