/** Records of the parts that a manifest covers. */

import { type ErrorWhere, TidemarkError } from '../base/errors.js';
import { toIso } from '../base/time.js';
import type { CoveredPartition } from '../manifest/manifest.js';
import { partKey } from '../manifest/names.js';
import type { Store } from '../store/store.js';
import { type PartRecord, readPartRecord } from './part-record.js';

/** In the partitions' order; fails with code `corrupt` where one is gone, since leaving it out would lose its documents. */
export async function readCoveredParts(index: Store, covered: readonly CoveredPartition[]): Promise<PartRecord[]> {
  const records: PartRecord[] = [];
  for (const { time, part } of covered) {
    const key = partKey(part);
    const record = await readPartRecord(index, key);
    const where: ErrorWhere = { partition: toIso(time), object: key };
    if (record === undefined) {
      throw new TidemarkError('corrupt', 'the part of a covered partition is not there', {
        where,
        fix: 'let the daemon commit once more, which builds it anew from the source',
      });
    }
    records.push(record);
  }
  return records;
}
