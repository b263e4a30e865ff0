/** The order of rows: which of several rows of one id is the newest. */
import { compareKeys } from '../base/key-order.js';

/**
 * Rank of a row, highest field first. A row without a version ranks below every row with one; where the schema has no
 * version column no row has one, and rank starts at the partition time.
 */
export interface Rank {
  readonly version: bigint | undefined;
  /** ms since the epoch. */
  readonly partitionTime: number;
  /** Relative to the source; ordered by its UTF-8 bytes. */
  readonly objectKey: string;
  readonly rowGroup: number;
  readonly row: number;
}

/** Positive where `a` is the newer row; 0 only for one and the same row. */
export function compareRanks(a: Rank, b: Rank): number {
  return (
    compareVersions(a.version, b.version) ||
    a.partitionTime - b.partitionTime ||
    compareKeys(a.objectKey, b.objectKey) ||
    a.rowGroup - b.rowGroup ||
    a.row - b.row
  );
}

/** The order of deliveries' winners: partition time decides, rank only within one partition. */
export function compareDelivered(a: Rank, b: Rank): number {
  return a.partitionTime - b.partitionTime || compareRanks(a, b);
}

function compareVersions(a: bigint | undefined, b: bigint | undefined): number {
  if (a === b) return 0;
  if (a === undefined) return -1;
  if (b === undefined) return 1;
  return a < b ? -1 : 1;
}
