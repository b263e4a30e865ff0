/** Counts the nastinesses of a nasty set, so that a test can state that each of them occurs. */
import { afterLate, type NastySet, rowsOf } from './nasty-set.js';
import type { InputRow } from './oracle.js';

/** Occurrences by name; a set that lacks one of them proves nothing about it. */
export function takeCensus(set: NastySet): Record<string, number> {
  const rows = rowsOf(afterLate(set)).toSorted(inReadingOrder);
  const initialKeys = new Set(set.initial.map(({ key }) => key));
  return {
    ...censusOfVersions(rows),
    ...censusOfTombstones(rows),
    ...censusOfGroups(rows),
    ...censusOfNulls(rows),
    'late object': set.late.filter(({ key }) => !initialKeys.has(key)).length,
    'rewritten object': set.late.filter(({ key }) => initialKeys.has(key)).length,
    'several objects in a partition': countKeys(
      rows,
      (row) => `${row.partitionTime}`,
      (row) => row.objectKey,
    ),
    'several row groups in an object': countKeys(
      rows,
      (row) => row.objectKey,
      (row) => `${row.rowGroup}`,
    ),
    'Arrow object': set.initial.filter(({ key }) => key.endsWith('.arrow')).length,
    'Parquet object': set.initial.filter(({ key }) => key.endsWith('.parquet')).length,
  };
}

type Pair = (older: InputRow, newer: InputRow) => boolean;

function inReadingOrder(a: InputRow, b: InputRow): number {
  return (
    a.partitionTime - b.partitionTime ||
    Buffer.compare(Buffer.from(a.objectKey), Buffer.from(b.objectKey)) ||
    a.rowGroup - b.rowGroup ||
    a.row - b.row
  );
}

const sameTime: Pair = (a, b) => a.partitionTime === b.partitionTime;
const sameObject: Pair = (a, b) => a.objectKey === b.objectKey;
const sameRowGroup: Pair = (a, b) => sameObject(a, b) && a.rowGroup === b.rowGroup;
const runsBackwards: Pair = (a, b) => a.version !== null && b.version !== null && b.version < a.version;

/** Pairs of rows of one id, in reading order, that fit. */
function countPairs(rows: readonly InputRow[], fits: Pair): number {
  let count = 0;
  rows.forEach((a, i) => {
    if (a.id !== null) for (const b of rows.slice(i + 1)) if (b.id === a.id && fits(a, b)) count++;
  });
  return count;
}

function censusOfVersions(rows: readonly InputRow[]): Record<string, number> {
  return {
    'version runs backwards within a partition': countPairs(rows, (a, b) => sameTime(a, b) && runsBackwards(a, b)),
    'version runs backwards across partitions': countPairs(rows, (a, b) => !sameTime(a, b) && runsBackwards(a, b)),
    'equal versions': countPairs(rows, (a, b) => a.version !== null && a.version === b.version),
    'null version after a version': countPairs(rows, (a, b) => a.version !== null && b.version === null),
    'two null versions': countPairs(rows, (a, b) => a.version === null && b.version === null),
    'duplicate id in a row group': countPairs(rows, sameRowGroup),
    'duplicate id over row groups': countPairs(rows, (a, b) => sameObject(a, b) && !sameRowGroup(a, b)),
    'duplicate id over objects': countPairs(rows, (a, b) => sameTime(a, b) && !sameObject(a, b)),
    'equal versions over objects': countPairs(
      rows,
      (a, b) => sameTime(a, b) && !sameObject(a, b) && a.version === b.version,
    ),
  };
}

function censusOfTombstones(rows: readonly InputRow[]): Record<string, number> {
  const deletedThenOlder: Pair = (a, b) => a.deleted && !b.deleted && (runsBackwards(a, b) || b.version === null);
  return {
    'tombstone, then an older row': countPairs(rows, deletedThenOlder),
    'tombstone, then a newer row': countPairs(rows, (a, b) => a.deleted && !b.deleted && runsBackwards(b, a)),
    'row, then a tombstone that is older': countPairs(rows, (a, b) => !a.deleted && b.deleted && runsBackwards(a, b)),
    'row, then a newer tombstone': countPairs(rows, (a, b) => !a.deleted && b.deleted && runsBackwards(b, a)),
    'tombstone of another group': countPairs(rows, (a, b) => !a.deleted && b.deleted && a.group !== b.group),
    'tombstone without an id': rows.filter(({ id, deleted }) => deleted && id === null).length,
  };
}

function censusOfGroups(rows: readonly InputRow[]): Record<string, number> {
  const moves: Pair = (a, b) => !a.deleted && !b.deleted && a.group !== b.group && a.group !== null && b.group !== null;
  const deliveries = [...groupBy(rows, (row) => `${row.group} ${row.partitionTime}`).values()];
  const hasDocuments = (delivery: readonly InputRow[]) => delivery.some(({ deleted }) => !deleted);
  const byGroup = [...groupBy(rows, ({ group }) => group).values()];
  return {
    'delivery by tombstones alone': deliveries.filter((delivery) => !hasDocuments(delivery)).length,
    'delivery without a former member': byGroup.reduce((sum, members) => sum + countDropouts(members), 0),
    'id moves in a partition': countPairs(rows, (a, b) => sameTime(a, b) && moves(a, b)),
    'id moves over partitions': countPairs(rows, (a, b) => !sameTime(a, b) && moves(a, b)),
    'id moves back': countReturns(rows),
  };
}

/** Members of a delivery that the group's next delivery lacks. */
function countDropouts(members: readonly InputRow[]): number {
  const deliveries = [...groupBy(members, ({ partitionTime }) => partitionTime).values()];
  return deliveries.slice(1).reduce((sum, delivery, i) => {
    const there = new Set(delivery.map(({ id }) => id));
    return sum + deliveries[i]!.filter(({ id, deleted }) => !deleted && !there.has(id)).length;
  }, 0);
}

/** Ids whose documents were in one group, then another, then the first again. */
function countReturns(rows: readonly InputRow[]): number {
  const byId = groupBy(
    rows.filter(({ id, deleted }) => id !== null && !deleted),
    ({ id }) => id,
  );
  return [...byId.values()].filter((own) => {
    const path = own.map(({ group }) => group).filter((group, i, all) => group !== all[i - 1]);
    return path.some((group, i) => i >= 2 && group === path[i - 2]);
  }).length;
}

function censusOfNulls(rows: readonly InputRow[]): Record<string, number> {
  const columns = Object.keys(rows[0]!.fields);
  const nulls = columns.map((name) => [`null ${name}`, rows.filter(({ fields }) => fields[name] === null).length]);
  const lists = rows.map(({ fields }) => fields.keywords).filter((value) => Array.isArray(value));
  return {
    ...Object.fromEntries(nulls),
    'null id': rows.filter(({ id, deleted }) => id === null && !deleted).length,
    'null group': rows.filter(({ group }) => group === null).length,
    'null version': rows.filter(({ version }) => version === null).length,
    'empty list': lists.filter((list) => list.length === 0).length,
    'null in a list': lists.filter((list) => list.includes(null)).length,
    'empty text': rows.filter(({ fields }) => fields.name === '').length,
  };
}

function groupBy<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}

/** Wholes that hold more than one distinct part. */
function countKeys(
  rows: readonly InputRow[],
  whole: (row: InputRow) => string,
  part: (row: InputRow) => string,
): number {
  return [...groupBy(rows, whole).values()].filter((own) => new Set(own.map(part)).size > 1).length;
}
