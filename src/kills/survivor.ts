/**
 * Which document of an id stays. Both rules are statements about a set of rows, never about the order in which segments or
 * partitions arrived: one by one, in jumps or at once, the same documents stay.
 */
import { compareDelivered, compareRanks, type Rank } from './rank.js';

/** What a schema says replaces what. */
export type Replace = 'record' | 'group';

/** One row of an id: a document or a tombstone. */
export interface IdRow extends Rank {
  readonly isTombstone: boolean;
  /** The same number = the same group; -1 = none. */
  readonly group: number;
}

/** The one document among all rows of an id that its own rows let stay; undefined where the id is deleted. */
export function survivorOf<Row extends IdRow>(rows: readonly Row[], replace: Replace): Row | undefined {
  return replace === 'record' ? newestRow(rows) : newestDelivered(rows);
}

/** `replace: record`: the highest rank of all wins; where that is a tombstone no document stays. */
function newestRow<Row extends IdRow>(rows: readonly Row[]): Row | undefined {
  const winner = highest(rows, compareRanks);
  return winner?.isTombstone === true ? undefined : winner;
}

/**
 * `replace: group`: within a delivery (group, partition) the highest rank wins, and a tombstone that wins leaves the id
 * absent there. Of the deliveries' winners the latest delivered one stays: one of another group has moved there, an
 * older one of the same group went when the group was delivered again. Whether the survivor's own group was delivered
 * again without it is not for the id's rows to tell: see `supersedeGroups`.
 */
function newestDelivered<Row extends IdRow>(rows: readonly Row[]): Row | undefined {
  const deliveries = new Map<string, Row[]>();
  for (const row of rows) {
    const key = `${row.group} ${row.partitionTime}`;
    const delivery = deliveries.get(key);
    if (delivery === undefined) deliveries.set(key, [row]);
    else delivery.push(row);
  }
  const winners = [...deliveries.values()].map((delivery) => highest(delivery, compareRanks)!);
  return highest(
    winners.filter(({ isTombstone }) => !isTombstone),
    compareDelivered,
  );
}

function highest<Row extends IdRow>(rows: readonly Row[], compare: (a: Row, b: Row) => number): Row | undefined {
  let best: Row | undefined;
  for (const row of rows) if (best === undefined || compare(row, best) > 0) best = row;
  return best;
}

/** Documents that the survivor has taken over from another group. */
export function countMoved(rows: readonly IdRow[], survivor: IdRow | undefined): number {
  if (survivor === undefined) return 0;
  return rows.filter(({ isTombstone, group }) => !isTombstone && group !== survivor.group).length;
}
