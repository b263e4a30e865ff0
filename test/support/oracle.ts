/**
 * What an index must answer, worked out slowly and plainly from the rows as they stand in the files: the sequential reading of
 * the meaning of `replace`, over JS objects. Shares no code with the builder.
 */

/** One row of an input file. */
export interface InputRow {
  /** ms since the epoch. */
  readonly partitionTime: number;
  /** Relative to the source. */
  readonly objectKey: string;
  readonly rowGroup: number;
  readonly row: number;
  readonly id: string | null;
  readonly group: string | null;
  readonly version: bigint | null;
  readonly deleted: boolean;
  /** By column: text, list of text, number, or null. */
  readonly fields: Readonly<Record<string, InputValue>>;
}

export type InputValue = string | bigint | number | readonly (string | null)[] | null;

export interface OracleOptions {
  readonly replace: 'record' | 'group';
  /** False where the schema has no version column. */
  readonly versioned?: boolean;
}

/** What a run over all rows must come to. */
export interface Expected {
  /** By id, in no order. */
  readonly live: ReadonlyMap<string, InputRow>;
  /** Documents that reach a segment. */
  readonly docs: number;
  readonly killed: number;
  readonly moved: number;
  readonly rejected: number;
}

/** Whether a row cannot be placed: it reaches neither documents nor tombstones. */
export function isRejected({ id, group, deleted }: InputRow, replace: 'record' | 'group'): boolean {
  if (replace === 'group') return group === null || (id === null && !deleted);
  return id === null;
}

/** Reads the rows, in any order, as a person would. */
export function expectedOf(rows: readonly InputRow[], options: OracleOptions): Expected {
  const placed = rows.filter((row) => !isRejected(row, options.replace));
  const sorted = placed.toSorted((a, b) => orderRows(a, b, options.versioned !== false));
  const { live, lastGroup } = options.replace === 'record' ? readRecords(sorted) : readGroups(sorted);
  const docs = placed.filter(({ deleted }) => !deleted);
  const moved = docs.filter(({ id, group }) => lastGroup.has(id!) && lastGroup.get(id!) !== group);
  return {
    live,
    docs: docs.length,
    killed: docs.length - live.size,
    moved: moved.length,
    rejected: rows.length - placed.length,
  };
}

/** Old to new: version (none first), partition time, object key by bytes, row group, row. */
function orderRows(a: InputRow, b: InputRow, versioned: boolean): number {
  const version = (row: InputRow) => (versioned && row.version !== null ? row.version : -(2n ** 70n));
  if (version(a) !== version(b)) return version(a) < version(b) ? -1 : 1;
  if (a.partitionTime !== b.partitionTime) return a.partitionTime - b.partitionTime;
  const byKey = Buffer.from(a.objectKey, 'utf8').compare(Buffer.from(b.objectKey, 'utf8'));
  if (byKey !== 0) return byKey;
  return a.rowGroup !== b.rowGroup ? a.rowGroup - b.rowGroup : a.row - b.row;
}

interface Reading {
  readonly live: ReadonlyMap<string, InputRow>;
  /** Group of each id's last document. */
  readonly lastGroup: ReadonlyMap<string, string | null>;
}

/** Every row overwrites the row of its id before it. */
function readRecords(sorted: readonly InputRow[]): Reading {
  const newest = new Map<string, InputRow>();
  for (const row of sorted) newest.set(row.id!, row);
  const live = new Map([...newest].filter(([, row]) => !row.deleted));
  return { live, lastGroup: new Map([...live].map(([id, { group }]) => [id, group])) };
}

/** Partition by partition: what was delivered goes whole, its winners come in, an id that comes in leaves every other group. */
function readGroups(sorted: readonly InputRow[]): Reading {
  const shelves = new Map<string, Map<string, InputRow>>();
  const lastGroup = new Map<string, string | null>();
  const times = [...new Set(sorted.map(({ partitionTime }) => partitionTime))].sort((a, b) => a - b);
  for (const time of times) {
    const arriving = sorted.filter(({ partitionTime }) => partitionTime === time);
    const winners = new Map<string, InputRow>();
    for (const row of arriving) {
      shelves.set(row.group!, new Map());
      if (row.id !== null) {
        const key = JSON.stringify([row.group, row.id]);
        // A later winner comes in later: it must leave its old place in the order.
        winners.delete(key);
        winners.set(key, row);
      }
    }
    for (const row of winners.values()) {
      if (row.deleted) continue;
      for (const shelf of shelves.values()) shelf.delete(row.id!);
      shelves.get(row.group!)!.set(row.id!, row);
      lastGroup.set(row.id!, row.group);
    }
  }
  return { live: new Map([...shelves.values()].flatMap((shelf) => [...shelf])), lastGroup };
}

/** Splits a text into its terms. */
export type Analyze = (text: string) => readonly string[];

/** Documents by term of a field; each value of a list counts, each document once. */
export function docFreqs(live: Iterable<InputRow>, field: string, analyze: Analyze): Map<string, number> {
  const counts = new Map<string, number>();
  for (const row of live) {
    for (const term of new Set(textsOf(row, field).flatMap(analyze))) counts.set(term, (counts.get(term) ?? 0) + 1);
  }
  return counts;
}

/** Occurrences of all terms of a field. */
export function totalTermFreq(live: Iterable<InputRow>, field: string, analyze: Analyze): number {
  let total = 0;
  for (const row of live) total += textsOf(row, field).flatMap(analyze).length;
  return total;
}

/** Sum of an integer column, nulls left out. */
export function sumOf(live: Iterable<InputRow>, field: string): bigint {
  let sum = 0n;
  for (const row of live) {
    const value = row.fields[field];
    if (typeof value === 'bigint') sum += value;
  }
  return sum;
}

/** A field's texts: none, one, or those of a list that are not null. */
export function textsOf(row: InputRow, field: string): string[] {
  const value = row.fields[field];
  if (typeof value === 'string') return [value];
  if (!Array.isArray(value)) return [];
  return value.filter((entry): entry is string => entry !== null);
}
